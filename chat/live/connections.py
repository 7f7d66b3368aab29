"""The connections of this process, by their people: what concerns a person is told to all of theirs."""

from collections.abc import Callable
from typing import Any, Protocol

from chat.core.protocol import Event, NameWas, encode


class Connection(Protocol):
    """One connection, as others know it (chat/socket/connection.py)."""

    dialect: int
    #: Who it is (actors.Actor), once that is known.
    actor: Any

    @property
    def queue(self) -> Any:
        """The way to its client."""

    def be_called(self, name: str, name_was: NameWas) -> None:
        """Its person has another name from now on, and why."""


class Connections:
    """By the id of the person, in the order they came; by "" those of readers, who are none.

    Belongs to one event loop.
    """

    #: What the site is told of one person: all processes look for their connections.
    KIND = "person"

    def __init__(self, tell_site: Callable[[str, Any], None]) -> None:
        self._of: dict[str, dict[Connection, None]] = {}
        self._tell_site = tell_site

    def add(self, person: str, connection: Connection) -> None:
        """It is known whose connection this is."""
        self._of.setdefault(person, {})[connection] = None

    def remove(self, person: str, connection: Connection) -> None:
        """It is gone. To remove what is not there changes nothing."""
        connections = self._of.get(person, {})
        connections.pop(connection, None)
        if not connections:
            self._of.pop(person, None)

    def of(self, person: str) -> list[Connection]:
        """The connections of a person."""
        return list(self._of.get(person, ()))

    def all(self) -> list[Connection]:
        """Every connection, person by person."""
        return [connection for connections in self._of.values() for connection in connections]

    def tell(self, person: str, event: Event) -> None:
        """Tell all v2 connections of a person, in every process. It is told at most once."""
        self._tell_site(self.KIND, {"person": person, "frame": encode(event)})

    def heard(self, data: Any) -> None:
        """What some process tells a person: pass it on to those connections that are here."""
        for connection in self.of(data["person"]):
            if connection.dialect == 2:
                connection.queue.send(data["frame"])

    def rename(self, person: str, name: str, name_was: NameWas) -> None:
        """Have all connections that a person has here be called otherwise; why, if not as they asked."""
        for connection in self.of(person):
            connection.be_called(name, name_was)
