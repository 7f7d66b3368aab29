"""What all frames have in common."""

from msgspec import Struct


class Command(Struct, tag_field="type"):
    """Asked by a client that has a name."""

    @property
    def named(self) -> tuple[str, str | None]:
        """Its type, and the room that it names, if it names one."""
        tag = self.__struct_config__.tag
        assert isinstance(tag, str)
        return tag, getattr(self, "room", None)


class Change(Command):
    """Asks for a change of a room's log. Its `ref` comes back in the answer, so a retry is harmless."""


class Event(Struct, tag_field="type"):
    """Told by the server."""
