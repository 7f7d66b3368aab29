"""Who may do what: one table, asked by everybody."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import access
from chat.access import PROGRAM, Act, Actor
from chat.core.errors import Forbidden, NotFound, ReadOnly
from chat.core.protocol import Role
from chat.models import Membership, Message, Mode, Person, Room
from chat.services import messages, room_list, rooms

OWN = {Act.READ, Act.POST, Act.EDIT, Act.DELETE, Act.REACT}
MODERATING = OWN | {Act.MODERATE}
OWNING = MODERATING | {Act.SET_MEMBER, Act.DESCRIBE_ROOM}
READING, NOTHING = {Act.READ}, set[Act]()
CLEARING = {Act.READ, Act.DELETE, Act.MODERATE}
#: The room of the table.
KEY = 7


def acts(actor: Actor, room: Room | None = None) -> set[Act]:
    return {act for act in Act if access.may(actor, act, room)}


def staff(*permissions: str, **attributes: Any) -> Actor:
    """A site user with these permissions, as the admin finds them."""
    user = User.objects.create_user("carol", **{"is_staff": True, **attributes})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return access.of_admin(user)


def of(role: Role, *, site: Role = "guest") -> Actor:
    """Somebody who is this in the room of the table, and that on the site."""
    return Actor(site, Person(id="x", name="X"), memberships=frozenset({(KEY, role)}))


#: Whoever may come across the room.
CAST = {
    "visitor": access.VISITOR,
    "guest": access.guest(Person(id="x", name="X")),
    "guest of another room": access.guest(Person(id="x", name="X"), frozenset({(KEY + 1, "owner")})),
    "user": Actor("member", Person(id="x", name="X")),
    "invited guest": of("member"),
    "member": of("member", site="member"),
    "moderator here": of("moderator", site="member"),
    "owner": of("owner", site="member"),
    "moderator of the site": Actor("moderator", Person(id="x", name="X")),
    "program": PROGRAM,
}
OUTSIDERS = ("visitor", "guest", "guest of another room", "user")
MEMBERS = ("invited guest", "member")

#: What each may do, by the state of the room. Who is not named may do nothing.
TABLE: dict[str, tuple[dict[str, Any], dict[str, set[Act]]]] = {
    "open": (
        {},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), OWN)
        | {"moderator here": MODERATING, "moderator of the site": MODERATING, "owner": OWNING}
        | {"program": set(Act)},
    ),
    "read-only": (
        {"mode": Mode.READ_ONLY},
        dict.fromkeys(OUTSIDERS, READING)
        | dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING, "moderator of the site": MODERATING, "owner": OWNING}
        | {"program": set(Act)},
    ),
    "members only": (
        {"mode": Mode.MEMBERS},
        dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING, "moderator of the site": MODERATING, "owner": OWNING}
        | {"program": set(Act)},
    ),
    "archived": (
        {"is_archived": True},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), READING)
        | dict.fromkeys(("moderator here", "moderator of the site"), CLEARING)
        | {"owner": CLEARING | {Act.SET_MEMBER, Act.DESCRIBE_ROOM}, "program": set(Act)},
    ),
    "archived and members only": (
        {"mode": Mode.MEMBERS, "is_archived": True},
        dict.fromkeys(MEMBERS, READING)
        | dict.fromkeys(("moderator here", "moderator of the site"), CLEARING)
        | {"owner": CLEARING | {Act.SET_MEMBER, Act.DESCRIBE_ROOM}, "program": set(Act)},
    ),
    "direct": (
        {"mode": Mode.MEMBERS, "direct": "3:17"},
        dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING, "owner": OWNING - {Act.SET_MEMBER}}
        | {"program": set(Act) - {Act.SET_MEMBER}},
    ),
    "direct, said to be open": (
        {"direct": "3:17"},
        dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING, "owner": OWNING - {Act.SET_MEMBER}}
        | {"program": set(Act) - {Act.SET_MEMBER}},
    ),
    "deleted": ({"slug": f"{Room.DELETED}1"}, {"program": {Act.DELETE_ROOM}}),
    "lobby": (
        {"slug": Room.LOBBY},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), OWN)
        | {"moderator here": MODERATING, "moderator of the site": MODERATING, "owner": OWNING}
        | {"program": set(Act) - {Act.DELETE_ROOM}},
    ),
}


def in_state(state: str) -> Room:
    return Room(**{"pk": KEY, "slug": "lounge", "title": "Lounge", **TABLE[state][0]})


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("state", TABLE)
def test_what_each_may_in_each_room(state: str, name: str) -> None:
    expected = TABLE[state][1].get(name, NOTHING)

    assert acts(CAST[name], in_state(state)) == expected


@pytest.mark.parametrize("guests", ["speak", "read", "none"])
@pytest.mark.parametrize("state", TABLE)
def test_what_is_listed_is_what_may_be_read(state: str, guests: str, settings: Any, db: None) -> None:
    """The same right, once as a question about a room and once as a query."""
    settings.CHAT = {**settings.CHAT, "GUESTS": guests}
    Room.objects.filter(slug=Room.LOBBY).delete()
    room = in_state(state)
    room.save()

    for name, actor in CAST.items():
        assert access.visible_rooms(actor).contains(room) == access.sees(actor, room), name


def test_the_site_says_what_guests_may(settings: Any) -> None:
    guest, invited = CAST["guest"], CAST["invited guest"]

    settings.CHAT = {**settings.CHAT, "GUESTS": "read"}
    assert acts(guest, in_state("open")) == {Act.READ}
    assert acts(invited, in_state("members only")) == OWN
    assert acts(CAST["user"], in_state("open")) == OWN
    settings.CHAT = {**settings.CHAT, "GUESTS": "none"}
    assert acts(guest, in_state("open")) == acts(invited, in_state("members only")) == NOTHING
    assert acts(CAST["user"], in_state("open")) == OWN


@pytest.mark.parametrize(
    ("name", "state", "act", "error"),
    [
        ("guest", "members only", Act.POST, NotFound),
        ("guest", "direct", Act.SET_MEMBER, NotFound),
        ("moderator of the site", "direct", Act.MODERATE, NotFound),
        ("owner", "deleted", Act.POST, NotFound),
        ("guest", "read-only", Act.POST, ReadOnly),
        ("owner", "archived", Act.REACT, ReadOnly),
        ("member", "archived", Act.DELETE, ReadOnly),
        ("guest", "read-only", Act.MODERATE, Forbidden),
        ("guest", "open", Act.SET_MEMBER, Forbidden),
        ("moderator here", "archived", Act.SET_MEMBER, Forbidden),
    ],
)
def test_who_may_not_is_told_no_more_than_they_know(
    name: str, state: str, act: Act, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        access.check(CAST[name], act, in_state(state))

    assert raised.type is error


def test_users_make_rooms_where_the_site_lets_them(settings: Any) -> None:
    carol = User(username="carol")
    here, in_admin = Actor("member", Person(id="x"), carol), Actor("member", user=carol, in_admin=True)

    assert not access.may(here, Act.CREATE_ROOM)
    settings.CHAT = {**settings.CHAT, "ROOMS_BY": "users"}
    assert access.may(here, Act.CREATE_ROOM)
    assert not access.may(in_admin, Act.CREATE_ROOM)
    assert not access.may(CAST["guest"], Act.CREATE_ROOM)
    assert access.may(here, Act.OPEN_DIRECT)
    assert not access.may(CAST["guest"], Act.OPEN_DIRECT)


def test_what_permissions_give_is_known_without_the_database(db: None) -> None:
    """The event loop asks, too, and whatever backend has said so."""
    carol = staff("add_room").user
    assert carol
    here = access.of_user(Person(id="x"), carol, "member", access.permissions_of(carol))
    before = replace(here, permissions=frozenset())
    carol.__dict__.pop("_perm_cache"), carol.__dict__.pop("_user_perm_cache")

    with CaptureQueriesContext(connection) as queries:
        assert access.may(here, Act.CREATE_ROOM)
        assert not access.may(before, Act.CREATE_ROOM)

    assert not queries
    # Nor is their list of rooms what it was before they might.
    assert room_list.asker(here) != room_list.asker(before)
    assert here.audience == access.of_user(Person(id="y"), carol, "member", frozenset()).audience


def test_memberships_are_of_persons_of_users_and_of_their_groups(
    alice: Person, bob: Person, lounge: Room
) -> None:
    other = Room.objects.create(slug="other", title="Other")
    carol, dave = User.objects.create(username="carol"), User.objects.create(username="dave")
    crew = Group.objects.create(name="crew")
    carol.groups.add(crew)
    for membership in (
        {"person": alice, "room": lounge, "role": "member"},
        {"user": carol, "room": lounge, "role": "moderator"},
        {"group": crew, "room": lounge, "role": "member"},
        {"group": crew, "room": other, "role": "owner"},
    ):
        Membership.objects.create(**membership)
    asked: list[access.Whose] = [("alice", None), ("bob", None), (None, carol.pk), ("alice", carol.pk)]
    asked += [(None, dave.pk), (None, None)]

    with CaptureQueriesContext(connection) as queries:
        found = access.memberships(asked)

    of_carol = frozenset({(lounge.pk, "moderator"), (other.pk, "owner")})
    nothing: access.Memberships = frozenset()
    of_alice: access.Memberships = frozenset({(lounge.pk, "member")})
    assert [found[whose] for whose in asked] == [of_alice, nothing, of_carol, of_carol, nothing, nothing]
    assert len(queries) == 3


def test_an_id_that_may_be_anybody_s_has_no_memberships() -> None:
    assert access.whose(access.guest(Person(id="alice", is_owned=True))) == ("alice", None)
    assert access.whose(access.guest(Person(id="alice", is_owned=False))) == (None, None)


def test_a_guest_speaks_and_changes_their_own(alice: Person, lounge: Room) -> None:
    assert acts(access.guest(alice), lounge) == OWN


@pytest.mark.parametrize(
    ("permissions", "attributes", "may"),
    [
        (["moderate"], {}, OWN | {Act.MODERATE}),
        (["view_message"], {}, OWN),
        (["moderate"], {"is_staff": False}, OWN),
        (["moderate", "change_room"], {"is_active": False}, OWN),
        (["change_room"], {}, OWN | {Act.DESCRIBE_ROOM, Act.SET_MEMBER}),
        (["add_room", "delete_room"], {}, OWN | {Act.CREATE_ROOM, Act.DELETE_ROOM}),
        (["change_room"], {"is_staff": False}, OWN),
        ([], {"is_superuser": True}, set(Act) - {Act.OPEN_DIRECT}),
    ],
)
def test_what_a_site_user_may_is_what_django_says(
    lounge: Room, permissions: list[str], attributes: dict[str, Any], may: set[Act]
) -> None:
    assert acts(staff(*permissions, **attributes), lounge) == may


@pytest.mark.parametrize("state", [{"is_archived": True}, {"mode": "members", "direct": "3:17"}])
def test_a_moderator_in_the_admin_deletes_whatever_the_state_of_the_room(
    alice: Person, lounge: Room, state: dict[str, Any]
) -> None:
    said = messages.post(access.guest(alice), lounge, "hi")
    Room.objects.filter(pk=lounge.pk).update(**state)
    carol = staff("moderate")

    assert messages.take_back(carol, [said]) == [said.pk]
    assert messages.take_back(carol, [said]) == []
    said.refresh_from_db()
    assert said.deleted_at
    assert not access.may(carol, Act.POST, Room.objects.get(pk=lounge.pk))


def test_what_a_moderator_may_not_all_take_back_stays(alice: Person, lounge: Room) -> None:
    direct = Room.objects.create(slug="direct", title="Direct", direct="3:17")
    said = [
        messages.post(access.guest(alice), lounge, "hi"),
        messages.post(access.guest(alice, frozenset({(direct.pk, "member")})), direct, "ho"),
    ]
    moderator = Actor("moderator", memberships=frozenset({(direct.pk, "member")}))

    with pytest.raises(Forbidden):
        messages.take_back(moderator, said)

    assert not Message.objects.filter(deleted_at__isnull=False).exists()


def test_a_room_that_is_being_deleted_can_only_be_deleted_again(alice: Person) -> None:
    room = Room(slug=f"{Room.DELETED}1")

    assert acts(access.guest(alice), room) == set()
    assert acts(PROGRAM, room) == {Act.DELETE_ROOM}
    with pytest.raises(NotFound):
        access.check(access.guest(alice), Act.POST, room)


def test_who_sees_a_room_and_may_not_is_told_so(alice: Person, lounge: Room) -> None:
    with pytest.raises(Forbidden):
        access.check(access.guest(alice), Act.MODERATE, lounge)


def test_every_service_asks(alice: Person, bob: Person, lounge: Room) -> None:
    said, mallory = messages.post(access.guest(alice), lounge, "hi"), access.guest(bob)

    for attempt in (
        lambda: rooms.create(mallory, Room(slug="new", title="New")),
        lambda: rooms.describe(mallory, Room(pk=lounge.pk, slug="lounge", title="Mine")),
        lambda: rooms.delete(mallory, lounge),
        lambda: rooms.delete(PROGRAM, Room(slug=Room.LOBBY)),
        lambda: messages.take_back(mallory, [said]),
        lambda: messages.post(staff("moderate"), lounge, "nobody says this"),
    ):
        with pytest.raises(Forbidden):
            attempt()

    assert Room.objects.get(pk=lounge.pk).title == "Lounge"
    assert list(Message.objects.values_list("text", "deleted_at")) == [("hi", None)]
    assert not Room.objects.filter(slug="new").exists()


def test_what_is_half_deleted_is_seen_by_the_site_s_own_people_alone(alice: Person, lounge: Room) -> None:
    gone = Room.objects.create(slug=f"{Room.DELETED}1", title="Gone")

    assert gone not in access.visible_rooms(access.guest(alice))
    assert {lounge, gone} <= set(access.visible_rooms(staff("delete_room")))
    with pytest.raises(NotFound):
        access.visible_messages(access.guest(alice), gone)
    Message.objects.create(room=gone, author=alice, version=1, first_version=1, text="gone with it")
    assert not access.visible_messages(access.guest(alice)).exists()
    assert access.visible_messages(PROGRAM).count() == 1
