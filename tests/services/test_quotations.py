"""What a message answers is told with it, as it stands when that is told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec import UNSET, json

from chat.actors import PROGRAM, guest
from chat.core.protocol import (
    FRAME_LIMIT,
    QUOTE_LIMIT,
    AnyChange,
    Cursor,
    DeleteMessage,
    EditMessage,
    MessageUpdated,
    PostMessage,
    Quote,
    React,
    ReadHistory,
    RestoreMessage,
    encode,
)
from chat.models import Message, Person, Room
from chat.services import commands, history, messages, queue, rooms
from chat.services.reports import report
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done

LONG = "я" * (QUOTE_LIMIT + 1)


def done(person: Person, room: Room, change: AnyChange) -> Any:
    """The frame that tells of a change."""
    [outcome] = commands.run([AcceptedCommand(guest(person), change, room=room.pk)])
    assert isinstance(outcome, Done)
    return outcome.event


def answered(person: Person, room: Room, id: int, ref: str = "answer") -> Any:
    return done(person, room, PostMessage(message="yes", ref=ref, reply_to=id))


@pytest.fixture
def question(alice: Person, lounge: Room) -> Message:
    """What Alice has said in the lounge, at some length."""
    return messages.post(guest(alice), lounge, LONG)


def page(room: Room, **wanted: Any) -> list[MessageUpdated]:
    return history.page(PROGRAM, room, ReadHistory(room=room.slug, **wanted)).messages


def test_an_answer_is_told_with_the_beginning_of_what_it_answers(
    bob: Person, lounge: Room, question: Message
) -> None:
    quote = Quote(question.pk, "Alice", "alice", LONG[:QUOTE_LIMIT])

    posted = answered(bob, lounge, question.pk)
    assert posted.quote == quote
    for change in (
        React(id=posted.id, emoji="👍", on=True, ref="1"),
        EditMessage(id=posted.id, message="no", ref="2"),
    ):
        assert done(bob, lounge, change).quote == quote
    assert [event.quote for event in page(lounge)] == [UNSET, quote]
    lounge.refresh_from_db()
    caught_up = rooms.catch_up(PROGRAM, lounge, Cursor(epoch=lounge.epoch, after=1), 50)
    assert [json.decode(text)["quote"]["message"] for text in caught_up.texts] == [LONG[:QUOTE_LIMIT]]
    assert caught_up.size == len(caught_up.texts[0])


def test_what_is_deleted_is_quoted_no_more_and_what_is_edited_as_it_is_now(
    alice: Person, bob: Person, lounge: Room, question: Message
) -> None:
    answer = answered(bob, lounge, question.pk)
    stored = list(Message.objects.filter(pk=answer.id).values())

    def quotes() -> list[Any]:
        """In the page, and in what a reaction to the answer tells."""
        on = not Message.objects.get(pk=answer.id).reactions
        again = done(bob, lounge, React(id=answer.id, emoji="👍", on=on, ref=next(refs)))
        return [page(lounge)[-1].quote, again.quote]

    refs = iter("abcd")
    done(alice, lounge, EditMessage(id=question.pk, message="short", ref="e"))
    assert quotes() == [Quote(question.pk, "Alice", "alice", "short")] * 2
    commands.run([AcceptedCommand(PROGRAM, DeleteMessage(id=question.pk, ref=""))])
    assert quotes() == [Quote(question.pk, "Alice", "alice")] * 2
    commands.run([AcceptedCommand(PROGRAM, RestoreMessage(id=question.pk, ref=""))])
    assert quotes() == [Quote(question.pk, "Alice", "alice", "short")] * 2
    Message.objects.filter(pk=question.pk).delete()
    assert quotes() == [Quote(question.pk)] * 2
    assert not any(value == LONG for row in stored for value in row.values())


def test_within_one_transaction_it_is_quoted_as_it_stands_by_then(
    alice: Person, lounge: Room, question: Message
) -> None:
    changes: list[AnyChange] = [
        PostMessage(message="before", ref="1", reply_to=question.pk),
        EditMessage(id=question.pk, message="new", ref="2"),
        PostMessage(message="after", ref="3", reply_to=question.pk),
    ]

    found = commands.run([AcceptedCommand(guest(alice), change, room=lounge.pk) for change in changes])

    events = [one.event for one in found if isinstance(one, Done)]
    assert [event.quote and event.quote.message for event in events if event] == [
        LONG[:QUOTE_LIMIT],
        UNSET,
        "new",
    ]


def test_nothing_is_quoted_from_another_room(
    bob: Person, lounge: Room, lobby: Room, question: Message
) -> None:
    """As a row may say that was written by hand."""
    answer = messages.post(guest(bob), lobby, "yes")
    Message.objects.filter(pk=answer.pk).update(reply_to=question.pk)

    again = done(bob, lobby, React(id=answer.pk, emoji="👍", on=True, ref="1"))

    assert [again.quote, page(lobby)[0].quote] == [Quote(question.pk)] * 2


def test_moderators_read_around_a_report_what_was_answered(
    alice: Person, bob: Person, lounge: Room, question: Message
) -> None:
    answered(bob, lounge, question.pk)
    bad = messages.post(guest(bob), lounge, "bad")
    report(guest(alice), bad, "")

    [item] = queue.items(PROGRAM).items

    assert [event.quote for event in item.before] == [
        UNSET,
        Quote(question.pk, "Alice", "alice", LONG[:QUOTE_LIMIT]),
    ]


@pytest.mark.parametrize("wanted", [{}, {"before": 9**9}, {"after": 0}, {"around": 5}])
def test_a_page_is_one_query_more_where_anything_is_answered_and_none_where_nothing_is(
    bob: Person, lounge: Room, question: Message, wanted: dict[str, Any]
) -> None:
    plain = asked(lambda: page(lounge, **wanted))
    for number in range(5):
        answered(bob, lounge, question.pk, str(number))

    quoting = asked(lambda: page(lounge, **wanted))

    assert len(quoting) == len(plain) + 1
    assert not any("substr" in sql.lower() or "left(" in sql.lower() for sql in plain)


def test_who_speaks_asks_nothing_of_the_database_for_a_quotation(
    bob: Person, lounge: Room, question: Message
) -> None:
    """What is answered has to be there, so it is read in any case, behind the lock."""
    plain = asked(lambda: done(bob, lounge, PostMessage(message="hi", ref="1")))
    answer = asked(lambda: answered(bob, lounge, question.pk, "2"))

    assert len(answer) == len(plain) + 1
    assert not any("reply_to_id IS NOT NULL" in sql for sql in plain)


def asked(ask: Callable[[], object]) -> list[str]:
    """The statements that something takes."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [query["sql"] for query in captured]


def test_a_page_full_of_quotations_never_outgrows_a_frame(alice: Person, bob: Person, lounge: Room) -> None:
    question = messages.post(guest(alice), lounge, "\N{GRINNING FACE}" * 400)
    for number in range(100):
        answered(bob, lounge, question.pk, str(number))
    Message.objects.filter(reply_to=question.pk).update(text="x" * 300)

    newest = history.latest(PROGRAM, lounge, 100)
    oldest = history.page(PROGRAM, lounge, ReadHistory(room="lounge", after=question.pk, limit=100))

    for found in (newest, oldest):
        assert FRAME_LIMIT - 2000 < len(encode(found).encode()) <= FRAME_LIMIT
        assert found.more
        assert all(event.quote for event in found.messages)
    assert newest.messages[-1].id - question.pk == 100
    assert oldest.messages[0].id - question.pk == 1
