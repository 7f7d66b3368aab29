"""Who may do what: one table, asked by everybody."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from chat import access
from chat.access import PROGRAM, Act, Actor
from chat.core.errors import Forbidden, NotFound
from chat.models import Message, Person, Room
from chat.services import messages, rooms

OWN = {Act.READ, Act.POST, Act.EDIT, Act.DELETE, Act.REACT}
OF_ROOMS = {Act.CREATE_ROOM, Act.DESCRIBE_ROOM, Act.DELETE_ROOM}


def acts(actor: Actor, room: Room | None = None) -> set[Act]:
    return {act for act in Act if access.may(actor, act, room)}


def staff(*permissions: str, **attributes: Any) -> Actor:
    """A site user with these permissions, as the admin finds them."""
    user = User.objects.create_user("carol", **{"is_staff": True, **attributes})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return access.site_user(user)


def test_a_guest_speaks_and_changes_their_own(alice: Person, lounge: Room) -> None:
    assert acts(access.guest(alice), lounge) == OWN


@pytest.mark.parametrize(
    ("permissions", "attributes", "may"),
    [
        (["delete_message"], {}, OWN | {Act.MODERATE}),
        (["view_message"], {}, OWN),
        (["delete_message"], {"is_staff": False}, OWN),
        (["delete_message", "change_room"], {"is_active": False}, OWN),
        (["change_room"], {}, OWN | {Act.DESCRIBE_ROOM}),
        (["add_room", "delete_room"], {}, OWN | {Act.CREATE_ROOM, Act.DELETE_ROOM}),
        (["change_room"], {"is_staff": False}, OWN),
        ([], {"is_superuser": True}, set(Act)),
    ],
)
def test_what_a_site_user_may_is_what_django_says(
    lounge: Room, permissions: list[str], attributes: dict[str, Any], may: set[Act]
) -> None:
    assert acts(staff(*permissions, **attributes), lounge) == may


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
        lambda: messages.post(staff("delete_message"), lounge, "nobody says this"),
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
