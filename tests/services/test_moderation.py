"""What moderators do to people and in rooms, whoever asks for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import actors
from chat.actors import PROGRAM, Actor, guest
from chat.core.errors import (
    ChatError,
    Empty,
    Forbidden,
    MessageTooLong,
    NotFound,
    Outranked,
    RefReused,
    SharedAddress,
)
from chat.core.protocol import (
    Decide,
    DeleteMessage,
    ImposeSanction,
    LiftSanction,
    PostMessage,
    Purge,
    ReportMessage,
    RestoreMessage,
    Warn,
)
from chat.models import Directory, Message, ModerationAct, Notice, Person, Room, Sanction
from chat.services import batches, members, messages, moderation, reports, rooms, users
from chat.services.moderation_commands import Moderated, ModerationCommand
from chat.services.people import Arrival, Proof
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done
from tests.conftest import arrive
from tests.people import person_of


@pytest.fixture
def mallory(db: None) -> Person:
    return arrive("mallory", "Mallory")


@pytest.fixture
def mod(lounge: Room) -> Actor:
    """A moderator of the lounge."""
    return member(lounge, "mod", "moderator")


def member(room: Room, id: str, role: str) -> Actor:
    person = arrive(id, id.title())
    members.set_role(PROGRAM, room.slug, id, role)
    return users.actor_of(person)


def staff(name: str, *permissions: str) -> Actor:
    """A user of the site with these permissions, in the chat."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return actors.of_user(person_of(user), user, users.role_of(user), actors.permissions_of(user))


def person(actor: Actor) -> Person:
    assert actor.person
    return actor.person


def last_act() -> ModerationAct:
    act = ModerationAct.objects.first()
    assert act
    return act


def version() -> int:
    return Directory.current().version


# People


def test_a_mute_is_a_row_a_word_to_whom_it_is_about_and_an_act(
    mod: Actor, mallory: Person, lounge: Room
) -> None:
    messages.post(guest(mallory), lounge, "hi")

    row = moderation.sanction(mod, mallory, "mute", lounge, 10, "  Too \n loud ")

    assert row.version == version()
    assert row.until
    assert row.until - row.since == timedelta(minutes=10)
    assert (row.room, row.reason, row.is_active) == (lounge, "Too loud", True)
    notice = Notice.objects.get()
    assert (notice.person, notice.act, notice.room, notice.reason, notice.until) == (
        mallory,
        "mute",
        lounge,
        "Too loud",
        row.until,
    )
    act = last_act()
    assert (act.kind, act.via, act.actor, act.actor_name) == ("mute", "chat", "mod", "Mod")
    assert (act.room, act.room_title, act.person, act.person_name) == (
        lounge,
        "Lounge",
        "mallory",
        "Mallory",
    )
    assert (act.reason, act.details["until"]) == ("Too loud", row.until.isoformat())


def test_a_kick_lasts_a_minute_and_a_ban_for_good(mod: Actor, mallory: Person, lounge: Room) -> None:
    kick = moderation.sanction(mod, mallory, "kick", lounge, 500)
    ban = moderation.sanction(mod, mallory, "ban", lounge)

    assert kick.until
    assert kick.until - kick.since == moderation.KICK
    assert ban.until is None
    assert not Notice.objects.exists()  # they are told as they are closed


def test_what_is_new_takes_the_place_of_what_holds_there(mallory: Person, lounge: Room) -> None:
    first, elsewhere, other = (
        moderation.sanction(PROGRAM, mallory, kind, room)
        for kind, room in (("ban", lounge), ("ban", None), ("mute", lounge))
    )

    now = moderation.sanction(PROGRAM, mallory, "ban", lounge, 5)

    for row in (first, elsewhere, other):
        row.refresh_from_db()
    assert (first.is_active, first.version) == (False, now.version)
    assert elsewhere.is_active
    assert other.is_active
    moderation.lift(PROGRAM, mallory, "ban", lounge, "Sorry")
    now.refresh_from_db()
    assert now.lifted_at
    assert now.version == version()
    assert (last_act().kind, last_act().reason) == ("unban", "Sorry")
    with pytest.raises(NotFound):
        moderation.lift(PROGRAM, mallory, "ban", lounge)


def test_what_is_over_cannot_be_lifted(mallory: Person) -> None:
    moderation.sanction(PROGRAM, mallory, "mute", None, 1)
    Sanction.objects.update(until=timezone.now())

    with pytest.raises(NotFound):
        moderation.lift(PROGRAM, mallory, "mute")


@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_moderators_stop_nobody_who_may_as_much(mod: Actor, lounge: Room, role: str) -> None:
    other = person(member(lounge, "other", role))

    for attempt in _to(mod, other, lounge):
        with pytest.raises(Outranked):
            attempt()

    assert not Sanction.objects.exists()
    assert not ModerationAct.objects.exists()


def test_a_role_is_the_one_that_somebody_has_now(
    mod: Actor, mallory: Person, alice: Person, lounge: Room
) -> None:
    """Whatever the actor was when they came in."""
    said = messages.post(guest(mallory), lounge, "hi")
    reports.report(guest(alice), said)
    members.set_role(PROGRAM, "lounge", "mod", None)

    for attempt in _to(mod, mallory, lounge):
        with pytest.raises(Forbidden):
            attempt()
    [decided] = run(mod, Decide(kind="report", id=said.pk, accept=True, ref="1"))
    assert isinstance(decided, Forbidden)
    assert not ModerationAct.objects.exists()


def test_a_moderator_of_the_site_stops_owners_of_rooms_on_the_site_alone(lounge: Room) -> None:
    carol, dave = staff("carol", "moderate", "ban"), staff("dave", "moderate")
    owner = person(member(lounge, "owner", "owner"))

    with pytest.raises(Outranked):
        moderation.sanction(carol, owner, "ban", lounge)
    with pytest.raises(Outranked):
        moderation.sanction(carol, person(dave), "ban")
    assert moderation.sanction(carol, owner, "ban").is_active


def test_nobody_stops_themselves(mod: Actor, lounge: Room) -> None:
    root: Any = User.objects.create_superuser("root")
    admin = actors.of_admin(root)

    for actor, themselves in ((mod, person(mod)), (admin, person_of(root))):
        for attempt in _to(actor, themselves, lounge):
            with pytest.raises(Forbidden):
                attempt()
    assert not ModerationAct.objects.exists()


def _to(actor: Actor, whom: Person, room: Room) -> list[Callable[[], object]]:
    """All that is done to people."""
    return [
        lambda: moderation.sanction(actor, whom, "mute", room),
        lambda: moderation.sanction(actor, whom, "kick", room),
        lambda: moderation.sanction(actor, whom, "ban", room),
        lambda: moderation.lift(actor, whom, "mute", room),
        lambda: moderation.lift(actor, whom, "ban", room),
        lambda: moderation.warn(actor, whom, "Stop it", room),
        lambda: moderation.purge(actor, whom, room),
    ]


def test_in_a_conversation_of_two_the_admin_deletes_and_nobody_does_more(
    alice: Person, mallory: Person
) -> None:
    direct = Room.objects.create(slug="direct", title="Direct", mode="members", direct="3:17")
    said = messages.post(guest(mallory, frozenset({(direct.pk, "member")})), direct, "psst")
    root: Any = User.objects.create_superuser("root")
    admin = actors.of_admin(root)

    attempts: list[Callable[[], object]] = [
        *_to(admin, mallory, direct)[:-1],
        *_to(PROGRAM, mallory, direct)[:-1],
        lambda: moderation.run_room(PROGRAM, direct, topic="Tea"),
        lambda: moderation.pin(PROGRAM, direct, said),
        lambda: moderation.announce(PROGRAM, direct, "Tea"),
    ]
    for attempt in attempts:
        with pytest.raises((Forbidden, NotFound)):
            attempt()

    assert not ModerationAct.objects.exists()
    assert messages.delete(admin, [said]) == [said.pk]
    assert messages.restore(admin, [said]) == [said.pk]
    assert moderation.purge(staff("carol", "moderate"), mallory) == 0
    assert moderation.purge(admin, mallory) == 1


def test_an_address_is_banned_with_a_person_on_the_site_where_one_is_known(
    mallory: Person, lounge: Room
) -> None:
    with pytest.raises(SharedAddress):
        moderation.sanction(PROGRAM, mallory, "ban", address=True)
    for network in ("9.9.9.9", "8.8.8.8"):
        batches.carry_out([_from(network)])

    for kind, room in (("ban", lounge), ("mute", None)):
        with pytest.raises(Forbidden):
            moderation.sanction(PROGRAM, mallory, kind, room, address=True)
    assert not Sanction.objects.exists()
    moderation.sanction(PROGRAM, mallory, "ban", address=True)

    hashes = list(Sanction.objects.values_list("address", flat=True))
    assert len(set(hashes)) == 2
    assert all(hashes)
    assert last_act().details["addresses"] == 2
    moderation.lift(PROGRAM, mallory, "ban")
    assert not Sanction.objects.filter(lifted_at=None).exists()


def _from(network: str) -> Arrival:
    return Arrival("mallory", "Mallory", Proof.TOKEN, network=network)


def test_who_makes_a_room_speaks_from_there_to_nobody_who_was_never_in_it(
    mod: Actor, mallory: Person, lounge: Room, lobby: Room
) -> None:
    """Or it were a way to tell anybody anything, as a moderator. Those of the site do so."""
    messages.post(guest(mallory), lobby, "hi")

    with pytest.raises(NotFound):
        moderation.warn(mod, mallory, "Your password, please", lounge)
    moderation.sanction(mod, mallory, "mute", lounge, reason="Call 0190")
    moderation.lift(mod, mallory, "mute", lounge, reason="Call 0190")

    assert not Notice.objects.exists()
    moderation.warn(staff("carol", "moderate"), mallory, "Mind your words", lounge)
    members.set_role(PROGRAM, "lounge", "mallory", "member")
    moderation.warn(mod, mallory, "Mind your words", lounge)
    assert [notice.reason for notice in Notice.objects.all()] == ["Mind your words"] * 2


def test_a_warning_has_words(mod: Actor, mallory: Person, lounge: Room) -> None:
    messages.post(guest(mallory), lounge, "hi")
    moderation.warn(mod, mallory, "Mind your words", lounge)

    notice = Notice.objects.get()
    assert (notice.person, notice.act, notice.reason) == (mallory, "warn", "Mind your words")
    assert last_act().reason == "Mind your words"
    with pytest.raises(Empty):
        moderation.warn(mod, mallory, " ", lounge)
    with pytest.raises(MessageTooLong):
        moderation.warn(mod, mallory, "x" * 201, lounge)
    assert Notice.objects.count() == ModerationAct.objects.count() == 1


# What they have said


def test_all_that_somebody_has_said_goes_in_portions(
    mod: Actor, mallory: Person, alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "PURGED_AT_A_TIME", 2)
    other = Room.objects.create(slug="other", title="Other")
    mine = [messages.post(guest(mallory), lounge, str(number)).pk for number in range(5)]
    kept = messages.post(guest(alice), lounge, "hi"), messages.post(guest(mallory), other, "ho")
    own = messages.post(guest(mallory), lounge, "oh")
    messages.delete(guest(mallory), [own])

    assert moderation.purge(mod, mallory, lounge, reason="Spam") == 5

    assert sorted(Message.objects.filter(is_removed=True).values_list("pk", flat=True)) == mine
    assert not Message.objects.filter(pk__in=[one.pk for one in kept], deleted_at__isnull=False).exists()
    acts = ModerationAct.objects.filter(kind="purge", reason="Spam", person="mallory")
    assert sorted(key for act in acts for key in act.details["messages"]) == mine
    assert [len(act.details["messages"]) for act in acts] == [1, 2, 2]
    assert moderation.purge(mod, mallory, lounge) == 0
    assert messages.restore(mod, Message.objects.filter(author=mallory)) == mine[::-1]


def test_what_is_older_stays(mallory: Person, lounge: Room) -> None:
    old, new = messages.post(guest(mallory), lounge, "old"), messages.post(guest(mallory), lounge, "new")
    Message.objects.filter(pk=old.pk).update(sent_at=timezone.now() - timedelta(minutes=10))

    assert moderation.purge(PROGRAM, mallory, minutes=5) == 1

    assert list(Message.objects.filter(deleted_at=None)) == [old]
    new.refresh_from_db()
    assert new.is_removed


def test_what_is_deleted_is_noted_and_may_be_restored(
    mod: Actor, mallory: Person, alice: Person, lounge: Room
) -> None:
    said = [messages.post(guest(who), lounge, "hi") for who in (mallory, alice)]

    assert messages.delete(mod, said, "Spam") == [one.pk for one in said]

    acts = list(ModerationAct.objects.order_by("message"))
    assert [(act.kind, act.message, act.person, act.person_name, act.reason) for act in acts] == [
        ("delete", said[0].pk, "mallory", "Mallory", "Spam"),
        ("delete", said[1].pk, "alice", "Alice", "Spam"),
    ]
    assert [(act.actor, act.room_id, act.room_title) for act in acts] == [("mod", lounge.pk, "Lounge")] * 2
    assert messages.delete(mod, said) == []
    assert messages.restore(mod, said, "Sorry") == [one.pk for one in said]
    assert messages.restore(mod, said) == []
    assert (last_act().kind, last_act().reason, ModerationAct.objects.count()) == ("restore", "Sorry", 4)
    assert not Message.objects.exclude(deleted_at=None, is_removed=False).exists()


def test_what_somebody_has_taken_back_is_theirs(mod: Actor, mallory: Person, lounge: Room) -> None:
    said = messages.post(guest(mallory), lounge, "oops")
    assert messages.delete(guest(mallory), [said]) == [said.pk]

    assert messages.restore(mod, [said]) == []

    assert not ModerationAct.objects.exists()


def test_a_batch_notes_all_that_moderators_delete_by_one_statement(
    mod: Actor, mallory: Person, lounge: Room
) -> None:
    said = [messages.post(guest(mallory), lounge, str(number)) for number in range(8)]

    def delete(some: list[Message], ref: str) -> list[Any]:
        asked = [
            AcceptedCommand(mod, DeleteMessage(id=one.pk, ref=f"{ref}{one.pk}", reason="Spam"))
            for one in some
        ]
        return batches.carry_out(asked)

    with CaptureQueriesContext(connection) as for_one:
        delete(said[:1], "a")
    with CaptureQueriesContext(connection) as for_many:
        delete(said[1:7], "b")

    assert len(for_one) == len(for_many)
    assert [type(outcome) for outcome in delete(said[6:], "c")] == [NotFound, Done]


# Rooms


def test_a_room_is_run(mod: Actor, lounge: Room) -> None:
    moderation.run_room(mod, lounge, topic=" Tea \n time ", mode="archived", slow=5, reason="Night")

    lounge.refresh_from_db()
    assert (lounge.topic, lounge.state, lounge.mode, lounge.slow) == ("Tea time", "archived", "open", 5)
    act = last_act()
    assert (act.kind, act.reason) == ("manage", "Night")
    assert act.details == {"topic": ["", "Tea time"], "is_archived": [False, True], "slow": [0, 5]}
    moderation.run_room(mod, lounge, topic="", mode="users")
    lounge.refresh_from_db()
    assert (lounge.topic, lounge.state, lounge.slow) == ("", "users", 5)
    assert last_act().details == {
        "topic": ["Tea time", ""],
        "mode": ["open", "users"],
        "is_archived": [True, False],
    }


def test_a_topic_that_is_too_long_changes_nothing(mod: Actor, lounge: Room) -> None:
    for topic, error in (("x" * 201, MessageTooLong), ("\u200b", Empty)):
        with pytest.raises(error):
            moderation.run_room(mod, lounge, topic=topic, slow=5)

    lounge.refresh_from_db()
    assert (lounge.topic, lounge.slow) == ("", 0)


def test_what_an_owner_describes_is_noted_as_well(lounge: Room) -> None:
    lounge.title, lounge.slow, lounge.keep_days = "Salon", 9, 30

    rooms.describe(PROGRAM, lounge)

    now = Room.objects.get(pk=lounge.pk)
    assert (now.title, now.slow, now.keep_days) == ("Salon", 9, 30)
    assert last_act().details == {"title": ["Lounge", "Salon"], "slow": [0, 9], "keep_days": [None, 30]}
    rooms.describe(PROGRAM, lounge)
    assert ModerationAct.objects.count() == 1


def test_a_message_of_the_room_is_pinned_as_long_as_it_is_there(
    mod: Actor, mallory: Person, lounge: Room
) -> None:
    said, gone = (messages.post(guest(mallory), lounge, text) for text in ("rules", "buy"))
    elsewhere = messages.post(guest(mallory), Room.objects.create(slug="other", title="Other"), "ho")
    messages.delete(mod, [gone])

    moderation.pin(mod, lounge, said)
    for missing in (gone, elsewhere, 10**9):
        with pytest.raises(NotFound):
            moderation.pin(mod, lounge, missing)

    lounge.refresh_from_db()
    assert lounge.pinned == said.pk
    assert (last_act().kind, last_act().message, last_act().person) == ("pin", said.pk, "mallory")
    moderation.pin(mod, lounge, None)
    assert Room.objects.get(pk=lounge.pk).pinned is None
    assert (last_act().kind, last_act().message) == ("unpin", said.pk)


def test_an_announcement_says_something(mod: Actor, lounge: Room) -> None:
    for words in ("", " \n", "\u200b"):
        with pytest.raises(Empty):
            moderation.announce(mod, lounge, words)
    with pytest.raises(MessageTooLong):
        moderation.announce(mod, lounge, "x" * 4001)

    assert not ModerationAct.objects.exists()


# As the writer carries it out


def run(actor: Actor, *asked: Any) -> list[Any]:
    return batches.carry_out([ModerationCommand(actor, command) for command in asked])


def test_a_ref_is_done_once_and_what_is_refused_harms_no_other(
    mod: Actor, mallory: Person, alice: Person, lounge: Room
) -> None:
    messages.post(guest(alice), lounge, "hi")
    mute = ImposeSanction(kind="mute", id="mallory", ref="1", room="lounge")
    outcomes = run(
        mod,
        mute,
        ImposeSanction(kind="mute", id="mallory", ref="2"),  # on the whole site
        ImposeSanction(kind="mute", id="nobody", ref="3", room="lounge"),
        Warn(id="mallory", ref="4", reason="Stop it", room="nowhere"),
        mute,
        LiftSanction(kind="ban", id="mallory", ref="5", room="lounge"),
        Warn(id="alice", ref="6", reason="You, too", room="lounge"),
        # What was not done is not said to be: another act, or about somebody else.
        LiftSanction(kind="mute", id="mallory", ref="1", room="lounge"),
        ImposeSanction(kind="mute", id="alice", ref="1", room="lounge"),
        ReportMessage(id=1, ref="1"),
    )

    done, *refused, again, not_banned, warned = outcomes[:-3]
    assert [type(one) for one in (*refused, not_banned)] == [Forbidden, NotFound, NotFound, NotFound]
    assert [type(one) for one in outcomes[-3:]] == [RefReused] * 3
    assert (done.is_repeat, again.is_repeat, again.id) == (False, True, done.id)
    assert warned.id == last_act().pk
    assert Sanction.objects.count() == 1
    assert ModerationAct.objects.count() == 2
    [later] = batches.carry_out([ModerationCommand(mod, mute)], is_retry=True)
    assert (later.id, later.is_repeat) == (done.id, True)


def test_who_is_nobody_in_the_chat_asks_for_nothing(mallory: Person) -> None:
    assert [type(one) for one in run(PROGRAM, ImposeSanction(kind="mute", id="mallory", ref="1"))] == [
        NotFound
    ]


def test_whoever_speaks_in_the_same_batch_is_purged_with_it(
    mod: Actor, mallory: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "PURGED_AT_A_TIME", 2)
    purge = ModerationCommand(mod, Purge(id="mallory", ref="1", room="lounge"))
    asked = [
        AcceptedCommand(guest(mallory), PostMessage(message=str(number), ref=f"{number}"), room=lounge.pk)
        for number in range(3)
    ]

    first, *said = batches.carry_out([purge, *asked])
    [last] = batches.carry_out([purge])
    [again] = batches.carry_out([purge])

    assert isinstance(first, Moderated)
    assert not any(isinstance(one, ChatError) for one in said)
    assert [(one.is_last, one.is_repeat) for one in (first, last, again)] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert not Message.objects.filter(deleted_at=None).exists()


def test_a_purge_goes_back_from_when_it_was_asked_for(mod: Actor, mallory: Person, lounge: Room) -> None:
    said = messages.post(guest(mallory), lounge, "hi")
    command = Purge(id="mallory", ref="1", room="lounge", minutes=5)
    later = ModerationCommand(mod, command, at=timezone.now() + timedelta(minutes=6))

    batches.carry_out([later])

    said.refresh_from_db()
    assert said.deleted_at is None


def test_what_is_restored_by_a_socket_is_noted(mod: Actor, mallory: Person, lounge: Room) -> None:
    said = messages.post(guest(mallory), lounge, "hi")
    messages.delete(mod, [said])
    asked = AcceptedCommand(
        mod, RestoreMessage(id=said.pk, ref="1", reason="Sorry"), listened=frozenset({lounge.pk})
    )

    [done] = batches.carry_out([asked])
    [again] = batches.carry_out([asked])

    assert (done.is_repeat, again.is_repeat, again.version) == (False, True, done.version)
    assert (last_act().kind, last_act().reason, ModerationAct.objects.count()) == ("restore", "Sorry", 2)


# From a terminal


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["mute", "Nobody"], "nobody called Nobody"),
        (["mute", "Twin"], "Several people are called Twin.*twin-"),
        (["mute", "mallory", "--room", "nowhere"], "no room nowhere"),
        (["mute", "mallory", "--minutes", "0"], "whole number from 1"),
        (["mute", "mallory", "--minutes", "ten"], "not ten"),
        (["ban", "mallory", "--address"], str(SharedAddress())),
        (["unban", "mallory"], str(NotFound())),
        (["warn", "mallory", " "], str(Empty())),
        (["slow", "lounge", "ten"], "not ten"),
        (["mode", "lounge", "gone"], "gone"),
        (["pin", "lounge", "7"], str(NotFound())),
        (["delete", "7"], "nothing to delete under 7"),
        (["delete", str(10**30)], "whole number"),
        (["announce", "lounge", ""], str(Empty())),
    ],
)
def test_a_terminal_is_told_what_is_wrong(
    mallory: Person, lounge: Room, words: list[str], error: str
) -> None:
    for number in (1, 2):
        arrive(f"twin-{number}", "Twin")

    with pytest.raises(CommandError, match=error):
        call_command("chat_moderate", *words)

    assert not ModerationAct.objects.exists()
    assert not Sanction.objects.exists()


def test_a_terminal_knows_people_by_their_names(
    mallory: Person, lounge: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    said = messages.post(guest(mallory), lounge, "buy")

    call_command("chat_moderate", "mute", "Mallory", "--room=lounge", "--minutes=5", "--reason=Spam")
    with pytest.raises(CommandError, match="nothing to delete under 77"):
        call_command("chat_moderate", "delete", said.pk, 77)

    row = Sanction.objects.get()
    assert (row.person, row.kind, row.room, row.reason) == (mallory, "mute", lounge, "Spam")
    assert capsys.readouterr().out.splitlines() == [
        "Mallory (mallory) is muted in lounge.",
        f"Deleted: {said.pk}.",
    ]
    said.refresh_from_db()
    assert said.is_removed
