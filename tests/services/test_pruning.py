"""What is too old goes, and nothing that is to stay, nor what depends on what is gone."""

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from chat.actors import PROGRAM, VISITOR, guest
from chat.core.errors import Forbidden, NotFound, RefReused
from chat.core.protocol import Cursor, EditMessage, PostMessage, ReadHistory
from chat.models import (
    ActKind,
    HeldMessage,
    Message,
    ModerationAct,
    Notice,
    Person,
    ProcessedCommand,
    ReadMarker,
    Report,
    Room,
    SlowMark,
)
from chat.services import commands, history, pruning, reading, retention, rooms
from chat.services.reading import Mark
from chat.storage.accepted_command import AcceptedCommand
from tests.services.archived import delete, react, say


def age(days: float, *ids: int) -> None:
    """These messages were said so many days ago."""
    Message.objects.filter(pk__in=ids).update(sent_at=timezone.now() - timedelta(days=days))


def left(room: Room) -> list[int]:
    return list(Message.objects.filter(room=room).order_by("pk").values_list("pk", flat=True))


def sweep(room: Room | None = None) -> int:
    return sum(count for _what, count in retention.sweep(PROGRAM, room))


@pytest.fixture
def said(alice: Person, lounge: Room) -> list[int]:
    """Ten messages, one a day, the last one yesterday."""
    ids = [say(alice, lounge, f"day {number}", f"ref {number}").id for number in range(10)]
    for number, id in enumerate(ids):
        age(10 - number, id)
    return ids


def keep(room: Room, **how: Any) -> None:
    Room.objects.filter(pk=room.pk).update(**{f"keep_{name}": value for name, value in how.items()})


@pytest.mark.parametrize(
    ("of_room", "of_site", "count"),
    [
        ({}, {}, 10),
        ({"days": 5}, {}, 4),
        ({"messages": 3}, {}, 3),
        ({"days": 5, "messages": 3}, {}, 3),
        ({"days": 3, "messages": 9}, {}, 2),
        ({"messages": 20}, {}, 10),
        ({}, {"KEEP_DAYS": 5}, 4),
        ({}, {"KEEP_MESSAGES": 3}, 3),
        ({"days": 0}, {"KEEP_DAYS": 5}, 10),
        ({"messages": 0}, {"KEEP_MESSAGES": 3}, 10),
        ({"days": 8}, {"KEEP_DAYS": 5}, 7),
    ],
)
def test_a_room_keeps_as_much_as_it_says_or_the_site(
    said: list[int],
    lounge: Room,
    of_room: dict[str, int],
    of_site: dict[str, int],
    count: int,
    settings: Any,
) -> None:
    settings.CHAT = of_site
    keep(lounge, **of_room)
    before = Room.objects.filter(pk=lounge.pk).values("version", "epoch").get()
    planned = {one.room: one.messages for one in pruning.plan(PROGRAM)}
    assert left(lounge) == said

    sweep()

    expected = said[-count:]
    assert left(lounge) == expected
    assert planned == ({lounge: 10 - count} if count < 10 else {})
    assert Room.objects.filter(pk=lounge.pk).values("version", "epoch").get() == before
    assert sweep() == 0


def test_what_was_just_said_stays_however_few_a_room_keeps(alice: Person, lounge: Room) -> None:
    ids = [say(alice, lounge, "now", f"{number}").id for number in range(5)]
    keep(lounge, messages=1)
    age(1, *ids[:2])

    sweep()

    assert left(lounge) == ids[2:]


def test_it_goes_in_portions_and_past_what_stays(
    said: list[int], bob: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "AT_A_TIME", 2)
    monkeypatch.setattr(pruning, "LOOKS", 3)
    for id in said[:4]:
        Report.objects.create(message_id=id, reporter=bob)
    Room.objects.filter(pk=lounge.pk).update(pinned=said[4], keep_messages=2)

    portions = [one.messages for one in pruning.prune(PROGRAM, lounge)]

    assert left(lounge) == [*said[:5], *said[-2:]]
    assert max(portions) <= 2

    Report.objects.update(state="dismissed")
    Room.objects.filter(pk=lounge.pk).update(pinned=None)
    sweep()
    assert left(lounge) == said[-2:]
    assert not Report.objects.exists()


def test_a_retry_of_what_is_gone_is_a_retry(
    said: list[int], alice: Person, bob: Person, lounge: Room
) -> None:
    react(alice, said[0], "👍", "reaction")
    delete(alice, said[1], "deletion")
    before = {one.pk: one.first_version for one in Message.objects.all()}
    keep(lounge, days=5)
    sweep()
    gone = said[:6]

    for number, id in enumerate(gone):
        again = say(alice, lounge, f"day {number}", f"ref {number}")
        assert (again.is_repeat, again.id, again.version) == (True, id, before[id])
    assert react(alice, said[0], "👍", "reaction").is_repeat
    assert delete(alice, said[1], "deletion").is_repeat
    other = PostMessage(message="something else", ref="ref 1")
    [outcome] = commands.run([AcceptedCommand(guest(alice), other, room=lounge.pk)])
    assert isinstance(outcome, RefReused)
    assert not say(bob, lounge, "day 1", "ref 1").is_repeat  # it is another's


def test_a_ref_is_known_as_long_as_any(said: list[int], alice: Person, lounge: Room) -> None:
    age(100, said[0])
    keep(lounge, days=5)
    sweep()

    refs = ProcessedCommand.objects.order_by("pk").values_list("ref", flat=True)
    assert list(refs) == [f"ref {number}" for number in range(1, 6)]
    ProcessedCommand.objects.update(at=timezone.now() - timedelta(days=91))
    assert not retention.forget_some()
    assert not refs.all()


def test_what_answers_it_still_does(said: list[int], alice: Person, lounge: Room) -> None:
    answer = say(alice, lounge, "yes", "answer", reply_to=said[0])
    HeldMessage.objects.create(room=lounge, author=alice, name="A", text="no", reply_to_id=said[0])
    keep(lounge, days=5)

    sweep()

    [event] = history.page(PROGRAM, lounge, ReadHistory(room="lounge", limit=1)).messages
    assert (event.id, event.reply_to) == (answer.id, said[0])
    assert HeldMessage.objects.get().reply_to is None
    [outcome] = commands.run(
        [AcceptedCommand(guest(alice), PostMessage(message="?", ref="r", reply_to=said[0]), room=lounge.pk)]
    )
    assert isinstance(outcome, NotFound)
    [outcome] = commands.run([AcceptedCommand(guest(alice), EditMessage(id=said[0], message="?", ref="e"))])
    assert isinstance(outcome, NotFound)


def test_pages_markers_and_those_who_come_back_go_by_what_is_left(
    said: list[int], alice: Person, bob: Person, lounge: Room
) -> None:
    reading.mark([Mark("bob", lounge.pk, "lounge", said[2])])
    keep(lounge, days=5)
    sweep()

    lounge.refresh_from_db()
    around = history.page(PROGRAM, lounge, ReadHistory(room="lounge", around=said[2], limit=4))
    assert [event.id for event in around.messages] == said[6:]
    before = history.page(PROGRAM, lounge, ReadHistory(room="lounge", before=said[7], limit=4))
    assert ([event.id for event in before.messages], before.more) == (said[6:7], False)
    assert reading.unread("bob", [lounge.pk])[lounge.pk][:3] == (said[2], 4, 0)
    assert reading.mark([Mark("bob", lounge.pk, "lounge", said[1])]) == [None]
    caught_up = rooms.catch_up(guest(bob), lounge, Cursor(after=3, epoch=lounge.epoch), 50)
    assert caught_up.is_recovered
    assert (len(caught_up.texts), caught_up.version) == (4, 10)


def test_a_newcomer_is_told_no_more_of_what_is_gone_for_long(
    said: list[int], lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = history.LatestPages()
    lounge.refresh_from_db()
    assert b"day 0" in pages.get(PROGRAM, lounge, 50).text
    keep(lounge, days=5)
    sweep()
    assert b"day 0" in pages.get(PROGRAM, lounge, 50).text

    later = time.monotonic() + pages._FOR
    monkeypatch.setattr(history, "time", SimpleNamespace(monotonic=lambda: later))

    assert b"day 0" not in pages.get(PROGRAM, lounge, 50).text


def test_what_went_is_noted_once(said: list[int], lounge: Room, alice: Person) -> None:
    other = Room.objects.create(slug="other", title="Other", keep_days=1)
    age(2, say(alice, other, "old", "x").id)
    keep(lounge, days=5)

    sweep()
    sweep()

    act = ModerationAct.objects.get(kind=ActKind.PRUNE)
    assert act.details == {"messages": 7, "rooms": {"lounge": 6, "other": 1}}


def test_a_room_that_keeps_its_messages_for_longer_than_there_are_days_harms_no_other(
    said: list[int], lounge: Room, bob: Person
) -> None:
    other = Room.objects.create(slug="other", title="Other")
    age(9, say(bob, other, "old", "r").id)
    keep(lounge, days=2**31 - 1)
    keep(other, days=5)

    assert sweep() == 1

    assert left(lounge) == said
    lounge.keep_days, lounge.slow = 36_501, 86_401
    with pytest.raises(ValidationError) as refused:
        lounge.full_clean()
    assert set(refused.value.message_dict) == {"keep_days", "slow"}


def test_what_else_is_old_goes(alice: Person, bob: Person, lounge: Room) -> None:
    now = timezone.now()
    long_ago = now - timedelta(days=400)
    Person.objects.filter(pk="bob").update(arrived_at=long_ago)
    Notice.objects.create(person=alice, act="warn", at=now - timedelta(days=31))
    Notice.objects.create(person=alice, act="mute")
    ReadMarker.objects.create(person=alice, room=lounge, message=1, at=long_ago)
    ReadMarker.objects.create(person=bob, room=lounge, message=1, at=long_ago)
    for text, at, is_refused in (("a", long_ago, True), ("b", long_ago, False), ("c", now, True)):
        HeldMessage.objects.create(
            room=lounge, author=alice, name="A", text=text, at=at, is_refused=is_refused
        )
    SlowMark.objects.create(person=alice, room=lounge, at=long_ago)
    SlowMark.objects.create(person=bob, room=lounge)
    planned = dict(retention.leftovers())

    assert sweep() == sum(planned.values()) == 4

    assert [one.act for one in Notice.objects.all()] == ["mute"]
    assert [one.person_id for one in ReadMarker.objects.all()] == ["alice"]
    assert [one.text for one in HeldMessage.objects.all()] == ["b", "c"]
    assert [one.person_id for one in SlowMark.objects.all()] == ["bob"]


def test_the_command_says_what_it_does(said: list[int], lounge: Room, capsys: Any) -> None:
    keep(lounge, days=5)

    call_command("chat_prune", "--dry-run")
    assert capsys.readouterr().out.split() == ["6", "lounge", *["Nothing", "was", "changed."]]
    assert left(lounge) == said
    call_command("chat_prune", "--room", "lounge")

    assert capsys.readouterr().out.split() == ["6", "lounge", *["6", "rows", "deleted."]]
    assert left(lounge) == said[6:]
    assert ModerationAct.objects.get().via == "command"


def test_nobody_prunes_who_may_not(said: list[int], lounge: Room) -> None:
    for prune in (pruning.prune, pruning.plan):
        with pytest.raises(Forbidden):
            list(prune(VISITOR, lounge))


def test_a_round_goes_through_all_of_it(said: list[int], lounge: Room) -> None:
    """As a process does: portion by portion, and then it rests."""
    keep(lounge, days=5)
    rounds = retention._Rounds()

    assert rounds.do_some()
    assert left(lounge) == said[6:]
    assert not rounds.do_some()
    age(10, said[6])
    assert rounds.do_some()
    assert left(lounge) == said[7:]
