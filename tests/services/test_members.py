"""Who belongs to a room, and the rooms that users make."""

import contextlib
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from chat.actors import PROGRAM, Actor, Memberships, Restriction, guest, memberships
from chat.core.errors import ChatError, Empty, Forbidden, LastOwner, NotFound, TooManyRoomsMade
from chat.core.protocol import CreateRoom, OpenDirect, SetMember
from chat.models import Directory, Membership, Person, Room
from chat.services import batches, members, room_list, rooms
from chat.services.people import Arrival, Proof
from chat.services.room_commands import RoomCommand


def user(name: str) -> Actor:
    """A user of the site in the chat."""
    row: Any = User.objects.create_user(name)
    person = Person.objects.create(pk=f"u.{name}", name=name.title(), user=row, is_owned=True)
    return Actor("member", person, row)


def key(actor: Actor) -> int:
    """Of a user."""
    assert actor.user
    return int(actor.user.pk)


def run(actor: Actor, command: Any, **how: Any) -> Any:
    """What comes of a command, as the writer carries it out."""
    [outcome] = batches.carry_out([RoomCommand(actor, command, **how)])
    return outcome


def roles(room: Room) -> dict[str, str]:
    return {str(row): row.role for row in Membership.objects.filter(room=room)}


@pytest.fixture
def carol(db: None) -> Actor:
    return user("carol")


@pytest.fixture
def dave(db: None) -> Actor:
    return user("dave")


@pytest.fixture
def club(carol: Actor) -> Room:
    """A closed room that Carol owns."""
    room = Room.objects.create(slug="club", title="Club", mode="members", maker_id=key(carol))
    Membership.objects.create(room=room, user_id=key(carol), role="owner")
    return room


def test_whoever_makes_a_room_owns_it(carol: Actor, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "ROOMS_BY": "users"}
    before = Directory.current().version

    slug = run(carol, CreateRoom(title="Чай  и\nкофе ☕", topic="Пьём", mode="members"))

    room = Room.objects.get(slug=slug)
    assert slug.startswith("chay-i-kofe-")
    assert (room.title, room.topic, room.mode) == ("Чай и кофе ☕", "Пьём", "members")
    assert roles(room) == {"carol": "owner"}
    assert Directory.current().version == before + 1


def test_a_room_that_may_have_been_made_before_is_made_once(carol: Actor, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "ROOMS_BY": "users"}
    asked = RoomCommand(carol, CreateRoom(title="Tea"))

    first = batches.carry_out([asked])

    assert batches.carry_out([asked], is_retry=True) == first
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(
    ("settings_", "title", "error"),
    [
        ({"ROOMS_BY": "staff"}, "Tea", Forbidden),
        ({"ROOMS_BY": "users"}, " \u200b", Empty),
        ({"ROOMS_BY": "users", "ROOMS_PER_USER": 1}, "Tea", TooManyRoomsMade),
    ],
)
def test_a_room_that_may_not_be_made_leaves_nothing(
    carol: Actor, club: Room, settings: Any, settings_: dict[str, Any], title: str, error: type[ChatError]
) -> None:
    settings.CHAT = {**settings.CHAT, **settings_}
    count, version = Room.objects.count(), Directory.current().version

    assert isinstance(run(carol, CreateRoom(title=title)), error)

    assert (Room.objects.count(), Directory.current().version) == (count, version)


def test_one_who_may_not_harms_no_other_of_the_batch(carol: Actor, alice: Person, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "ROOMS_BY": "users"}
    refused, made = batches.carry_out(
        [
            RoomCommand(guest(alice), CreateRoom(title="Mine")),
            RoomCommand(carol, CreateRoom(title="Tea")),
        ]
    )

    assert isinstance(refused, Forbidden)
    assert Room.objects.filter(slug=made).exists()


def test_two_users_have_one_conversation(carol: Actor, dave: Actor) -> None:
    slug = run(carol, OpenDirect(id="u.dave"))
    version = Directory.current().version

    assert run(dave, OpenDirect(id="u.carol")) == slug
    room = Room.objects.get(slug=slug)
    assert roles(room) == {"carol": "member", "dave": "member"}
    assert room.direct == Room.direct_key(key(carol), key(dave))
    assert Directory.current().version == version  # to find it changes nothing


def test_whom_one_may_talk_to_alone_is_told_like_whom_there_is_not(
    carol: Actor, alice: Person, dave: Actor
) -> None:
    User.objects.filter(username="dave").update(is_active=False)

    for id in ("alice", "nobody", "u.carol", "u.dave"):
        assert isinstance(run(carol, OpenDirect(id=id)), NotFound), id
    assert isinstance(run(guest(alice), OpenDirect(id="u.carol")), Forbidden)
    assert not Room.objects.filter(direct__isnull=False).exists()


def test_users_need_no_column_that_says_whether_they_are_active(
    carol: Actor, dave: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of users of the site's own may have none: so no query asks for it by name."""
    with CaptureQueriesContext(connection) as queries:
        run(carol, OpenDirect(id="u.dave"))

    assert not [one["sql"] for one in queries if re.search(r"WHERE.*is_active", one["sql"])]


def test_a_person_who_is_a_user_is_a_member_as_that(
    carol: Actor, dave: Actor, club: Room, admin_client: Client
) -> None:
    call_command("chat_room", "member", "add", "club", "--person", "u.dave")
    assert Membership.objects.get(room=club, user_id=key(dave)).person is None
    call_command("chat_room", "member", "add", "club", "--person", "u.dave", "--role", "moderator")
    assert roles(club) == {"carol": "owner", "dave": "moderator"}
    call_command("chat_room", "member", "remove", "club", "--person", "u.dave")
    assert roles(club) == {"carol": "owner"}

    form = {"title": "Club", "topic": "", "mode": "members", "position": "0"}
    row = {"room": str(club.pk), "user": "", "group": "", "person": "u.dave", "role": "member", "id": ""}
    total = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0"}
    form |= {f"memberships-0-{name}": value for name, value in row.items()}
    form |= {f"memberships-{name}": value for name, value in total.items()}
    page = admin_client.post(f"/admin/chat/room/{club.pk}/change/", form, headers={"accept-language": "en"})
    assert "This is the user dave: choose the user, and no person." in page.content.decode()
    assert roles(club) == {"carol": "owner"}


def test_a_list_goes_on_with_no_name_that_somebody_had_long_ago(
    carol: Actor, dave: Actor, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(carol, OpenDirect(id="u.dave"))
    [found] = memberships([(None, key(carol))]).values()
    asker, stranger = room_list.asker(replace(carol, memberships=found)), room_list.asker(guest(alice))
    kept, listings = room_list.RoomListCache(), room_list.find([asker, stranger])
    assert [room.title for room in listings[asker].rooms if room.direct] == ["Dave"]

    kept.put(1, listings)

    assert kept.get(asker, 1) is listings[asker]
    assert kept.get(asker, 2) is None
    monkeypatch.setattr(room_list, "monotonic", lambda: time.monotonic() + 61)
    assert kept.get(asker, 1) is None
    assert kept.get(stranger, 1) is listings[stranger]


def test_who_is_shut_out_of_a_room_does_not_find_it_and_whoever_asks_with_them_does(
    alice: Person, bob: Person, lounge: Room
) -> None:
    banned = replace(guest(bob), restrictions=frozenset({Restriction("ban", lounge.pk, None)}))
    muted = replace(guest(bob), restrictions=frozenset({Restriction("mute", lounge.pk, None)}))
    asked = [room_list.asker(actor) for actor in (banned, guest(alice), muted, banned)]

    listings = room_list.find(asked)

    rooms_of = [[room.room for room in listings[asker].rooms] for asker in asked]
    assert [lounge.slug in found for found in rooms_of] == [False, True, True, False]


def test_a_deleted_conversation_may_begin_anew(
    carol: Actor, dave: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    slug = run(carol, OpenDirect(id="u.dave"))
    with django_capture_on_commit_callbacks(execute=True):
        rooms.delete(PROGRAM, Room.objects.get(slug=slug))

    assert run(dave, OpenDirect(id="u.carol")) != slug


def test_an_owner_says_who_belongs_to_a_room(carol: Actor, dave: Actor, club: Room, alice: Person) -> None:
    added = run(carol, SetMember(room="club", id="u.dave", role="member"))
    invited = run(carol, SetMember(room="club", id="alice", role="moderator"))
    assert (added.name, added.role, invited.name, invited.role) == ("Dave", "member", "Alice", "moderator")
    assert roles(club) == {"carol": "owner", "dave": "member", "Alice": "moderator"}
    assert Membership.objects.get(user_id=key(dave)).person is None

    assert run(carol, SetMember(room="club", id="u.dave", role="owner")).role == "owner"
    assert run(carol, SetMember(room="club", id="alice", role=None)).role == "guest"
    assert roles(club) == {"carol": "owner", "dave": "owner"}


def test_nobody_else_says_so(carol: Actor, dave: Actor, club: Room, alice: Person) -> None:
    asked = SetMember(room="club", id="u.dave", role="owner")
    assert isinstance(run(dave, asked), NotFound)
    Membership.objects.create(room=club, user_id=key(dave), role="moderator")
    assert type(run(dave, asked)) is Forbidden

    # What counts is what is kept, not what a connection still believes.
    believed: Memberships = frozenset({(club.pk, "owner")})
    assert isinstance(run(Actor("member", dave.person, dave.user, believed), asked), Forbidden)
    assert isinstance(run(guest(alice, believed), asked), NotFound)
    assert roles(club) == {"carol": "owner", "dave": "moderator"}


@pytest.mark.parametrize("role", [None, "member", "moderator"])
def test_a_room_keeps_an_owner(carol: Actor, dave: Actor, club: Room, role: Any) -> None:
    assert isinstance(run(carol, SetMember(room="club", id="u.carol", role=role)), LastOwner)
    assert roles(club) == {"carol": "owner"}

    run(carol, SetMember(room="club", id="u.dave", role="owner"))
    assert run(carol, SetMember(room="club", id="u.carol", role=role)).role == (role or "guest")


def test_who_may_be_anybody_is_no_member(carol: Actor, club: Room) -> None:
    Person.objects.create(pk="v1", name="V1", is_owned=False)

    assert isinstance(run(carol, SetMember(room="club", id="v1", role="member")), NotFound)


def test_a_conversation_of_two_stays_one_of_two(carol: Actor, dave: Actor, alice: Person) -> None:
    slug = run(carol, OpenDirect(id="u.dave"))
    assert isinstance(run(carol, SetMember(room=slug, id="alice", role="member")), Forbidden)
    with pytest.raises(Forbidden):
        members.set_role(PROGRAM, slug, "alice", "member")


@pytest.mark.parametrize("gone", ["user", "group", "person", "room"])
def test_what_goes_with_somebody_moves_the_directory(
    carol: Actor, club: Room, alice: Person, gone: str
) -> None:
    crew = Group.objects.create(name="crew")
    Membership.objects.create(room=club, group=crew)
    Membership.objects.create(room=club, person=alice)
    before = Directory.current().version

    with transaction.atomic():
        {"user": carol.user, "group": crew, "person": alice, "room": club}[gone].delete()  # type: ignore[union-attr]

    # A room is deleted by a service, which says so once and before.
    assert Directory.current().version == before + (gone != "room")


@pytest.mark.parametrize("what", ["a batch of the writer", "the end of an account"])
def test_whoever_changes_rooms_takes_the_directory_before_any_other_row(
    carol: Actor, dave: Actor, club: Room, settings: Any, what: str
) -> None:
    """Or two may each hold what the other waits for."""
    settings.CHAT = {**settings.CHAT, "ROOMS_BY": "users"}
    Membership.objects.create(room=club, user_id=key(dave))
    arrival = Arrival("u.carol", "Carol", Proof.SESSION, user=key(carol), account_name="Carol")

    with CaptureQueriesContext(connection) as queries:
        if what == "a batch of the writer":
            batches.carry_out([arrival, RoomCommand(carol, CreateRoom(title="Tea"))])
        else:
            dave.user.delete()  # type: ignore[union-attr]

    locks = re.compile(r"UPDATE|DELETE|INSERT|SELECT.* FROM .chat_directory.")
    locking = [one["sql"] for one in queries if locks.match(one["sql"])]
    assert "chat_directory" in locking[0], locking
    assert len(locking) > 3


def test_what_is_not_committed_has_not_moved_the_directory(
    carol: Actor, club: Room, django_capture_on_commit_callbacks: Any
) -> None:
    before = Directory.current().version
    with django_capture_on_commit_callbacks() as told, transaction.atomic():
        with contextlib.suppress(RuntimeError), transaction.atomic():
            rooms.describe(PROGRAM, club)
            raise RuntimeError
        assert Directory.current().version == before
        rooms.describe(PROGRAM, club)
        members.set_role(PROGRAM, "club", "u.carol", "member")

    assert Directory.current().version == before + 1
    assert [getattr(one, "__name__", "") for one in told].count("_tell_processes") == 1


def test_a_directory_that_was_emptied_is_made_anew(carol: Actor, club: Room) -> None:
    Directory.objects.all().delete()

    rooms.describe(PROGRAM, club)

    assert Directory.current().version == 1


def test_rooms_are_made_and_members_named_by_the_command_line(
    alice: Person, carol: Actor, capsys: Any
) -> None:
    crew = Group.objects.create(name="Crew")
    call_command("chat_room", "create", "staff", "--title", "Staff", "--mode", "members")
    call_command("chat_room", "member", "add", "staff", "--user", "carol", "--role", "owner")
    call_command("chat_room", "member", "add", "staff", "--group", "Crew")
    call_command("chat_room", "member", "add", "staff", "--person", "alice")
    call_command("chat_room", "member", "add", "staff", "--person", "alice", "--role", "moderator")
    call_command("chat_room", "member", "remove", "staff", "--group", "Crew")
    call_command("chat_room", "set", "staff", "--topic", "Tea", "--position", "3", "--archive")
    call_command("chat_room", "set", "staff", "--title-in", "ru", "Свои", "--title-in", "en", "Staff")

    staff = Room.objects.get(slug="staff")
    assert (staff.title, staff.topic, staff.position, staff.state) == ("Staff", "Tea", 3, "archived")
    assert staff.titles == {"ru": "Свои"}
    assert roles(staff) == {"carol": "owner", "Alice": "moderator"}
    for wrong in (("xx", "Others"), ("ru", "x" * 101)):
        with pytest.raises(CommandError):
            call_command("chat_room", "set", "staff", "--title-in", *wrong)
    call_command("chat_room", "set", "staff", "--title-in", "ru", "")
    assert Room.objects.get(slug="staff").titles == {}
    capsys.readouterr()
    call_command("chat_room", "list", "--archived")
    assert "staff" in capsys.readouterr().out
    call_command("chat_room", "member", "list", "staff")
    assert "moderator person alice  Alice" in capsys.readouterr().out
    call_command("chat_room", "set", "staff", "--unarchive", "--needs-name")
    staff.refresh_from_db()
    assert (staff.state, staff.needs_name) == ("members", True)
    call_command("chat_room", "set", "staff", "--no-needs-name")
    staff.refresh_from_db()
    assert not staff.needs_name
    assert crew.chat_memberships.count() == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["create", "club"], "slug: "),
        (["create", "no such address!"], "slug: "),
        (["create", "tea", "--title", "x" * 101], "title: "),
        (["set", "nowhere"], "There is no room nowhere."),
        (["member", "add", "club", "--user", "nobody"], "There is no user nobody."),
        (["member", "add", "club", "--person", "v1"], "Anybody may come under this id"),
        (["member", "remove", "club", "--user", "dave"], "They are no member of club."),
        (["member", "add", "club"], "is required"),
        (["member", "add", "club", "--user", "dave", "--role", "king"], "invalid choice: 'king'"),
        (["delete", "lobby"], "The lobby stays"),
        ([], "are required: what"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    club: Room, dave: Actor, words: list[str], sentence: str
) -> None:
    Room.objects.get_or_create(slug="lobby", defaults={"title": "Lobby"})
    Person.objects.create(pk="v1", name="V1", is_owned=False)
    count = Membership.objects.count(), Room.objects.count()

    with override("en"), pytest.raises(CommandError) as raised:
        call_command("chat_room", *words)

    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert (Membership.objects.count(), Room.objects.count()) == count


def test_memberships_are_read_for_whom_they_were_given(club: Room, carol: Actor, alice: Person) -> None:
    run(carol, SetMember(room="club", id="alice", role="member"))

    assert memberships([("alice", None)])["alice", None] == {(club.pk, "member")}


def test_a_room_that_is_given_away_was_made_all_the_same(carol: Actor, dave: Actor, settings: Any) -> None:
    settings.CHAT = {**settings.CHAT, "ROOMS_BY": "users", "ROOMS_PER_USER": 2}
    for title in ("Tea", "Coffee"):
        slug = run(carol, CreateRoom(title=title))
        assert run(carol, SetMember(room=slug, id="u.dave", role="owner")).role == "owner"
        assert run(carol, SetMember(room=slug, id="u.carol", role=None)).role == "guest"

    assert isinstance(run(carol, CreateRoom(title="Milk")), TooManyRoomsMade)

    rooms.delete(PROGRAM, Room.objects.get(slug=slug))
    Room.objects.filter(slug__startswith=Room.DELETED).delete()
    assert isinstance(run(carol, CreateRoom(title="Milk")), str)
    assert isinstance(run(dave, CreateRoom(title="Beer")), str)  # who owns two that he has not made
    assert carol.user
    carol.user.delete()
    assert Room.objects.filter(maker=None, title="Tea").exists()


@pytest.mark.parametrize("mode", ["open", "read_only", "members", "archived"])
@pytest.mark.parametrize("who", ["a user", "a guest"])
def test_nobody_is_kept_in_a_room(
    carol: Actor, dave: Actor, club: Room, alice: Person, mode: str, who: str
) -> None:
    actor = dave if who == "a user" else guest(alice)
    assert actor.person
    id = actor.person.pk
    run(carol, SetMember(room="club", id=id, role="moderator"))
    Room.objects.update(mode="open" if mode == "archived" else mode, is_archived=mode == "archived")

    assert type(run(actor, SetMember(room="club", id=id, role="member"))) is Forbidden
    assert type(run(actor, SetMember(room="club", id="u.carol", role=None))) is Forbidden
    assert run(actor, SetMember(room="club", id=id, role=None)).role == "guest"

    assert roles(club) == {"carol": "owner"}
    again = run(actor, SetMember(room="club", id=id, role=None))
    assert isinstance(again, NotFound) if mode == "members" else again.role == "guest"


def test_nobody_steps_out_of_a_conversation_or_leaves_a_room_without_an_owner(
    carol: Actor, dave: Actor, club: Room
) -> None:
    slug = run(carol, OpenDirect(id="u.dave"))

    assert isinstance(run(dave, SetMember(room=slug, id="u.dave", role=None)), Forbidden)
    assert isinstance(run(carol, SetMember(room="club", id="u.carol", role=None)), LastOwner)
