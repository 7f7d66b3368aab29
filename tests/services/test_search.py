"""The search: what is found, by whom, and how it comes into the index."""

from typing import Any

import pytest
from django.db import connection

from chat.actors import PROGRAM, VISITOR, Actor, guest
from chat.core.errors import NotFound
from chat.core.protocol import DeleteMessage, EditMessage, Found, PostMessage, Search
from chat.models import Message, Mode, Person, Room, SearchMark
from chat.models.room import new_epoch
from chat.services import commands, erasure, indexing, messages, pruning, rooms, search
from chat.storage import search_index
from chat.storage.accepted_command import AcceptedCommand


@pytest.fixture(autouse=True)
def _by_the_index_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TAIL", 0)


def say(person: Person, room: Room, *texts: str) -> list[int]:
    return [messages.post(guest(person), room, text).pk for text in texts]


def change(person: Person, change: Any) -> None:
    commands.run([AcceptedCommand(guest(person), change)])


def index() -> None:
    while indexing.index_some():
        pass


def find(q: str, room: Room | None = None, actor: Actor = PROGRAM, **wanted: Any) -> Found:
    return search.find(actor, room, Search(q=q, **wanted))


def texts(q: str, room: Room | None = None, actor: Actor = PROGRAM) -> list[str]:
    return [str(event.message) for event in find(q, room, actor).messages]


def entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chat_wordindex")
        return int(cursor.fetchone()[0])


def test_words_are_found_in_their_forms_the_newest_first(alice: Person, lounge: Room) -> None:
    say(alice, lounge, "Чайник на столе", "Мы пьём чай", "С чайниками беда", "He was running", "Run!")
    index()

    assert texts("чайником") == ["С чайниками беда", "Чайник на столе"]
    assert texts("runs") == ["Run!", "He was running"]
    assert texts("пьем чай") == ["Мы пьём чай"]
    assert texts("чайн") == ["С чайниками беда", "Чайник на столе"]
    assert texts("чайник стол") == ["Чайник на столе"]
    say(alice, lounge, "teapots")
    index()
    assert (texts("teap"), texts("teap ")) == (["teapots"], [])
    assert texts("кофе") == texts("?!") == []


def test_what_was_just_said_is_found_before_it_is_indexed(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, lounge, "tea one")
    index()
    say(alice, lounge, "tea two")
    assert texts("tea") == ["tea one"]

    monkeypatch.setattr(search, "TAIL", 1)
    assert texts("tea") == ["tea two", "tea one"]
    monkeypatch.setattr(search, "TAIL", 500)
    assert texts("tea") == ["tea two", "tea one"]


def test_an_edit_is_found_as_it_now_stands_and_what_is_deleted_never(alice: Person, lounge: Room) -> None:
    say(alice, lounge, "green tea", "black tea")
    commands.run([AcceptedCommand(guest(alice), PostMessage(message="white tea", ref="w"), room=lounge.pk)])
    three = Message.objects.get(ref="w").pk
    index()

    change(alice, EditMessage(id=three, message="white coffee", ref="e"))
    assert texts("white tea") == []  # before the index knows
    index()
    assert texts("white coffee") == ["white coffee"]

    change(alice, DeleteMessage(id=three, ref="d"))
    assert texts("coffee") == []
    assert entries() == 3
    index()
    assert entries() == 2


def test_what_was_said_before_the_index_comes_in_backwards(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, lounge, *(f"tea {number}" for number in range(7)))
    monkeypatch.setattr(indexing, "MESSAGES", 3)

    assert indexing.index_some()
    assert texts("tea") == []
    assert indexing.index_some()
    assert texts("tea") == ["tea 6", "tea 5", "tea 4"]
    say(alice, lounge, "tea 7")
    assert indexing.index_some()
    assert texts("tea")[0] == "tea 7"
    index()
    assert texts("tea") == [f"tea {number}" for number in reversed(range(8))]
    assert not indexing.index_some()


def test_two_processes_take_in_the_same_once(alice: Person, lounge: Room) -> None:
    index()
    say(alice, lounge, "tea")
    late = indexing._step(indexing._behind()[0], 10)
    index()
    Message.objects.update(text="coffee")  # as it would be read by now

    indexing._take([late])

    assert SearchMark.objects.get(room=lounge).version == 1
    assert entries() == 1


def test_many_rooms_come_in_at_one_time_and_all_again_where_one_has_moved(
    alice: Person, lounge: Room
) -> None:
    den = Room.objects.create(slug="den", title="Den")
    index()
    for room in (lounge, den):
        say(alice, room, "tea", "coffee")
    late = [indexing._step(room, 10) for room in indexing._behind()]
    SearchMark.objects.filter(room=den).update(version=1)  # another process has taken in some of it

    indexing._take(late)
    assert entries() == 0
    assert not indexing.index_some()
    assert entries() == 3
    assert texts("coffee", lounge) == texts("coffee", den) == ["coffee"]


def test_what_is_gone_meanwhile_is_not_taken_in(alice: Person, lounge: Room) -> None:
    index()
    say(alice, lounge, "tea")
    step = indexing._step(indexing._behind()[0], 10)
    Message.objects.all().delete()

    indexing._take([step])

    assert entries() == 0


def test_another_history_of_a_room_is_taken_in_anew(alice: Person, lounge: Room) -> None:
    [one] = say(alice, lounge, "tea")
    index()
    Message.objects.filter(pk=one).update(text="coffee")
    Room.objects.filter(pk=lounge.pk).update(epoch=new_epoch())
    assert texts("coffee") == []

    index()

    assert texts("coffee") == ["coffee"]
    assert texts("tea") == []


def test_everybody_finds_what_they_may_read_and_nothing_else(
    alice: Person, bob: Person, lounge: Room
) -> None:
    den = Room.objects.create(slug="den", title="Den", mode=Mode.MEMBERS)
    talk = Room.objects.create(slug="d", title="", mode=Mode.MEMBERS, direct="1:2")
    gone = Room.objects.create(slug="~gone", title="Gone")
    for room in (lounge, den, talk, gone):
        Message.objects.create(
            room=room, author=alice, text=f"tea in {room.slug}", version=1, first_version=1
        )
        Room.objects.filter(pk=room.pk).update(version=1)
    index()
    member = guest(bob, frozenset({(den.pk, "member")}))

    assert texts("tea", actor=guest(bob)) == texts("tea", actor=VISITOR) == ["tea in lounge"]
    assert texts("tea", actor=member) == ["tea in den", "tea in lounge"]
    assert texts("tea", den, member) == ["tea in den"]
    assert texts("tea", lounge, member) == ["tea in lounge"]
    for room in (den, talk, gone):
        with pytest.raises(NotFound):
            find("tea", room, guest(bob))


def test_what_goes_leaves_the_index(alice: Person, bob: Person, lounge: Room, settings: Any) -> None:
    den = Room.objects.create(slug="den", title="Den")
    say(alice, lounge, "old tea", "new tea")
    say(alice, den, "tea in the den")
    say(bob, lounge, "tea of Bob")
    index()
    assert entries() == 4

    Message.objects.update(sent_at="2020-01-01T00:00:00Z")
    lounge.keep_messages = 2
    lounge.save()
    assert sum(pruned.messages for pruned in pruning.prune(PROGRAM, lounge)) == 1
    assert entries() == 3
    rooms._delete_rest(den)
    assert entries() == 2
    erasure.erase(PROGRAM, bob, "delete")
    index()
    assert (entries(), texts("tea")) == (1, ["new tea"])

    Message.objects.all().delete()  # by hand
    assert sum(indexing.sweep()) == 1
    assert entries() == 0


def test_more_goes_on_where_it_ended(alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "PORTION", 2)
    said = say(alice, lounge, *(f"tea {number}" for number in range(7)))
    index()

    first = find("tea", limit=3)
    assert ([event.id for event in first.messages], first.more) == (said[:3:-1], True)
    assert first.before == said[4]
    rest = find("tea", limit=50, before=first.before)
    assert ([event.id for event in rest.messages], rest.more) == (said[3::-1], False)


def test_where_there_is_nothing_for_long_nothing_is_asked_about(alice: Person, lounge: Room) -> None:
    low, high = say(alice, lounge, "old tea", "new tea")
    Message.objects.filter(pk=high).update(id=10**12)
    index()

    found = find("tea")

    assert ([event.id for event in found.messages], found.more) == ([10**12, low], False)


def test_a_question_that_takes_too_long_is_answered_in_parts(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    den = Room.objects.create(slug="den", title="Den", mode=Mode.MEMBERS)
    said = say(alice, lounge, "tea for all")
    for number in range(5):
        Message.objects.create(room=den, author=alice, text="tea", version=number, first_version=1)
    Room.objects.filter(pk=den.pk).update(version=5)
    index()
    monkeypatch.setattr(search_index, "PORTION", 2)
    monkeypatch.setattr(search_index, "MOST", 2)
    monkeypatch.setattr(search, "PATIENCE", 0)
    monkeypatch.setattr(search, "ROOMS", 0)  # which are too many, so those of others are walked past

    found, asked = find("tea", actor=guest(alice)), 1
    assert (found.messages, found.more) == ([], True)
    while found.more:
        found, asked = find("tea", actor=guest(alice), before=found.before), asked + 1
        if found.messages:
            assert [event.id for event in found.messages] == said
            break
    assert 1 < asked < 5


def test_blocks_of_keys_are_asked_about_in_turn(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "_BLOCK", 1)
    monkeypatch.setattr(search_index, "_BLOCKS", 2)
    said = [10**9 + number for number in range(1, 10)]
    for key in said:
        Message.objects.filter(pk__in=say(alice, lounge, f"tea {key}")).update(id=key)
    index()
    block = 10**9 // 2
    stretches = [(block + 4, block + 5), (block + 2, block + 4), (block, block + 2)]
    assert list(search_index._stretches(10**9 + 12)) == stretches

    assert [event.id for event in find("tea", limit=50).messages] == said[::-1]
    assert [event.id for event in find("tea", before=said[4], limit=50).messages] == said[3::-1]
