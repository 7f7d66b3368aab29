"""Coming into a room: what was missed, or the latest page, and nothing in between."""

import asyncio
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async
from channels.layers import InMemoryChannelLayer, channel_layers
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actors import PROGRAM, VISITOR, Actor, guest
from chat.core.errors import Forbidden, NotFound
from chat.core.protocol import Cursor, EditMessage
from chat.live import process
from chat.models import Directory, Message, Person, ReadMarker, Room
from chat.services import commands, messages, rooms
from chat.services.rooms import CatchUp
from chat.storage import epochs, shapes
from chat.storage.accepted_command import AcceptedCommand


def say(person: Person, room: Room, *texts: str) -> list[int]:
    return [messages.post(guest(person), room, text).pk for text in texts]


def fresh(room: Room) -> Room:
    found = rooms.find([(PROGRAM, room.slug)])[PROGRAM, room.slug]
    assert found
    return found


def frames(catch_up: CatchUp) -> list[Any]:
    return [msgspec.json.decode(text) for text in catch_up.texts]


def page(catch_up: CatchUp) -> list[Any]:
    """The messages of the latest page, which is all that is told."""
    [history] = frames(catch_up)
    assert history["type"] == "history"
    found: list[Any] = history["messages"]
    return found


def test_a_room_is_found_by_its_address(lounge: Room) -> None:
    carol = Actor("guest")
    asked = [(carol, "nowhere"), (carol, "lounge")]
    assert rooms.find(asked) == {(carol, "lounge"): lounge, (carol, "nowhere"): None}


def test_nobody_is_told_that_all_is_there_once_the_room_was_put_back(alice: Person, lounge: Room) -> None:
    """What this process knows of it is above what the database has; their cursor is below both."""
    say(alice, lounge, "1", "2", "3")
    cursor = Cursor(after=2, epoch=lounge.epoch)
    epochs.note(lounge.epoch, 4)

    [catch_up] = rooms.catch_ups([(PROGRAM, "lounge", cursor, False)]).values()

    assert catch_up
    assert not catch_up.is_recovered
    lounge.refresh_from_db()
    assert catch_up.room.epoch == lounge.epoch != cursor.epoch
    assert catch_up.version == lounge.version > 4


def test_after_a_new_epoch_everybody_gets_the_latest_page(alice: Person, lounge: Room) -> None:
    say(alice, lounge, "1", "2", "3")
    other = Room.objects.create(slug="other", title="Other")
    dead = Room.objects.create(slug=f"{Room.DELETED}dead", title="Dead")
    cursor = Cursor(after=2, epoch=lounge.epoch)

    assert rooms.begin_anew(PROGRAM) == Room.objects.count() - 1

    catch_up = rooms.catch_up(PROGRAM, fresh(lounge), cursor, 50)
    assert not catch_up.is_recovered
    assert [message["message"] for message in page(catch_up)] == ["1", "2", "3"]
    assert fresh(other).epoch != other.epoch
    assert Room.objects.get(pk=dead.pk).epoch == dead.epoch


def test_a_new_epoch_of_one_room_is_of_no_other(lounge: Room) -> None:
    other = Room.objects.create(slug="other", title="Other")

    call_command("chat_new_epoch", "--room", "lounge")

    assert fresh(lounge).epoch != lounge.epoch
    assert fresh(other).epoch == other.epoch
    with pytest.raises(CommandError, match="There is no room nowhere"):
        call_command("chat_new_epoch", "--room", "nowhere")
    with pytest.raises(Forbidden):
        rooms.begin_anew(Actor("moderator"))


def test_who_was_away_is_told_everything_that_changed(alice: Person, lounge: Room) -> None:
    first, _second, third, fourth = say(alice, lounge, "1", "2", "3", "4")
    for number, id in enumerate((first, third)):
        change = EditMessage(id=id, message=f"{id}!", ref=str(number))
        commands.run([AcceptedCommand(guest(alice), change)])

    catch_up = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=2, epoch=lounge.epoch), 50)

    assert catch_up.is_recovered
    assert [(frame["type"], frame["id"], frame["version"]) for frame in frames(catch_up)] == [
        ("message", fourth, 4),
        ("update", first, 5),
        ("update", third, 6),
    ]
    assert catch_up.version == 6


def test_who_has_missed_nothing_is_told_nothing(alice: Person, lounge: Room) -> None:
    say(alice, lounge, "1")

    catch_up = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=1, epoch=lounge.epoch), 50)

    assert (catch_up.is_recovered, catch_up.texts, catch_up.size, catch_up.version) == (True, [], 0, 1)


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor(),
        Cursor(after=0),
        Cursor(after=1, epoch="another"),
        Cursor(after=99, epoch="this"),
    ],
)
def test_a_cursor_that_means_nothing_gets_the_latest_page(
    alice: Person, lounge: Room, cursor: Cursor
) -> None:
    say(alice, lounge, "1", "2", "3")
    Room.objects.filter(pk=lounge.pk).update(epoch="this")

    catch_up = rooms.catch_up(PROGRAM, fresh(lounge), cursor, 2)

    assert not catch_up.is_recovered
    assert [message["message"] for message in page(catch_up)] == ["2", "3"]
    assert catch_up.version == 3


def test_a_large_gap_is_never_told_in_part(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "RECOVERY_LIMIT", 3)
    say(alice, lounge, "1", "2", "3", "4")

    three = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=1, epoch=lounge.epoch), 50)
    four = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=0, epoch=lounge.epoch), 50)

    assert three.is_recovered
    assert len(three.texts) == 3
    assert not four.is_recovered
    assert len(page(four)) == 4


@pytest.mark.parametrize(("letter", "size"), [("x", 1), ("я", 2), ("😀", 4), ('"', 2)])
def test_a_gap_of_long_messages_is_not_told_in_part_either(
    alice: Person, lounge: Room, letter: str, size: int
) -> None:
    """What counts is what is sent: bytes of frames."""
    say(alice, lounge, *(letter * 4000 for _ in range(70)))
    most = rooms.RECOVERY_SIZE // (4000 * size + 250)

    some = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=70 - most, epoch=lounge.epoch), 50)
    many = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=70 - most - 3, epoch=lounge.epoch), 50)

    assert some.is_recovered
    assert len(some.texts) == most
    assert sum(map(len, some.texts)) <= rooms.RECOVERY_SIZE
    assert not many.is_recovered
    assert len(page(many)) < 70


def test_reactions_count_as_well(alice: Person, lounge: Room) -> None:
    say(alice, lounge, *map(str, range(20)))
    Message.objects.update(reactions={"👍": [f"{number:064}" for number in range(300)]}, first_version=0)

    few = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=10, epoch=lounge.epoch), 50)
    many = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=0, epoch=lounge.epoch), 50)

    assert few.is_recovered
    assert sum(map(len, few.texts)) <= rooms.RECOVERY_SIZE
    assert not many.is_recovered


def test_ten_cursors_into_large_rows_cost_little_memory(alice: Person, lounge: Room) -> None:
    """Rows as they once could be: a gap of 20 MB is found out from its beginning."""
    say(alice, lounge, *("x" for _ in range(200)))
    bomb = {f"{kind:032}": ["a" * 64] for kind in range(1000)}
    Message.objects.update(reactions=bomb, first_version=0)
    cursors = [(PROGRAM, "lounge", Cursor(after=after, epoch=lounge.epoch), False) for after in range(10)]

    tracemalloc.start()
    catch_ups = rooms.catch_ups(cursors)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not any(catch_up and catch_up.is_recovered for catch_up in catch_ups.values())
    assert most < 4 << 20


def test_a_gap_of_too_many_is_not_read_and_one_of_too_much_is_paid_for(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, lounge, *map(str, range(40)))
    latest = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(), 50)
    everything = Cursor(after=0, epoch=lounge.epoch)

    monkeypatch.setattr(rooms, "RECOVERY_SIZE", 4000)
    too_much = rooms.catch_up(PROGRAM, fresh(lounge), everything, 50)
    monkeypatch.setattr(rooms, "RECOVERY_LIMIT", 39)
    too_many = rooms.catch_up(PROGRAM, fresh(lounge), everything, 50)

    assert too_much.texts == too_many.texts == latest.texts
    assert too_many.size == latest.size
    assert latest.size + 4000 < too_much.size < latest.size + 5000


@pytest.mark.parametrize("count", [2, 3, 18, 40])
def test_a_gap_is_told_whole_in_however_many_queries_it_is_read(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Three rows first, then fifteen: the gap ends within what is asked for at a time, or at its end."""
    said = say(alice, lounge, *map(str, range(count)))
    monkeypatch.setattr("chat.models.message.PAGE", 3)

    catch_up = rooms.catch_up(PROGRAM, fresh(lounge), Cursor(after=0, epoch=lounge.epoch), 50)

    assert catch_up.is_recovered
    assert [frame["id"] for frame in frames(catch_up)] == said


def test_two_who_delete_a_room_at_once_have_deleted_it(
    alice: Person, lounge: Room, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        rooms.delete(PROGRAM, fresh(lounge))

    rooms.delete(PROGRAM, lounge)

    assert not Room.objects.filter(pk=lounge.pk).exists()


def test_another_title_moves_nothing_else(alice: Person, lounge: Room) -> None:
    """A form has read the room some time ago; what is said meanwhile has its version for good."""
    read_before = fresh(lounge)
    say(alice, lounge, "1", "2")

    read_before.title = "Salon"
    rooms.describe(PROGRAM, read_before)

    room = fresh(lounge)
    assert (room.title, room.version) == ("Salon", 2)


def test_what_goes_with_a_room_goes_in_portions(
    lounge: Room, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Of a room that a hundred thousand have read, too: others write meanwhile."""
    monkeypatch.setattr(rooms, "DELETED_AT_A_TIME", 3)
    people_ = Person.objects.bulk_create(Person(pk=f"p{number}", name="P") for number in range(7))
    ReadMarker.objects.bulk_create(ReadMarker(person=one, room=lounge, message=1) for one in people_)

    with (
        CaptureQueriesContext(connection) as queries,
        django_capture_on_commit_callbacks(execute=True),
    ):
        rooms.delete(PROGRAM, lounge)

    assert not ReadMarker.objects.exists()
    portions = [one for one in queries if one["sql"].startswith('DELETE FROM "chat_readmarker"')]
    assert len([one for one in portions if '"id" IN' in one["sql"]]) == 3


def test_nothing_is_said_in_a_room_that_is_being_deleted(
    alice: Person, lounge: Room, django_capture_on_commit_callbacks: Any
) -> None:
    [first] = say(alice, lounge, "1")
    with django_capture_on_commit_callbacks() as rest:
        rooms.delete(PROGRAM, lounge)

    with pytest.raises(NotFound):
        messages.post(guest(alice), lounge, "2")
    edit = EditMessage(id=first, message="1!", ref="edit")
    [refused] = commands.run([AcceptedCommand(guest(alice), edit)])
    assert isinstance(refused, NotFound)
    carol = Actor("guest")
    assert rooms.find([(carol, "lounge")]) == {(carol, "lounge"): None}

    for one in rest:
        one()
    assert not Room.objects.filter(pk=lounge.pk).exists()


async def test_a_copy_of_a_database_is_another_site_and_its_processes_go_over(
    lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = InMemoryChannelLayer()
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    here = process.current()
    await here.directory.known()
    here.hub.post_to_site("anything", None)  # which has it begin
    before = (await Directory.objects.aget()).site
    await becomes(lambda: f"site.{before}" in layer.groups)

    await sync_to_async(rooms.begin_anew)(PROGRAM, lobby.slug)
    assert (await Directory.objects.aget()).site == before
    await sync_to_async(rooms.begin_anew)(PROGRAM)

    now = (await Directory.objects.aget()).site
    assert now != before
    await becomes(lambda: f"site.{now}" in layer.groups and f"site.{before}" not in layer.groups)
    assert here.hub.site == now


async def becomes(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.django_db
def test_a_room_that_is_not_there_costs_what_one_costs_that_nobody_may_see(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Room.objects.create(slug="closed", title="Closed", mode="members")
    made: list[str] = []
    make = shapes.made

    def noted(*row: Any) -> Any:
        made.append("a room")
        return make(*row)

    monkeypatch.setattr(shapes, "made", noted)

    for slug in ("closed", "absent"):
        with CaptureQueriesContext(connection) as queries:
            assert rooms.at(VISITOR, slug) is None
        made.append(f"{len(queries)} for {slug}")

    assert made == ["a room", "1 for closed", "a room", "1 for absent"]
