"""The event: what one process tells the others, as it crosses the channel layer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from chat.live.subscription import EncodedFrame, Reach


class History(NamedTuple):
    """One history of a room: whatever is told belongs to one, and to no other that the room has had.

    The epoch is the database's own, so those who share a Redis and no database have no history in common.
    """

    #: The room's key.
    room: int
    epoch: str

    @property
    def group(self) -> str:
        """Its group in the channel layer."""
        return f"room.{self.room}.{self.epoch}"


def event(history: History, frames: Sequence[EncodedFrame], origin: str) -> dict[str, Any]:
    """The frames as they cross the layer, from the process that is called `origin`."""
    rows = [[frame.version, frame.v2, frame.v1 is not None, int(frame.reach)] for frame in frames]
    return {
        "type": "room.event",
        "room": history.room,
        "epoch": history.epoch,
        "origin": origin,
        "frames": rows,
    }


def told(event: dict[str, Any]) -> tuple[History, list[EncodedFrame]]:
    """What an event tells. Raises LookupError, TypeError or ValueError where it is none of ours."""
    frames = [
        EncodedFrame(version, text, text if for_v1 else None, reach=Reach(reach))
        for version, text, for_v1, reach in event["frames"]
    ]
    return History(event["room"], event["epoch"]), frames


def site_group(site: str) -> str:
    """The group of all processes of a site."""
    return f"site.{site}"


def site_event(site: str, kind: str, data: Any, origin: str) -> dict[str, Any]:
    """What concerns no one room, from the process that is called `origin`: `data` is JSON's own types."""
    return {"type": "site.event", "site": site, "kind": kind, "data": data, "origin": origin}
