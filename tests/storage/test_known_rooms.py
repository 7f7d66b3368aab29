"""A room that nobody has touched is not read again, and whatever anybody else writes is seen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction

from chat.actors import guest
from chat.core.protocol import AnyChange, PostMessage
from chat.models import Message, Person, Room
from chat.services import batches
from chat.storage.accepted_command import AcceptedCommand

pytestmark = [
    pytest.mark.stack("sqlite"),  # PostgreSQL reads each room to lock it
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def say(alice: Person, lobby: Room) -> Callable[..., object]:
    """Says something in the lobby by the writer's way: its version, or the error."""

    def say(text: str = "hi") -> object:
        change: AnyChange = PostMessage(message=text)
        [outcome] = batches.carry_out([AcceptedCommand(guest(alice), change, room=lobby.pk, key=text)])
        return getattr(outcome, "version", type(outcome).__name__)

    assert say("first") == lobby.version + 1
    return say


@contextmanager
def heard() -> Iterator[list[str]]:
    """What SQLite is asked meanwhile."""
    asked: list[str] = []
    connection.connection.set_trace_callback(asked.append)
    yield asked
    connection.connection.set_trace_callback(None)


def reads(asked: list[str]) -> int:
    """How often the rooms were read."""
    return sum(sql.startswith("SELECT chat_room.") for sql in asked)


def elsewhere(work: Callable[[], object]) -> None:
    """Have something done by another connection."""

    def run() -> None:
        work()
        connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def test_a_room_that_nobody_has_touched_is_not_read_again(say: Callable[..., object], lobby: Room) -> None:
    with heard() as asked:
        versions = [say(), say()]

    assert versions == [lobby.version + 2, lobby.version + 3]
    assert reads(asked) == 0
    assert Room.objects.get(pk=lobby.pk).version == lobby.version + 3


def test_what_another_connection_writes_is_seen(say: Callable[..., object], lobby: Room) -> None:
    elsewhere(lambda: Room.objects.filter(pk=lobby.pk).update(version=100))
    assert say("second") == 101

    elsewhere(lambda: Room.objects.filter(pk=lobby.pk).update(is_archived=True))
    assert say("third") == "ReadOnly"


def test_what_its_own_connection_writes_otherwise_is_seen(say: Callable[..., object], lobby: Room) -> None:
    Room.objects.filter(pk=lobby.pk).update(version=100)
    assert say("second") == 101

    with transaction.atomic():
        say("third")
        Room.objects.filter(pk=lobby.pk).update(version=200)
    assert say("fourth") == 201


def test_of_what_was_not_kept_nothing_is_known(
    say: Callable[..., object], alice: Person, lobby: Room
) -> None:
    with suppress(DatabaseError), transaction.atomic():
        say("second")
        raise DatabaseError
    assert say("third") == lobby.version + 2

    new, broken = PostMessage(message="new"), PostMessage(message=None)  # type: ignore[arg-type]
    with suppress(TypeError):
        batches.carry_out([AcceptedCommand(guest(alice), one, room=lobby.pk) for one in (new, broken)])
    assert say("fourth") == lobby.version + 3

    assert list(Message.objects.values_list("text", flat=True)) == ["fourth", "third", "first"]
