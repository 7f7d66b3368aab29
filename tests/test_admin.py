"""The moderator's view."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.actors import PROGRAM, guest
from chat.admin import large
from chat.admin.messages import MessageAdmin
from chat.models import Directory, Membership, Message, Person, Room
from chat.services import history, messages
from tests.people import person_of

#: What the form of a room has beside its title, with no members to be changed.
ROOM_FORM = {
    "mode": "open",
    "position": "0",
    "slow": "0",
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
}


@pytest.fixture
def said(alice: Person, bob: Person, lounge: Room) -> Message:
    """Alice has said something in the lounge, and Bob has, too."""
    messages.post(guest(bob), lounge, "nothing of note")
    return messages.post(guest(alice), lounge, "<script>alert(1)</script> teapot")


@pytest.fixture
def moderator(admin_user: User, client: Client) -> Client:
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("path", ["", "chat/room/", "chat/person/", "chat/message/"])
def test_a_visitor_has_to_log_in(said: Message, client: Client, path: str) -> None:
    answer = client.get(f"/admin/{path}")

    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("room/", "lounge"),
        ("room/?q=Loun", "lounge"),
        ("person/", "Alice"),
        ("person/?q=alice", "Alice"),
        ("message/", "teapot"),
        ("message/?q=teapot", "teapot"),
        ("message/?q=Alice", "teapot"),
        ("message/?room__id__exact={room}", "teapot"),
        ("message/?sent_at__year=2000", "0 "),
        ("message/{message}/change/", "teapot"),
        ("person/alice/change/", "Alice"),
        ("room/{room}/change/", "lounge"),
    ],
)
def test_a_moderator_finds_and_reads(said: Message, moderator: Client, path: str, found: str) -> None:
    answer = moderator.get("/admin/chat/" + path.format(message=said.pk, room=said.room_id))

    assert answer.status_code == 200
    assert found in answer.content.decode()
    assert b"<script>alert" not in answer.content


def test_a_search_leaves_out_what_does_not_match(said: Message, moderator: Client) -> None:
    answer = moderator.get("/admin/chat/message/?q=teapot")

    assert b"nothing of note" not in answer.content


def test_messages_are_filtered_by_the_first_rooms_and_by_no_conversation(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "NAMED", 3)
    Room.objects.create(slug="direct-1", title="Alice, Bob", direct="3:17", position=-1)
    Room.objects.bulk_create(Room(slug=f"room-{n}", title=f"Tea {n}", position=n) for n in range(1, 6))

    page = moderator.get("/admin/chat/message/").content.decode()

    assert "Tea 1" in page
    assert "Alice, Bob" not in page
    assert page.count("?room__id__exact=") == 3


@pytest.mark.parametrize("path", ["person/add/", "message/add/"])
def test_nobody_speaks_for_others(said: Message, moderator: Client, path: str) -> None:
    assert moderator.get(f"/admin/chat/{path}").status_code == 403
    assert moderator.post(f"/admin/chat/{path}", {"text": "forged"}).status_code == 403


def test_nobody_rewords_others(said: Message, moderator: Client) -> None:
    change = {"text": "forged", "name": "Mallory", "author": "bob", "id": "mallory"}

    assert moderator.post(f"/admin/chat/message/{said.pk}/change/", change).status_code == 403
    assert moderator.post("/admin/chat/person/alice/change/", change).status_code == 403

    said.refresh_from_db()
    assert (said.text, said.name, said.author_id) == ("<script>alert(1)</script> teapot", "Alice", "alice")
    assert Person.objects.get(pk="alice").name == "Alice"


def test_a_room_changes_its_title_and_keeps_its_address(said: Message, moderator: Client) -> None:
    form = {"title": "Salon", "slug": "salon", **ROOM_FORM}
    answer = moderator.post(f"/admin/chat/room/{said.room_id}/change/", form)

    assert answer.status_code == 302
    room = Room.objects.get(pk=said.room_id)
    assert (room.title, room.slug) == ("Salon", "lounge")


def test_a_room_has_a_title_for_each_language_of_the_site(said: Message, moderator: Client) -> None:
    page = f"/admin/chat/room/{said.room_id}/change/"
    form = {"title": "Salon", **ROOM_FORM}

    moderator.post(page, {**form, "title_ru": " Гостиная ", "title_en": "Salon"})
    assert Room.objects.get(pk=said.room_id).titles == {"ru": "Гостиная"}
    assert "Гостиная" in moderator.get(page).content.decode()
    assert ">Гостиная</a>" in moderator.get("/admin/chat/room/").content.decode()  # whose reader is Russian

    refused = moderator.post(page, {**form, "title_ru": "\u200b"})
    assert refused.status_code == 200
    assert Room.objects.get(pk=said.room_id).titles == {"ru": "Гостиная"}

    moderator.post(page, form)
    assert Room.objects.get(pk=said.room_id).titles == {}


def test_the_lobby_stays(said: Message, moderator: Client) -> None:
    lobby, _is_new = Room.objects.get_or_create(slug=Room.LOBBY, defaults={"title": "Lobby"})

    moderator.post(f"/admin/chat/room/{lobby.pk}/delete/", {"post": "yes"})
    moderator.post(
        "/admin/chat/room/", {"action": "delete_selected", "_selected_action": [lobby.pk], "post": "yes"}
    )

    assert Room.objects.filter(slug=Room.LOBBY).exists()


def test_a_moderator_takes_messages_back_and_the_text_stays_for_moderators(
    said: Message, moderator: Client
) -> None:
    answer = moderator.post(
        "/admin/chat/message/",
        {"action": "take_back", "confirmed": "yes", "_selected_action": [said.pk]},
        follow=True,
    )

    assert answer.status_code == 200
    said.refresh_from_db()
    assert said.deleted_at
    assert "teapot" in said.text
    assert "teapot" not in str(history.latest(PROGRAM, said.room, 10))
    assert LogEntry.objects.get().object_id == str(said.pk)


def test_who_may_only_look_takes_nothing_back(said: Message, client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_message"))
    client.force_login(reader)

    client.post(
        "/admin/chat/message/", {"action": "take_back", "confirmed": "yes", "_selected_action": [said.pk]}
    )

    said.refresh_from_db()
    assert said.deleted_at is None


@pytest.mark.parametrize("path", ["message/{message}/delete/", "person/alice/delete/"])
def test_no_row_is_removed(said: Message, moderator: Client, path: str) -> None:
    answer = moderator.post("/admin/chat/" + path.format(message=said.pk), {"post": "yes"})

    assert answer.status_code == 403


def test_a_room_is_deleted_with_all_that_was_said_in_it(
    said: Message, moderator: Client, django_capture_on_commit_callbacks: Any
) -> None:
    address = f"/admin/chat/room/{said.room_id}/delete/"
    asked = moderator.get(address)

    with django_capture_on_commit_callbacks(execute=True):
        answer = moderator.post(address, {"post": "yes"})

    assert "<li>Сообщения: 2</li>" in asked.content.decode()
    assert answer.status_code == 302
    assert not Room.objects.filter(slug="lounge").exists()
    assert not Message.objects.exists()
    assert LogEntry.objects.get().object_repr == "Lounge"


def test_a_room_in_which_a_lot_was_said_is_not_deleted_by_a_page(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "LOOKED_AT", 1)

    page = moderator.post(f"/admin/chat/room/{said.room_id}/delete/", {"post": "yes"}, follow=True).text

    assert f"manage.py chat_room delete {said.room.slug}" in page
    assert Message.objects.filter(room=said.room).count() == 2


def test_whoever_may_not_delete_rooms_deletes_none(said: Message, client: Client) -> None:
    helper = User.objects.create_user("helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["view_room", "change_room"]))
    client.force_login(helper)

    answer = client.post(f"/admin/chat/room/{said.room_id}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert Message.objects.count() == 2


def test_the_log_has_what_was_really_deleted(said: Message, moderator: Client) -> None:
    form = {"action": "take_back", "confirmed": "yes", "_selected_action": [said.pk]}
    for _ in range(2):
        moderator.post("/admin/chat/message/", form)

    assert LogEntry.objects.count() == 1


def test_many_are_taken_back_a_few_at_a_time(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each is noted, in the same transaction."""
    monkeypatch.setattr("chat.admin.messages.TAKEN_AT_A_TIME", 2)
    for number in range(3):
        messages.post(guest(said.author), said.room, str(number))
    keys = list(Message.objects.values_list("pk", flat=True))

    moderator.post(
        "/admin/chat/message/", {"action": "take_back", "confirmed": "yes", "_selected_action": keys}
    )

    assert not Message.objects.filter(deleted_at=None).exists()
    assert {entry.object_id for entry in LogEntry.objects.all()} == set(map(str, keys))


def test_what_cannot_be_noted_is_not_taken_back(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("chat.admin.deeds.note", fail)
    answer = moderator.post(
        "/admin/chat/message/", {"action": "take_back", "confirmed": "yes", "_selected_action": [said.pk]}
    )

    assert answer.status_code == 503
    said.refresh_from_db()
    assert said.deleted_at is None


def test_times_have_a_zone_and_words_their_cases(said: Message, moderator: Client) -> None:
    message, room = f"message/{said.pk}/change/", f"room/{said.room_id}/change/"
    moderator.post(f"/admin/chat/{room}", {"title": "Salon", **ROOM_FORM})
    pages = [
        moderator.get(f"/admin/chat/{path}", headers={"accept-language": "ru"}).content.decode()
        for path in ("message/", message, "room/", room, "person/", f"room/{said.room_id}/history/")
    ]

    assert all("UTC" in page for page in (*pages[:2], *pages[3:]))  # the list of rooms has no time
    asked = moderator.get(f"/admin/chat/room/{said.room_id}/delete/", headers={"accept-language": "ru"})
    assert "удалить комнату" in asked.content.decode()
    wrong = ("Изменить комната", "Добавить комната", "Выберите комната", "Выберите человек")
    assert not any(words in page for words in wrong for page in pages)
    assert "Ref:" not in pages[1]
    assert "None" not in pages[1]


@pytest.mark.parametrize("path", ["room/", "person/", "message/", "message/?sent_at__year=2026"])
def test_no_list_looks_at_every_row_for_its_calendar(said: Message, moderator: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert moderator.get(f"/admin/chat/{path}").status_code == 200

    asked = [query["sql"] for query in captured if "_trunc" in query["sql"] or "MIN(" in query["sql"]]
    assert asked == []


def test_lists_of_a_large_site_count_for_the_rows_they_show(
    said: Message, moderator: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12) as captured:
        page = moderator.get("/admin/chat/person/").content.decode()

    assert page.count("field-message_count") == 2
    assert not [query["sql"] for query in captured if 'JOIN "chat_message"' in query["sql"]]


def test_a_room_that_is_half_deleted_can_only_be_deleted(moderator: Client, lounge: Room) -> None:
    """Another moderator deletes it while the form is open, or the deletion was interrupted."""
    Room.objects.filter(pk=lounge.pk).update(slug=f"{Room.DELETED}1")
    path = f"/admin/chat/room/{lounge.pk}"

    assert moderator.get(f"{path}/change/").status_code == 200
    assert moderator.post(f"{path}/change/", {"title": "Salon", **ROOM_FORM}).status_code == 403
    assert Room.objects.get(pk=lounge.pk).title == "Lounge"
    assert moderator.post(f"{path}/delete/", {"post": "yes"}).status_code == 302


def test_a_long_list_goes_through_its_first_rows_and_says_so(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages.post(guest(said.author), said.room, "and more")
    monkeypatch.setattr(large, "LISTED", 2)
    monkeypatch.setattr(MessageAdmin, "list_per_page", 1)

    second = moderator.get("/admin/chat/message/?p=2").content.decode()
    search = moderator.get("/admin/chat/message/?q=note").content.decode()

    assert "Первые 2. Есть и другие" in second
    assert "teapot" in second
    assert moderator.get("/admin/chat/message/?p=3").status_code == 302  # there is none
    assert "Всего: 1" in search


def test_so_much_is_deleted_at_a_time_and_the_rest_the_next_time(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "DONE", 1)
    form = {
        "action": "take_back",
        "confirmed": "yes",
        "_selected_action": [said.pk],
        "select_across": "1",
        "index": "0",
    }

    for left, has_more in ((1, True), (0, False)):
        page = moderator.post("/admin/chat/message/", form, follow=True).text
        assert Message.objects.filter(deleted_at=None).count() == left
        assert ("messagelist" in page, "warning" in page.partition("messagelist")[2][:200]) == (
            True,
            has_more,
        )


def test_a_search_without_an_index_looks_at_the_newest_and_says_so(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "LOOKED_AT", 1)

    pages = [
        moderator.get(f"/admin/chat/{path}").content.decode()
        for path in ("message/?q=note", "message/?q=teapot", "person/?q=Alice", "person/?q=Bob")
    ]

    assert all("только по последним 1 из тех" in page for page in pages)
    assert ["Всего: 1" in page for page in pages] == [False, True, False, True]


def test_a_search_looks_at_the_newest_of_what_the_filters_leave(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "LOOKED_AT", 2)
    lobby, _is_new = Room.objects.get_or_create(slug=Room.LOBBY, defaults={"title": "Lobby"})
    for _ in range(3):
        messages.post(guest(said.author), lobby, "elsewhere")

    answer = moderator.get(f"/admin/chat/message/?room__id__exact={said.room_id}&q=note")

    assert "nothing of note" in answer.content.decode()


def test_messages_are_found_by_a_whole_id(said: Message, moderator: Client) -> None:
    assert "Всего: 1" in moderator.get("/admin/chat/message/?q=bob").content.decode()
    assert "teapot" not in moderator.get("/admin/chat/message/?q=bob").content.decode()


@pytest.mark.parametrize("path", ["person/", "room/?q=lounge"])
def test_messages_are_counted_so_far(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    messages.post(guest(said.author), said.room, "and more")
    assert '<td class="field-message_count">' in moderator.get(f"/admin/chat/{path}").content.decode()

    monkeypatch.setattr(large, "COUNTED", 1)
    page = moderator.get(f"/admin/chat/{path}").content.decode()

    assert '<td class="field-message_count">больше 1</td>' in page


@pytest.mark.parametrize(
    "path",
    [
        *("room/", "room/?q=lounge", "person/", "person/?q=Alice", "person/?o=-3", "message/"),
        *("message/?q=tea", "message/?deleted_at__isempty=0", "message/?room__id__exact={room}"),
        "message/?_facets=True",
    ],
)
def test_no_page_counts_without_end(said: Message, moderator: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert moderator.get(f"/admin/chat/{path.format(room=said.room_id)}").status_code == 200

    # Who is here is bounded by how many connections there are.
    asked = [query["sql"] for query in captured if "chat_presence" not in query["sql"]]
    counted = [sql for sql in asked if "COUNT(" in sql]
    assert counted
    assert [sql for sql in counted if sql.count("COUNT(") > sql.count("LIMIT")] == []


def test_what_was_deleted_has_an_index(said: Message, moderator: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        moderator.get("/admin/chat/message/?deleted_at__isempty=0")

    [count] = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")  # there are two rows
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{count}")
        assert "deleted_message" in str(cursor.fetchall())


def test_who_belongs_to_a_room_is_said_beside_it(
    said: Message, moderator: Client, admin_user: User, django_capture_on_commit_callbacks: Any
) -> None:
    crew = Group.objects.create(name="crew")
    before = Directory.current().version
    rows: list[dict[str, Any]] = [
        {"user": admin_user.pk, "role": "owner"},
        {"group": crew.pk},
        {"person": "alice"},
    ]
    with django_capture_on_commit_callbacks() as told:
        answer = moderator.post(*members_form(said.room, rows))

    assert answer.status_code == 302
    found = Membership.objects.filter(room=said.room).order_by("pk")
    assert [(str(one), one.role) for one in found] == [
        ("admin", "owner"),
        ("crew", "member"),
        ("Alice", "member"),
    ]
    # However much is changed in it, a transaction moves the directory once, and tells so once.
    assert Directory.current().version == before + 1
    assert len([one for one in told if getattr(one, "__name__", "") == "_tell_processes"]) == 1

    owner, group, person = found
    rows = [
        {"id": owner.pk, "user": admin_user.pk, "role": "moderator"},
        {"id": group.pk, "group": crew.pk, "DELETE": "on"},
        {"id": person.pk, "person": "alice"},
    ]
    assert moderator.post(*members_form(said.room, rows, initial=3)).status_code == 302

    assert [(str(one), one.role) for one in found.all()] == [("admin", "moderator"), ("Alice", "member")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({}, "choose one"),
        ({"user": 1, "person": "alice"}, "choose one"),
        ({"person": "anybody"}, "Anybody may come under this id"),
        ({"user": "x"}, ""),
    ],
)
def test_a_member_is_one_and_somebody_certain(
    said: Message, moderator: Client, admin_user: User, row: dict[str, Any], words: str
) -> None:
    Person.objects.create(pk="anybody", name="Anybody")
    row = {**row, "user": admin_user.pk} if row.get("user") == 1 else row

    address, form = members_form(said.room, [{"role": "owner", **row}])
    answer = moderator.post(address, form, headers={"accept-language": "en"})

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not Membership.objects.exists()


def members_form(room: Room, rows: list[dict[str, Any]], initial: int = 0) -> tuple[str, dict[str, Any]]:
    """The address of a room's page, and a form that says who belongs to it."""
    form: dict[str, Any] = {"title": room.title, **ROOM_FORM}
    form |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        whole = {"role": "member", "room": room.pk, **row}
        form |= {f"memberships-{number}-{key}": value for key, value in whole.items()}
    return f"/admin/chat/room/{room.pk}/change/", form


def test_who_may_only_look_at_rooms_makes_nobody_a_member(said: Message, client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    rights = ["view_room", "add_membership", "change_membership", "delete_membership"]
    reader.user_permissions.set(Permission.objects.filter(codename__in=rights))
    Membership.objects.create(room=said.room, person=said.author)
    client.force_login(reader)
    address, form = members_form(said.room, [{"user": reader.pk, "role": "owner"}])

    assert "Alice" in client.get(address).content.decode()
    assert client.post(address, form).status_code == 403

    assert Membership.objects.count() == 1


def test_of_a_large_room_the_members_are_counted(said: Message, moderator: Client) -> None:
    people = Person.objects.bulk_create(
        Person(pk=f"p{number}", name=f"Guest {number}", is_owned=True) for number in range(101)
    )
    Membership.objects.bulk_create(Membership(room=said.room, person=person) for person in people)

    page = moderator.get(f"/admin/chat/room/{said.room_id}/change/").content.decode()

    assert "chat_room member" in page
    assert "Guest 7" not in page


def test_conversations_of_two_are_told_apart(said: Message, moderator: Client) -> None:
    Room.objects.create(slug="direct-1", title="Alice, Bob", direct="1:2", mode="members")

    rooms_ = moderator.get("/admin/chat/room/?kind=room").content.decode()
    directs = moderator.get("/admin/chat/room/?kind=direct").content.decode()

    assert "Lounge" in rooms_
    assert "Alice, Bob" not in rooms_
    assert "Alice, Bob" in directs
    assert "Lounge" not in directs


@pytest.mark.parametrize("words", ["", "?q=carol"])
def test_a_person_who_is_a_user_is_shown_as_such(said: Message, moderator: Client, words: str) -> None:
    carol = User.objects.create_user("carol", first_name="Каролина")
    person = person_of(carol)

    found = moderator.get(f"/admin/chat/person/{words}").text
    page = moderator.get(f"/admin/chat/person/{person.pk}/change/").text

    for shown in (found, page):
        assert f'<a href="/admin/auth/user/{carol.pk}/change/">carol</a>' in shown
        assert "Каролина" in shown
    assert ("Alice" in found) == (not words)


def test_what_no_list_has_sent_is_no_fault(said: Message, moderator: Client) -> None:
    """PostgreSQL keeps no NUL, and Django looks for whatever key it is given."""
    for path in ("message/?q=a%00b", "room/?epoch=%00", "person/?id=%00"):
        assert moderator.get(f"/admin/chat/{path}").status_code == 302, path
    for path, key in (("room", "x"), ("message", "9" * 30), ("sanction", "1\0")):
        form = {"action": "archive", "_selected_action": key}
        assert moderator.post(f"/admin/chat/{path}/", form).status_code == 404, path
