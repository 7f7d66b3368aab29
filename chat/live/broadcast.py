"""What a room is told: what is kept is published, what is not is broadcast. From any thread."""

from collections.abc import Iterable, Sequence
from typing import Any

from chat.core.protocol import Event, MessagePosted, MessageUpdated, encode
from chat.live import backend, process
from chat.live.event import History
from chat.live.subscription import EncodedFrame, Reach
from chat.models import Room
from chat.storage import epochs


def publish(room: int, epoch: str, changes: Sequence[MessagePosted | MessageUpdated]) -> None:
    """Tell the room with this key of changes of this epoch, committed and in the order of their versions.

    In every process; encodes each once. Where no server runs in this process (a command of manage.py),
    hands them to the layer and waits. Never fails: what the layer does not take is read from the database.
    """
    if changes:
        epochs.note(epoch, changes[-1].version)
    _post([History(room, epoch)], [_encoded(change) for change in changes])


def broadcast(room: Room, event: Event, *, for_v1: bool = True, reach: Reach = Reach.ALL) -> None:
    """Tell a room something that is not kept, in every process."""
    text = encode(event)
    _post([History(room.pk, room.epoch)], [EncodedFrame(0, text, text if for_v1 else None, reach=reach)])


def refresh(rooms: Iterable[Room]) -> None:
    """The rows of these rooms have changed, and that is committed: have every process tell its listeners.

    Each room has to be as it was before, or it has another epoch now and nobody listens to that yet.
    Whoever does not hear of it looks a second later, or in a process of many rooms some seconds.
    """
    _post([History(room.pk, room.epoch) for room in rooms], [])


def tell_site(kind: str, data: Any) -> None:
    """Tell every process of the site something that is not kept: `data` of JSON's own types."""
    if running := process.running():
        running.hub.post_to_site(kind, data)
    else:
        backend.send_to_site_from_outside(kind, data)


def _post(histories: list[History], frames: list[EncodedFrame]) -> None:
    if running := process.running():
        for history in histories:
            running.hub.post(history, frames)
    else:
        backend.send_from_outside(histories, frames)


def _encoded(change: MessagePosted | MessageUpdated) -> EncodedFrame:
    text = encode(change)
    return EncodedFrame(change.version, text, text if isinstance(change, MessagePosted) else None)
