"""The rows of many rooms at once, as the database compares them."""

from chat.models import Room
from chat.storage import room_rows


def test_what_differs_and_what_is_gone_is_found(db: None) -> None:
    rooms = [
        Room.objects.create(slug=f"room-{number}", title="Room", topic="Tea", version=number)
        for number in range(1200)
    ]
    versions = {room.pk: room.version for room in rooms}
    gone = rooms[-1].pk + 1
    versions |= {rooms[3].pk: 2, rooms[1100].pk: 1101, gone: 0}

    found = room_rows.differing(versions)

    assert found == {rooms[3].pk: rooms[3], rooms[1100].pk: rooms[1100], gone: None}
    same = found[rooms[3].pk]
    assert same
    for field in ("slug", "title", "topic", "epoch", "version"):
        assert getattr(same, field) == getattr(rooms[3], field)


def test_rows_are_read_by_their_keys(db: None) -> None:
    room = Room.objects.create(slug="room", title="Room")

    assert room_rows.read([room.pk, room.pk + 1]) == {room.pk: room, room.pk + 1: None}
    assert room_rows.read([]) == {}
