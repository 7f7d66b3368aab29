"""Who may do what: one table, asked by everybody."""

import contextlib
import time
from dataclasses import replace
from typing import Any, get_args

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat import access, actors
from chat.access import Act
from chat.actors import PROGRAM, Actor, Restriction
from chat.core.errors import BannedHere, Forbidden, Muted, NotFound, Outranked, ReadOnly
from chat.core.protocol import Role, SanctionKind
from chat.models import Membership, Message, Mode, Person, Room
from chat.services import messages, room_list, rooms

READING, NOTHING = {Act.READ, Act.REPORT}, set[Act]()
OWN = READING | {Act.POST, Act.EDIT, Act.DELETE, Act.REACT}
#: A moderator of the site needs a permission to ban, one of the room does not.
SITE_MODERATING = OWN | {Act.MODERATE, Act.SANCTION, Act.RUN_ROOM}
MODERATING = SITE_MODERATING | {Act.BAN}
OWNING = MODERATING | {Act.SET_MEMBER, Act.DESCRIBE_ROOM, Act.EXPORT}
SITE_CLEARING = SITE_MODERATING - {Act.POST, Act.EDIT, Act.REACT}
CLEARING = SITE_CLEARING | {Act.BAN}
NOT_IN_DIRECT = {Act.SET_MEMBER, Act.SANCTION, Act.BAN, Act.RUN_ROOM}
#: The room of the table.
KEY = 7


def acts(actor: Actor, room: Room | None = None) -> set[Act]:
    return {act for act in Act if access.may(actor, act, room)}


def staff(*permissions: str, **attributes: Any) -> Actor:
    """A site user with these permissions, as the admin finds them."""
    user = User.objects.create_user("carol", **{"is_staff": True, **attributes})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return actors.of_admin(user)


def of(role: Role, *, site: Role = "guest") -> Actor:
    """Somebody who is this in the room of the table, and that on the site."""
    return Actor(site, Person(id="x", name="X"), memberships=frozenset({(KEY, role)}))


#: Whoever may come across the room.
CAST = {
    "visitor": actors.VISITOR,
    "reader": actors.READER,
    "guest": actors.guest(Person(id="x", name="X")),
    "guest of another room": actors.guest(Person(id="x", name="X"), frozenset({(KEY + 1, "owner")})),
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
#: Who has no name reads where outsiders do, and nothing else.
NAMELESS = {"reader": {Act.READ}}

#: What each may do, by the state of the room. Who is not named may do nothing.
TABLE: dict[str, tuple[dict[str, Any], dict[str, set[Act]]]] = {
    "open": (
        {},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), OWN)
        | {"moderator here": MODERATING, "moderator of the site": SITE_MODERATING, "owner": OWNING}
        | {"program": set(Act)}
        | NAMELESS,
    ),
    "read-only": (
        {"mode": Mode.READ_ONLY},
        dict.fromkeys(OUTSIDERS, READING)
        | dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING, "moderator of the site": SITE_MODERATING, "owner": OWNING}
        | {"program": set(Act)}
        | NAMELESS,
    ),
    "for users": (
        {"mode": Mode.USERS},
        dict.fromkeys(("visitor", "guest", "guest of another room"), READING)
        | dict.fromkeys(("user", *MEMBERS), OWN)
        | {"moderator here": MODERATING, "moderator of the site": SITE_MODERATING, "owner": OWNING}
        | {"program": set(Act)}
        | NAMELESS,
    ),
    "for whoever has a name": (
        {"needs_name": True},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), OWN)
        | {"moderator here": MODERATING, "moderator of the site": SITE_MODERATING, "owner": OWNING}
        | {"program": set(Act)},
    ),
    "members only": (
        {"mode": Mode.MEMBERS},
        dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING, "moderator of the site": SITE_MODERATING, "owner": OWNING}
        | {"program": set(Act)},
    ),
    "archived": (
        {"is_archived": True},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), READING)
        | {"moderator here": CLEARING, "moderator of the site": SITE_CLEARING}
        | {"owner": CLEARING | OWNING - MODERATING, "program": set(Act)}
        | NAMELESS,
    ),
    "archived and members only": (
        {"mode": Mode.MEMBERS, "is_archived": True},
        dict.fromkeys(MEMBERS, READING)
        | {"moderator here": CLEARING, "moderator of the site": SITE_CLEARING}
        | {"owner": CLEARING | OWNING - MODERATING, "program": set(Act)},
    ),
    "direct": (
        {"mode": Mode.MEMBERS, "direct": "3:17"},
        dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING - NOT_IN_DIRECT, "owner": OWNING - NOT_IN_DIRECT}
        | {"program": set(Act) - NOT_IN_DIRECT},
    ),
    "direct, said to be open": (
        {"direct": "3:17"},
        dict.fromkeys(MEMBERS, OWN)
        | {"moderator here": MODERATING - NOT_IN_DIRECT, "owner": OWNING - NOT_IN_DIRECT}
        | {"program": set(Act) - NOT_IN_DIRECT},
    ),
    "deleted": ({"slug": f"{Room.DELETED}1"}, {"program": {Act.DELETE_ROOM}}),
    "lobby": (
        {"slug": Room.LOBBY},
        dict.fromkeys((*OUTSIDERS, *MEMBERS), OWN)
        | {"moderator here": MODERATING, "moderator of the site": SITE_MODERATING, "owner": OWNING}
        | {"program": set(Act) - {Act.DELETE_ROOM}}
        | NAMELESS,
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
    assert acts(guest, in_state("open")) == READING
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
        ("guest", "for users", Act.POST, ReadOnly),
        ("guest", "read-only", Act.MODERATE, Forbidden),
        ("moderator of the site", "open", Act.BAN, Forbidden),
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
    here = actors.of_user(Person(id="x"), carol, "member", actors.permissions_of(carol))
    before = replace(here, permissions=frozenset())
    carol.__dict__.pop("_perm_cache"), carol.__dict__.pop("_user_perm_cache")

    with CaptureQueriesContext(connection) as queries:
        assert access.may(here, Act.CREATE_ROOM)
        assert not access.may(before, Act.CREATE_ROOM)

    assert not queries
    # Nor is their list of rooms what it was before they might.
    assert room_list.asker(here) != room_list.asker(before)
    assert here.audience == actors.of_user(Person(id="y"), carol, "member", frozenset()).audience


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
    asked: list[actors.Whose] = [("alice", None), ("bob", None), (None, carol.pk), ("alice", carol.pk)]
    asked += [(None, dave.pk), (None, None)]

    with CaptureQueriesContext(connection) as queries:
        found = actors.memberships(asked)

    of_carol = frozenset({(lounge.pk, "moderator"), (other.pk, "owner")})
    nothing: actors.Memberships = frozenset()
    of_alice: actors.Memberships = frozenset({(lounge.pk, "member")})
    assert [found[whose] for whose in asked] == [of_alice, nothing, of_carol, of_carol, nothing, nothing]
    assert len(queries) == 3


def test_an_id_that_may_be_anybody_s_has_no_memberships() -> None:
    assert actors.whose(actors.guest(Person(id="alice", is_owned=True))) == ("alice", None)
    assert actors.whose(actors.guest(Person(id="alice", is_owned=False))) == (None, None)


def under(kind: SanctionKind, *, room: int | None = None, left: float | None = 60.0) -> Restriction:
    """A sanction for so many seconds more, in a room or on the site."""
    return Restriction(kind, room, None if left is None else time.time() + left)


def stopped(name: str, *restrictions: Restriction) -> Actor:
    return replace(CAST[name], restrictions=frozenset(restrictions))


@pytest.mark.parametrize("room", [KEY, None])
@pytest.mark.parametrize("name", ["guest", "member", "moderator here", "moderator of the site", "owner"])
def test_who_is_muted_reads_and_deletes_their_own_and_who_is_out_does_nothing(
    name: str, room: int | None
) -> None:
    here, elsewhere = in_state("open"), Room(pk=KEY + 1, slug="other", title="Other")

    muted, kicked, banned = (stopped(name, under(kind, room=room)) for kind in get_args(SanctionKind))

    assert acts(muted, here) == READING | {Act.DELETE}
    assert acts(kicked, here) == acts(banned, here) == NOTHING
    for actor in (muted, kicked, banned):
        kept = acts(CAST[name], elsewhere)
        assert acts(actor, elsewhere) == (kept if room else kept & acts(actor, here))
    assert access.rights(muted, here) == access.rights(banned, here) == []


def test_what_is_over_stops_nobody_and_what_lasts_longest_is_told() -> None:
    room = in_state("open")

    assert acts(stopped("guest", under("ban", left=-1)), room) == OWN
    for_good = stopped("guest", under("mute", left=30), under("mute", room=KEY, left=None))
    with pytest.raises(Muted) as muted:
        access.check(for_good, Act.POST, room)
    assert muted.value.retry_after is None
    with pytest.raises(Muted) as muted:
        access.check(for_good, Act.POST, Room(pk=KEY + 1, slug="other", title="Other"))
    assert muted.value.retry_after in (29, 30)
    with pytest.raises(BannedHere) as banned:
        access.check(stopped("guest", under("ban"), under("mute", left=None)), Act.READ, room)
    assert banned.value.retry_after in (59, 60)


def test_who_might_not_anyway_is_told_that_and_nothing_of_a_sanction() -> None:
    with pytest.raises(NotFound):
        access.check(stopped("guest", under("ban")), Act.POST, in_state("members only"))
    with pytest.raises(ReadOnly):
        access.check(stopped("guest", under("mute")), Act.POST, in_state("read-only"))


def test_a_sanction_does_not_reach_into_the_admin() -> None:
    here = stopped("moderator of the site", under("ban"))

    assert not access.may(here, Act.MODERATE)
    assert access.may(replace(here, in_admin=True), Act.MODERATE)


def test_rooms_that_somebody_is_banned_from_are_in_no_list(lobby: Room, lounge: Room) -> None:
    out_of_lounge = under("kick", room=lounge.pk)

    assert set(access.visible_rooms(stopped("guest", out_of_lounge))) == {lobby}
    assert set(access.visible_rooms(stopped("guest", under("mute")))) == {lobby, lounge}
    assert not access.visible_rooms(stopped("moderator of the site", under("ban"))).exists()
    # And whoever else hears what is told this audience may hear it, too.
    assert stopped("guest", out_of_lounge).audience != CAST["guest"].audience
    assert stopped("guest", under("mute")).audience == CAST["guest"].audience


RANKS = ("guest", "member", "moderator here", "owner")


@pytest.mark.parametrize("other", RANKS)
@pytest.mark.parametrize("name", RANKS)
def test_nobody_stops_who_may_as_much_as_they(name: str, other: str) -> None:
    room, is_above = in_state("open"), RANKS.index(name) > RANKS.index(other)

    with contextlib.nullcontext() if is_above else pytest.raises(Outranked):
        access.check_outranks(CAST[name], CAST[other], room)


def test_ranks_on_the_site_and_in_a_room() -> None:
    of_site, here, owner = (CAST[one] for one in ("moderator of the site", "moderator here", "owner"))

    access.check_outranks(of_site, owner, None)
    # Nor does who has made a room keep those out of it who moderate the site.
    for one, other in ((of_site, owner), (of_site, here), (here, of_site), (owner, of_site)):
        with pytest.raises(Outranked):
            access.check_outranks(one, other, in_state("open"))
    with pytest.raises(Outranked):
        access.check_outranks(here, of_site, None)


def test_a_program_and_a_superuser_in_the_admin_are_above_all() -> None:
    admin = Actor("moderator", user=User(is_superuser=True), in_admin=True)

    for one in (PROGRAM, admin):
        access.check_outranks(one, CAST["owner"], in_state("open"))
    for one in (replace(admin, in_admin=False), replace(admin, user=User(is_staff=True))):
        with pytest.raises(Outranked):
            access.check_outranks(one, CAST["owner"], in_state("open"))


def test_what_a_client_may_show_buttons_for() -> None:
    here, of_site = CAST["moderator here"], CAST["moderator of the site"]
    who_bans = replace(of_site, permissions=frozenset({"chat.ban"}))

    assert access.rights(CAST["member"], in_state("open")) == access.rights(here) == []
    assert access.rights(here, in_state("archived")) == ["moderate", "ban", "run"]
    assert access.rights(of_site, in_state("open")) == access.rights(of_site) == ["moderate", "run"]
    assert access.rights(who_bans) == access.rights(who_bans, in_state("open"))
    assert access.rights(who_bans) == ["moderate", "ban", "run"]
    assert access.rights(who_bans, in_state("direct")) == []


def test_a_guest_speaks_and_changes_their_own(alice: Person, lounge: Room) -> None:
    assert acts(actors.guest(alice), lounge) == OWN


@pytest.mark.parametrize(
    ("permissions", "attributes", "may"),
    [
        (["moderate"], {}, SITE_MODERATING),
        (["moderate", "ban"], {}, MODERATING),
        (["ban", "see_addresses", "export"], {}, OWN | {Act.BAN, Act.SEE_ADDRESSES, Act.EXPORT}),
        (["ban"], {"is_staff": False}, OWN),
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
    said = messages.post(actors.guest(alice), lounge, "hi")
    Room.objects.filter(pk=lounge.pk).update(**state)
    carol = staff("moderate")

    assert messages.delete(carol, [said]) == [said.pk]
    assert messages.delete(carol, [said]) == []
    said.refresh_from_db()
    assert said.deleted_at
    assert not access.may(carol, Act.POST, Room.objects.get(pk=lounge.pk))


def test_what_a_moderator_may_not_all_take_back_stays(alice: Person, lounge: Room) -> None:
    direct = Room.objects.create(slug="direct", title="Direct", direct="3:17")
    said = [
        messages.post(actors.guest(alice), lounge, "hi"),
        messages.post(actors.guest(alice, frozenset({(direct.pk, "member")})), direct, "ho"),
    ]
    moderator = Actor("moderator", memberships=frozenset({(direct.pk, "member")}))

    with pytest.raises(Forbidden):
        messages.delete(moderator, said)

    assert not Message.objects.filter(deleted_at__isnull=False).exists()


def test_a_room_that_is_being_deleted_can_only_be_deleted_again(alice: Person) -> None:
    room = Room(slug=f"{Room.DELETED}1")

    assert acts(actors.guest(alice), room) == set()
    assert acts(PROGRAM, room) == {Act.DELETE_ROOM}
    with pytest.raises(NotFound):
        access.check(actors.guest(alice), Act.POST, room)


def test_who_sees_a_room_and_may_not_is_told_so(alice: Person, lounge: Room) -> None:
    with pytest.raises(Forbidden):
        access.check(actors.guest(alice), Act.MODERATE, lounge)


def test_every_service_asks(alice: Person, bob: Person, lounge: Room) -> None:
    said, mallory = messages.post(actors.guest(alice), lounge, "hi"), actors.guest(bob)

    for attempt in (
        lambda: rooms.create(mallory, Room(slug="new", title="New")),
        lambda: rooms.describe(mallory, Room(pk=lounge.pk, slug="lounge", title="Mine")),
        lambda: rooms.delete(mallory, lounge),
        lambda: rooms.delete(PROGRAM, Room(slug=Room.LOBBY)),
        lambda: messages.delete(mallory, [said]),
        lambda: messages.post(staff("moderate"), lounge, "nobody says this"),
    ):
        with pytest.raises(Forbidden):
            attempt()

    assert Room.objects.get(pk=lounge.pk).title == "Lounge"
    assert list(Message.objects.values_list("text", "deleted_at")) == [("hi", None)]
    assert not Room.objects.filter(slug="new").exists()


def test_what_is_half_deleted_is_seen_by_the_site_s_own_people_alone(alice: Person, lounge: Room) -> None:
    gone = Room.objects.create(slug=f"{Room.DELETED}1", title="Gone")

    assert gone not in access.visible_rooms(actors.guest(alice))
    assert {lounge, gone} <= set(access.visible_rooms(staff("delete_room")))
    with pytest.raises(NotFound):
        access.visible_messages(actors.guest(alice), gone)
    Message.objects.create(room=gone, author=alice, version=1, first_version=1, text="gone with it")
    assert not access.visible_messages(actors.guest(alice)).exists()
    assert access.visible_messages(PROGRAM).count() == 1
