"""What filters do to what people say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actors import PROGRAM, Actor, guest
from chat.core.errors import (
    ChatError,
    Filtered,
    Forbidden,
    Held,
    NotFound,
    RateLimited,
    ReadOnly,
    RefReused,
    RefusedByModerator,
)
from chat.core.protocol import EditMessage, PostMessage
from chat.models import (
    Directory,
    FilterRule,
    HeldMessage,
    Message,
    ModerationAct,
    Notice,
    Person,
    Room,
)
from chat.services import commands, filters, held, messages
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done, Outcome
from tests.conftest import arrive


@pytest.fixture
def moderator(bob: Person, lounge: Room) -> Actor:
    """Bob, who moderates the lounge."""
    return guest(bob, frozenset({(lounge.pk, "moderator")}))


def rule(kind: str, value: str = "", action: str = "refuse", room: Room | None = None) -> FilterRule:
    return filters.keep(PROGRAM, FilterRule(kind=kind, value=value, action=action, room=room))


def say(actor: Actor, room: Room, text: str, ref: str | None = None, **more: object) -> Outcome:
    change = PostMessage(text, room=room.slug, ref=ref, **more)  # type: ignore[arg-type]
    [outcome] = commands.run([AcceptedCommand(actor, change, room=room.pk, key=None if ref else "k1")])
    return outcome


def edit(actor: Actor, message: int, text: str) -> Outcome:
    [outcome] = commands.run(
        [AcceptedCommand(actor, EditMessage(id=message, message=text, ref=f"e{text}"))]
    )
    return outcome


def texts() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def test_what_has_a_word_is_refused_or_masked(alice: Person, bob: Person, lounge: Room) -> None:
    rule("word", "spam")
    rule("word", "damn", "mask")
    elsewhere = Room.objects.create(slug="elsewhere", title="Elsewhere")
    rule("word", "tea", room=elsewhere)

    with pytest.raises(Filtered):
        messages.post(guest(alice), lounge, "Buy SPAM")
    messages.post(guest(alice), lounge, "Damn, no tea")
    with pytest.raises(Filtered):
        messages.post(guest(alice), elsewhere, "no tea")
    with pytest.raises(Filtered):
        messages.post(guest(alice), elsewhere, "spam")

    assert texts() == ["****, no tea"]


def test_what_is_edited_is_looked_at_as_well(alice: Person, lounge: Room) -> None:
    rule("word", "spam")
    rule("word", "damn", "mask")
    rule("word", "wait", "hold")
    said = messages.post(guest(alice), lounge, "hi")

    assert isinstance(edit(guest(alice), said.pk, "spam"), Filtered)
    assert isinstance(edit(guest(alice), said.pk, "wait"), Filtered)
    assert texts() == ["hi"]
    assert isinstance(edit(guest(alice), said.pk, "damn"), Done)
    assert texts() == ["****"]
    assert not HeldMessage.objects.exists()


def test_moderators_and_programs_are_let_by(alice: Person, moderator: Actor, lounge: Room) -> None:
    rule("word", "spam")

    messages.post(moderator, lounge, "no spam here")
    messages.post(replace(PROGRAM, person=alice), lounge, "no spam")

    assert len(texts()) == 2


def test_a_rule_that_is_off_or_gone_finds_nothing(alice: Person, lounge: Room) -> None:
    spam = rule("word", "spam")
    spam.is_active = False
    filters.keep(PROGRAM, spam)
    filters.remove(PROGRAM, rule("word", "tea"))

    messages.post(guest(alice), lounge, "spam and tea")

    assert [(act.kind, act.details["active"]) for act in ModerationAct.objects.order_by("pk")] == [
        ("filter", True),
        ("filter", False),
        ("filter", True),
        ("filter", False),
    ]


def test_whoever_runs_a_room_keeps_its_filters_and_no_others(
    alice: Person, moderator: Actor, lounge: Room
) -> None:
    filters.keep(moderator, FilterRule(kind="word", value="spam", room=lounge))
    own, version = FilterRule.objects.get(), Directory.current().version

    for attempt in (
        lambda: filters.keep(guest(alice), FilterRule(kind="word", value="tea", room=lounge)),
        lambda: filters.keep(moderator, FilterRule(kind="word", value="tea")),
        lambda: filters.remove(guest(alice), own),
    ):
        with pytest.raises(Forbidden):
            attempt()

    assert FilterRule.objects.count() == 1
    assert Directory.current().version == version


def test_a_rule_is_checked_and_their_number_is_bounded(
    lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError, match="missing"):
        filters.check("pattern", "(")
    with pytest.raises(ValidationError):
        rule("pattern", "a*")
    monkeypatch.setattr(filters, "PATTERNS_LIMIT", 40)
    rule("pattern", "a{20}")
    with pytest.raises(ValidationError):
        rule("pattern", "b{25}")
    monkeypatch.setattr(filters, "LIMIT", 2)
    rule("word", "one")
    with pytest.raises(ValidationError):
        rule("word", "two")

    assert FilterRule.objects.count() == 2


def test_a_row_that_is_no_rule_is_left_out_and_said_to_be(
    alice: Person, lounge: Room, caplog: pytest.LogCaptureFixture
) -> None:
    rule("word", "darn")
    broken = FilterRule.objects.create(kind="pattern", value="(")

    assert isinstance(say(guest(alice), lounge, "hello"), Done)
    assert isinstance(say(guest(alice), lounge, "darn", ref="2"), Filtered)
    assert f"Filter {broken.pk} is left out" in caplog.text


def test_outside_a_server_the_rules_are_read_once_for_each_transaction(alice: Person, lounge: Room) -> None:
    said = [AcceptedCommand(guest(alice), PostMessage(text), room=lounge.pk) for text in ("hi", "you")]

    with CaptureQueriesContext(connection) as queries:
        commands.run(said)

    assert sum("filterrule" in query["sql"] for query in queries) == 1
    assert sum("heldmessage" in query["sql"] for query in queries) == 1


def test_nearly_the_same_is_said_twice_and_no_more(alice: Person, bob: Person, lounge: Room) -> None:
    rule("repeat")
    elsewhere = Room.objects.create(slug="elsewhere", title="Elsewhere")

    messages.post(guest(alice), lounge, "Buy now")
    messages.post(guest(alice), elsewhere, "buy NOW!!")
    messages.post(guest(bob), lounge, "buy now")
    messages.post(guest(alice), lounge, "hello")
    with pytest.raises(Filtered):
        messages.post(guest(alice), lounge, "buy, now")
    Message.objects.update(sent_at=timezone.now() - timedelta(seconds=31))
    messages.post(guest(alice), lounge, "buy now")

    assert len(texts()) == 5


def test_what_is_repeated_in_one_transaction_is_found_as_well(alice: Person, lounge: Room) -> None:
    rule("repeat", room=lounge)

    outcomes = commands.run(
        [
            AcceptedCommand(guest(alice), PostMessage("buy", room="lounge", ref=ref), room=lounge.pk)
            for ref in "abcd"
        ]
    )

    assert [type(outcome) for outcome in outcomes] == [Done, Done, Filtered, Filtered]


def test_a_rule_of_a_room_counts_what_is_repeated_there(alice: Person, lounge: Room) -> None:
    rule("repeat", room=lounge)
    elsewhere = Room.objects.create(slug="elsewhere", title="Elsewhere")

    for room in (elsewhere, elsewhere, elsewhere, lounge, lounge):
        messages.post(guest(alice), room, "buy now")
    with pytest.raises(Filtered):
        messages.post(guest(alice), lounge, "buy now")


def test_one_text_is_not_edited_to_be_another_of_the_same(alice: Person, lounge: Room) -> None:
    rule("repeat")
    for text in ("buy", "buy", "sell"):
        last = messages.post(guest(alice), lounge, text)

    assert isinstance(edit(guest(alice), last.pk, "buy"), Filtered)
    assert isinstance(edit(guest(alice), last.pk, "sell!"), Done)
    assert isinstance(edit(guest(alice), last.pk - 1, "buy!"), Done)  # it is no third of itself


def test_a_newcomer_is_held_until_enough_was_let_through(
    alice: Person, moderator: Actor, lounge: Room
) -> None:
    rule("newcomer", "2", "hold")

    for number in range(2):
        assert isinstance(say(guest(alice), lounge, f"hi {number}", f"r{number}"), Held)
        filters.decide_held(moderator, HeldMessage.objects.get(), True)
    assert isinstance(say(guest(alice), lounge, "hi again", "r3"), Done)
    member = guest(alice, frozenset({(lounge.pk, "member")}))
    Message.objects.all().delete()
    assert isinstance(say(member, lounge, "members are none", "r4"), Done)


def test_what_is_held_is_said_as_its_authors_once_it_is_let_through(
    alice: Person, moderator: Actor, lounge: Room
) -> None:
    rule("word", "hm", "hold")
    first = messages.post(guest(alice), lounge, "hi")
    more = {"timestamp": "noon", "reply_to": first.pk}

    for _again in range(2):
        assert isinstance(say(guest(alice), lounge, "hm", "r1", **more), Held)
    assert isinstance(say(guest(alice), lounge, "hm hm", "r1"), RefReused)
    arrive("alice", "Alisa")  # since
    act = filters.decide_held(moderator, HeldMessage.objects.get(), True)

    said = Message.objects.get(text="hm")
    assert (said.author_id, said.name, said.role, said.ref) == ("alice", "Alice", "guest", "r1")
    assert (said.timestamp, said.reply_to_id, said.version) == ('"noon"', first.pk, 2)
    assert (act.kind, act.message, act.person) == ("accept_held", said.pk, "alice")
    assert not HeldMessage.objects.exists()
    again = say(guest(alice), lounge, "hm", "r1", **more)
    assert isinstance(again, Done)
    assert (again.id, again.is_repeat) == (said.pk, True)
    assert isinstance(say(guest(alice), lounge, "hm hm", "r1"), RefReused)
    with pytest.raises(NotFound):
        filters.decide_held(moderator, HeldMessage(pk=act.pk), True)


def test_what_is_refused_stays_refused_whatever_becomes_of_the_filter(
    alice: Person, moderator: Actor, lounge: Room
) -> None:
    hold = rule("word", "hm", "hold")
    say(guest(alice), lounge, "hm", "r1")
    waiting = HeldMessage.objects.get()

    act = filters.decide_held(moderator, waiting, False, "not here")
    filters.remove(PROGRAM, hold)

    assert isinstance(say(guest(alice), lounge, "hm", "r1"), RefusedByModerator)
    assert isinstance(say(guest(alice), lounge, "hm", "r2"), Done)
    told = Notice.objects.get()
    assert (told.person_id, told.act, told.reason, told.room) == (
        "alice",
        "dismiss_held",
        "not here",
        lounge,
    )
    assert (act.kind, act.reason, act.person) == ("dismiss_held", "not here", "alice")
    with pytest.raises(NotFound):
        filters.decide_held(moderator, waiting, True)


def test_what_waits_is_not_said_by_a_retry_once_the_filter_is_gone(alice: Person, lounge: Room) -> None:
    hold = rule("word", "hm", "hold")
    say(guest(alice), lounge, "hm", "r1")

    filters.remove(PROGRAM, hold)

    assert isinstance(say(guest(alice), lounge, "hm", "r1"), Held)
    assert texts() == []


def test_in_v1_where_nothing_has_a_ref_it_is_held_once_all_the_same(
    alice: Person, moderator: Actor, lounge: Room
) -> None:
    rule("word", "hm", "hold")

    assert isinstance(say(guest(alice), lounge, "hm"), Held)
    assert isinstance(say(guest(alice), lounge, "hm"), Held)  # as the writer asks once more
    filters.decide_held(moderator, HeldMessage.objects.get(), True)

    said = Message.objects.get()
    assert (said.ref, said.digest, said.key, said.has_owner) == (None, None, "k1", False)


def test_what_is_held_is_masked_as_it_would_be(alice: Person, moderator: Actor, lounge: Room) -> None:
    rule("word", "hm", "hold")
    rule("word", "damn", "mask")

    say(guest(alice), lounge, "hm, damn", "r1")
    filters.decide_held(moderator, HeldMessage.objects.get(), True)

    assert texts() == ["hm, ****"]
    assert isinstance(say(guest(alice), lounge, "hm, damn", "r1"), Done)


def test_only_moderators_of_the_room_decide_and_nothing_is_said_in_an_archive(
    alice: Person, moderator: Actor, lounge: Room
) -> None:
    rule("word", "hm", "hold")
    say(guest(alice), lounge, "hm", "r1")
    waiting = HeldMessage.objects.get()

    with pytest.raises(Forbidden):
        filters.decide_held(guest(alice), waiting, True)
    Room.objects.update(is_archived=True)
    with pytest.raises(ReadOnly):
        filters.decide_held(moderator, waiting, True)

    assert HeldMessage.objects.filter(is_refused=False).count() == 1
    assert texts() == []
    assert not ModerationAct.objects.exclude(kind="filter").exists()


def test_of_one_person_not_everything_waits(
    alice: Person, bob: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule("word", "hm", "hold")
    monkeypatch.setattr(held, "OF_PERSON", 2)
    monkeypatch.setattr(held, "OF_ROOM", 3)

    came: list[type[ChatError | Done]] = [
        type(say(guest(author), lounge, "hm", ref))
        for author, ref in ((alice, "1"), (alice, "2"), (alice, "3"), (bob, "1"), (bob, "2"))
    ]

    assert came == [Held, Held, RateLimited, Held, RateLimited]


def test_in_a_conversation_of_two_nothing_is_held_since_nobody_would_decide(
    alice: Person, lounge: Room
) -> None:
    Room.objects.filter(pk=lounge.pk).update(direct="1:2", mode="members")
    rule("word", "hm", "hold")

    with pytest.raises(Filtered):
        messages.post(guest(alice, frozenset({(lounge.pk, "member")})), lounge, "hm")


@pytest.mark.timeout(20, func_only=True)
def test_the_dearest_rules_hang_nothing(alice: Person, lounge: Room) -> None:
    for number in range(20):
        rule("pattern", f"(a|b)*a(a|b){{150}}[c{number}]", "mask")

    messages.post(guest(alice), lounge, "ab" * 2000)
