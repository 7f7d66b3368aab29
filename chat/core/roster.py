"""The roster: who is here now, by id, and under which name."""

from dataclasses import dataclass, field


@dataclass
class Roster:
    """The ids in use and their names. An id is held by one at a time, until it is let go."""

    _names: dict[str, str] = field(default_factory=dict)

    def __contains__(self, id: str) -> bool:
        return id in self._names

    def names(self) -> set[str]:
        """Every name in use."""
        return set(self._names.values())

    def hold(self, id: str, name: str) -> None:
        """Take `id` under `name`. Raises KeyError where somebody has it."""
        if id in self._names:
            raise KeyError(id)
        self._names[id] = name

    def let_go(self, id: str) -> None:
        """The one who held `id` has left."""
        self._names.pop(id, None)
