"""The commands that change something: versions, refs, who may change what."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chat import frames
from chat.actors import PROGRAM, guest
from chat.core.errors import (
    ChatError,
    Empty,
    Forbidden,
    NotAnEmoji,
    NotFound,
    RefReused,
    TooManyOwnReactions,
    TooManyReactions,
)
from chat.core.protocol import (
    AnyChange,
    DeleteMessage,
    EditMessage,
    MessagePosted,
    MessageUpdated,
    PostMessage,
    React,
)
from chat.models import Message, Person, ProcessedCommand, Room
from chat.services import commands
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done, Outcome


def accepted(person: Person | None, room: Room, change: AnyChange) -> AcceptedCommand[AnyChange]:
    """A command of somebody who listens to the room; of the site's own program where nobody is named."""
    target = room.pk if isinstance(change, PostMessage) else None
    actor = guest(person) if person else PROGRAM
    return AcceptedCommand(actor, change, listened=frozenset([room.pk]), room=target)


def ask(person: Person | None, room: Room, change: AnyChange) -> Outcome:
    [outcome] = commands.run([accepted(person, room, change)])
    return outcome


def done(person: Person | None, room: Room, change: AnyChange) -> Done:
    outcome = ask(person, room, change)
    assert isinstance(outcome, Done), outcome
    return outcome


def refused(person: Person | None, room: Room, change: AnyChange) -> ChatError:
    """The error of a change that has left the database as it was."""
    before = (list(Message.objects.values()), list(Room.objects.values()), ProcessedCommand.objects.count())
    outcome = ask(person, room, change)
    assert isinstance(outcome, ChatError), outcome
    assert (
        list(Message.objects.values()),
        list(Room.objects.values()),
        ProcessedCommand.objects.count(),
    ) == before
    return outcome


def test_every_change_takes_the_next_version(alice: Person, bob: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))
    outcomes = [
        said,
        done(bob, lounge, PostMessage(message="ho", ref="1")),
        done(alice, lounge, EditMessage(id=said.id, message="hi!", ref="2")),
        done(bob, lounge, React(id=said.id, emoji="👍", on=True, ref="2")),
        done(alice, lounge, DeleteMessage(id=said.id, ref="3")),
    ]

    assert [outcome.version for outcome in outcomes] == [1, 2, 3, 4, 5]
    assert Room.objects.get(pk=lounge.pk).version == 5
    assert list(Message.objects.order_by("id").values_list("first_version", "version")) == [(1, 5), (2, 2)]


def test_many_changes_are_one_transaction_with_versions_without_holes(
    alice: Person, bob: Person, lounge: Room, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    other = Room.objects.create(slug="other", title="Other")
    asked = [
        accepted(person, room, PostMessage(message=str(number), ref=f"{room.slug}-{number}"))
        for number in range(50)
        for person in (alice, bob)
        for room in (lounge, other)
    ]

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        outcomes = commands.run(asked)

    assert len(outcomes) == 200
    for room in (lounge, other):
        versions = Message.objects.of(room).order_by("id").values_list("version", flat=True)
        assert list(versions) == list(range(1, 101))


def test_one_that_is_refused_harms_no_other(alice: Person, lounge: Room) -> None:
    outcomes = commands.run(
        [
            accepted(alice, lounge, PostMessage(message="one", ref="1")),
            accepted(alice, lounge, PostMessage(message=" ", ref="2")),
            accepted(alice, lounge, EditMessage(id=999, message="x", ref="3")),
            accepted(alice, lounge, PostMessage(message="two", ref="4")),
        ]
    )

    assert [outcome.version for outcome in outcomes if isinstance(outcome, Done)] == [1, 2]
    assert [type(outcome) for outcome in outcomes] == [Done, Empty, NotFound, Done]
    assert [outcome.ref for outcome in outcomes if isinstance(outcome, ChatError)] == ["2", "3"]


def test_a_ref_said_twice_is_done_once(alice: Person, bob: Person, lounge: Room) -> None:
    first = done(alice, lounge, PostMessage(message="hi", timestamp=1, ref="1"))
    done(alice, lounge, EditMessage(id=first.id, message="changed since", ref="2"))

    again = done(alice, lounge, PostMessage(message="hi", timestamp=2, ref="1"))

    assert (again.id, again.version, again.at) == (first.id, first.version, first.at)
    assert again.is_repeat
    assert again.event is None
    assert Room.objects.get(pk=lounge.pk).version == 2
    assert not done(bob, lounge, PostMessage(message="hi", ref="1")).is_repeat


def test_a_ref_said_twice_in_one_batch_is_done_once(alice: Person, lounge: Room) -> None:
    same = accepted(alice, lounge, PostMessage(message="hi", ref="1"))

    first, again = commands.run([same, same])

    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert (again.id, again.version, again.is_repeat) == (first.id, first.version, True)
    assert isinstance(first.event, MessagePosted)
    assert again.event is None
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        PostMessage(message="ho", ref="1"),
        DeleteMessage(id=1, ref="1"),
        PostMessage(message="hi", ref="1", reply_to=1),
    ],
)
def test_a_ref_stands_for_one_thing(alice: Person, lounge: Room, change: AnyChange) -> None:
    done(alice, lounge, PostMessage(message="hi", ref="1"))

    assert isinstance(refused(alice, lounge, change), RefReused)


def test_the_database_keeps_the_rules(alice: Person, lounge: Room) -> None:
    done(alice, lounge, PostMessage(message="hi", ref="1"))
    row = Message.objects.get()

    for changed in ({"ref": "2"}, {"version": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.create(**{**_fields(row), **changed})
    done(alice, lounge, DeleteMessage(id=row.pk, ref="3"))
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessedCommand.objects.create(author=alice, ref="3", digest="", message=row, version=9)


def _fields(row: Message) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in ("room_id", "author_id", "version", "first_version", "name", "text", "ref")
    }


def test_an_edit_is_told_whole(alice: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="hi", timestamp="12:00", ref="1"))

    edited = done(alice, lounge, EditMessage(id=said.id, message="hello", ref="2"))

    assert isinstance(edited.event, MessageUpdated)
    assert (edited.event.message, edited.event.timestamp) == ("hello", "12:00")
    assert (edited.event.id, edited.event.version) == (said.id, 2)
    assert edited.event.edited_at


def test_a_deleted_text_is_kept_for_moderators_and_told_to_nobody(alice: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="secret", ref="1"))

    deleted = done(alice, lounge, DeleteMessage(id=said.id, ref="2"))

    assert deleted.event
    assert "secret" not in str(deleted.event)
    assert "secret" not in str(frames.updated(Message.objects.select_related("room").get()))
    assert Message.objects.get().text == "secret"
    for change in (
        EditMessage(id=said.id, message="x", ref="3"),
        DeleteMessage(id=said.id, ref="4"),
        React(id=said.id, emoji="👍", on=True, ref="5"),
        PostMessage(message="x", reply_to=said.id, ref="6"),
    ):
        assert isinstance(refused(alice, lounge, change), NotFound)


def test_nobody_changes_what_others_said(alice: Person, bob: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))

    assert isinstance(refused(bob, lounge, EditMessage(id=said.id, message="ho", ref="1")), Forbidden)
    assert isinstance(refused(bob, lounge, DeleteMessage(id=said.id, ref="2")), Forbidden)


def test_nobody_changes_what_was_said_under_their_id_without_a_token(alice: Person, lounge: Room) -> None:
    """Alice spoke in v1 and left. Mallory came under her id, and was taken for her."""
    said = done(alice, lounge, PostMessage(message="hi"))
    mallory = Person(id="alice", name="Mallory", is_owned=True)

    assert isinstance(refused(mallory, lounge, EditMessage(id=said.id, message="ho", ref="1")), Forbidden)
    assert isinstance(refused(mallory, lounge, DeleteMessage(id=said.id, ref="2")), Forbidden)
    done(None, lounge, DeleteMessage(id=said.id, ref=""))


def test_a_moderator_deletes_what_others_said_and_does_nothing_else(alice: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))

    for change in (
        EditMessage(id=said.id, message="x", ref="1"),
        React(id=said.id, emoji="👍", on=True, ref="2"),
        PostMessage(message="x", ref="3"),
    ):
        assert isinstance(refused(None, lounge, change), Forbidden)
    done(None, lounge, DeleteMessage(id=said.id, ref=""))

    assert Message.objects.get().deleted_at


def test_nothing_is_changed_from_outside_the_room(alice: Person, lounge: Room) -> None:
    other = Room.objects.create(slug="other", title="Other")
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))

    for change in (
        EditMessage(id=said.id, message="x", ref="2"),
        DeleteMessage(id=said.id, ref="3"),
        React(id=said.id, emoji="👍", on=True, ref="4"),
        PostMessage(message="x", reply_to=said.id, ref="5"),
    ):
        assert isinstance(refused(alice, other, change), NotFound)


def test_a_reaction_is_put_on_once_and_taken_off(alice: Person, bob: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))
    done(bob, lounge, React(id=said.id, emoji="👍", on=True, ref="1"))

    again = done(bob, lounge, React(id=said.id, emoji="👍", on=True, ref="2"))
    assert again.event is None
    assert Room.objects.get(pk=lounge.pk).version == 2

    both = done(alice, lounge, React(id=said.id, emoji="👍", on=True, ref="2"))
    assert both.event
    assert both.event.reactions == {"👍": ["bob", "alice"]}  # type: ignore[union-attr]
    done(bob, lounge, React(id=said.id, emoji="👍", on=False, ref="3"))
    done(alice, lounge, React(id=said.id, emoji="👍", on=False, ref="3"))
    assert Message.objects.get().reactions == {}


@pytest.mark.parametrize(
    ("emoji", "kept"),
    [
        ("👍🏽", "👍🏽"),
        ("❤️", "❤️"),
        ("❤", "❤️"),
        ("👩‍🚀", "👩‍🚀"),
        ("🇷🇺", "🇷🇺"),
        ("1️⃣", "1️⃣"),
        ("©", "©️"),
        ("⭐️", "⭐"),
    ],
)
def test_an_emoji_is_a_reaction_in_its_full_spelling(
    alice: Person, lounge: Room, emoji: str, kept: str
) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))

    done(alice, lounge, React(id=said.id, emoji=emoji, on=True, ref="2"))
    assert Message.objects.get().reactions == {kept: ["alice"]}

    done(alice, lounge, React(id=said.id, emoji=emoji, on=False, ref="3"))
    assert Message.objects.get().reactions == {}


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "я",
        "👍 👍",
        "👍👍",
        "<b>",
        "1",
        "\x00👍",
        "👍a",
        "\ufe0f",
        "🏽",
        "👍\u200d👍",
        "👍" + "\u200d" * 31,
    ],
)
def test_whatever_is_not_one_emoji_is_no_reaction(alice: Person, lounge: Room, text: str) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="1"))

    assert isinstance(refused(alice, lounge, React(id=said.id, emoji=text, on=True, ref="2")), NotAnEmoji)


@pytest.mark.parametrize(
    ("limit", "error"),
    [
        ("REACTIONS", TooManyReactions),
        ("REACTION_KINDS", TooManyReactions),
        ("REACTION_KINDS_PER_PERSON", TooManyOwnReactions),
    ],
)
def test_a_message_holds_so_many_reactions(
    alice: Person, lounge: Room, settings: Any, limit: str, error: type[ChatError]
) -> None:
    settings.CHAT = {limit: 2}
    said = done(alice, lounge, PostMessage(message="hi", ref="0"))
    for emoji in "👍🎉":
        done(alice, lounge, React(id=said.id, emoji=emoji, on=True, ref=emoji))

    assert isinstance(refused(alice, lounge, React(id=said.id, emoji="🔥", on=True, ref="🔥")), error)

    done(alice, lounge, React(id=said.id, emoji="👍", on=False, ref="off"))
    done(alice, lounge, React(id=said.id, emoji="🔥", on=True, ref="again"))


def test_reactions_have_a_size_that_nothing_lifts(alice: Person, lounge: Room, settings: Any) -> None:
    settings.CHAT = {"LIMITS": False}
    said = done(alice, lounge, PostMessage(message="hi", ref="0"))
    crowd = [f"{number:064}" for number in range(370)]
    Message.objects.update(reactions={"👍": crowd})

    error = refused(alice, lounge, React(id=said.id, emoji="👍", on=True, ref="1"))

    assert isinstance(error, TooManyReactions)


def test_what_an_earlier_version_let_in_can_be_taken_off(alice: Person, lounge: Room) -> None:
    said = done(alice, lounge, PostMessage(message="hi", ref="0"))
    Message.objects.update(reactions={"👍\u200d\u200d": ["alice"], "❤": ["alice"], "❤️": ["bob", "alice"]})

    done(alice, lounge, React(id=said.id, emoji="👍\u200d\u200d", on=False, ref="1"))
    done(alice, lounge, React(id=said.id, emoji="❤", on=False, ref="2"))

    assert Message.objects.get().reactions == {"❤️": ["bob"]}
