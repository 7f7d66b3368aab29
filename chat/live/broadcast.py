"""What a room is told: what is kept is published, what is not is broadcast. From any thread."""

from collections.abc import Sequence

from chat.core.protocol import MessagePosted, MessageUpdated, Notified, encode
from chat.live import layer, process
from chat.live.subscription import EncodedFrame


def publish(room: int, changes: Sequence[MessagePosted | MessageUpdated]) -> None:
    """Tell the room with this key of changes that are committed, in the order of their versions.

    In every process; encodes each once. Where no server runs in this process (a command of manage.py),
    hands them to the layer and waits. Never fails: what the layer does not take is read from the database.
    """
    _post(room, [_encoded(change) for change in changes])


def broadcast(room: int, event: Notified, *, for_v1: bool = True) -> None:
    """Tell a room something that is not kept, in every process."""
    text = encode(event)
    _post(room, [EncodedFrame(0, text, text if for_v1 else None)])


def refresh(room: int) -> None:
    """The row of this room has changed, and that is committed: have every process tell its listeners.

    Whoever does not hear of it looks a second later.
    """
    _post(room, [])


def _post(room: int, frames: list[EncodedFrame]) -> None:
    if running := process.running():
        running.hub.post(room, frames)
    else:
        layer.send_from_outside(room, frames)


def _encoded(change: MessagePosted | MessageUpdated) -> EncodedFrame:
    text = encode(change)
    return EncodedFrame(change.version, text, text if isinstance(change, MessagePosted) else None)
