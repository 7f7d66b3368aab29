"""Who may do what in the admin: each deed asked for by each kind of staff, as access.py says."""

from typing import Any, NamedTuple

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat import access, actors
from chat.access import Act
from chat.actors import PROGRAM, guest
from chat.admin import downloads, large
from chat.models import (
    ActKind,
    FilterRule,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Person,
    PersonAddress,
    Report,
    Room,
    Sanction,
)
from chat.models.address import AddressKey
from chat.services import audit, messages, moderation, reports

#: Staff, by the permissions of Django's that they have. A host is the moderator of the lounge and no more.
STAFF: dict[str, tuple[str, ...]] = {
    "nobody": (),
    "reader": ("view_message", "view_person", "view_sanction", "view_report", "view_moderationact"),
    "moderator": ("moderate",),
    "bouncer": ("moderate", "ban"),
    "watcher": ("moderate", "see_addresses"),
    "keeper": ("export",),
    "host": (),
}
ADDRESS = "ab" * 16


class Deed(NamedTuple):
    """Something that is asked for by a form of the admin."""

    path: str
    form: dict[str, Any]
    act: Act
    #: The page that has the button, and what it is known by there.
    page: str = ""
    button: str = ""
    #: Whether it is about the whole site, wherever it was asked for.
    is_of_site: bool = False


def to_person(kind: str, act: Act, **more: Any) -> Deed:
    form = {"act": kind, "room": "{room}", "minutes": "60", "reason": "spam", "confirmed": "yes", **more}
    return Deed("person/alice/act/", form, act, "message/{message}/change/", f'value="{kind}"')


def to_rows(table: str, action: str, row: str, act: Act) -> Deed:
    form = {"action": action, "_selected_action": f"{{{row}}}", "confirmed": "yes", "reason": "spam"}
    return Deed(f"{table}/", form, act, f"{table}/", f'<option value="{action}">')


DEEDS = {
    "warn": to_person("warn", Act.SANCTION),
    "mute": to_person("mute", Act.SANCTION),
    "kick": to_person("kick", Act.SANCTION),
    "ban": to_person("ban", Act.BAN),
    "unmute": to_person("unmute", Act.SANCTION),
    "unban": to_person("unban", Act.BAN),
    "purge": to_person("purge", Act.MODERATE),
    "delete": Deed(
        "message/{message}/act/",
        {"act": "delete"},
        Act.MODERATE,
        "message/{message}/change/",
        'value="delete"',
    ),
    "restore": Deed(
        "message/{gone}/act/", {"act": "restore"}, Act.MODERATE, "message/{gone}/change/", 'value="restore"'
    ),
    "delete some": to_rows("message", "take_back", "message", Act.MODERATE),
    "restore some": to_rows("message", "restore", "gone", Act.MODERATE),
    "lift": Deed("sanction/{mute}/lift/", {}, Act.SANCTION, "sanction/{mute}/change/", "chat-lift"),
    "lift a ban": Deed("sanction/{ban}/lift/", {}, Act.BAN, "sanction/{ban}/change/", "chat-lift"),
    "lift some": to_rows("sanction", "lift", "mute", Act.SANCTION),
    "accept": Deed(
        "report/{report}/decide/",
        {"act": "accept"},
        Act.MODERATE,
        "report/{report}/change/",
        'value="accept"',
    ),
    "dismiss": Deed(
        "report/{report}/decide/",
        {"act": "dismiss"},
        Act.MODERATE,
        "report/{report}/change/",
        'value="dismiss"',
    ),
    "dismiss some": to_rows("report", "dismiss", "report", Act.MODERATE),
    "accept some": to_rows("report", "accept", "report", Act.MODERATE),
    "let through": Deed(
        "heldmessage/{held}/decide/",
        {"act": "let_through"},
        Act.MODERATE,
        "heldmessage/{held}/change/",
        'value="let_through"',
    ),
    "refuse": Deed(
        "heldmessage/{held}/decide/",
        {"act": "refuse"},
        Act.MODERATE,
        "heldmessage/{held}/change/",
        'value="refuse"',
    ),
    "let some through": to_rows("heldmessage", "let_through", "held", Act.MODERATE),
    "refuse some": to_rows("heldmessage", "refuse", "held", Act.MODERATE),
    "add a filter": Deed(
        "filterrule/add/",
        {"kind": "word", "value": "teapot", "action": "refuse", "room": "{room}", "is_active": "on"},
        Act.RUN_ROOM,
    ),
    "change a filter": Deed(
        "filterrule/{rule}/change/",
        {"kind": "word", "value": "teapot", "action": "hold", "room": "{room}"},
        Act.RUN_ROOM,
        "filterrule/{rule}/change/",
        'name="_save"',
    ),
    "delete a filter": Deed(
        "filterrule/{rule}/delete/",
        {"post": "yes"},
        Act.RUN_ROOM,
        "filterrule/{rule}/change/",
        "deletelink",
    ),
    "ban everywhere": to_person("ban", Act.BAN, room="")._replace(is_of_site=True, page=""),
    "export": Deed(
        "person/alice/export/",
        {"format": "csv"},
        Act.EXPORT,
        "person/alice/change/",
        'value="jsonl"',
        is_of_site=True,
    ),
    "erase": Deed(
        "person/alice/erase/",
        {"messages": "keep", "confirmed": "yes"},
        Act.EXPORT,
        "person/alice/change/",
        "/erase/",
        is_of_site=True,
    ),
    "export a room": Deed(
        "room/{room}/export/", {"format": "csv"}, Act.EXPORT, "room/{room}/change/", 'value="jsonl"'
    ),
    "export the audit": Deed(
        "moderationact/export/", {}, Act.EXPORT, "moderationact/", "moderationact/export/", is_of_site=True
    ),
}


@pytest.fixture
def scene(alice: Person, bob: Person, lounge: Room) -> dict[str, dict[str, Any]]:
    """In each of two rooms something of everything: for each room the keys of what there is."""
    salon = Room.objects.create(slug="salon", title="Salon")
    key = AddressKey.objects.create()
    PersonAddress.objects.create(person=alice, key=key, address=ADDRESS)
    PersonAddress.objects.create(person=bob, key=key, address=ADDRESS)
    return {room.slug: _something(alice, bob, room) for room in (lounge, salon)}


def _something(alice: Person, bob: Person, room: Room) -> dict[str, Any]:
    said = messages.post(guest(alice), room, f"teapot of the {room.slug}")
    gone = messages.post(guest(alice), room, f"samovar of the {room.slug}")
    messages.delete(PROGRAM, [gone])
    return {
        "room": room.pk,
        "message": said.pk,
        "gone": gone.pk,
        "mute": moderation.sanction(PROGRAM, alice, "mute", room, 60).pk,
        "ban": moderation.sanction(PROGRAM, alice, "ban", room, 60).pk,
        "report": reports.report(guest(bob), said, "spam").pk,
        "held": HeldMessage.objects.create(
            room=room, author=alice, name="Alice", text=f"held: {room.slug}"
        ).pk,
        "rule": FilterRule.objects.create(room=room, kind="word", value=f"word of the {room.slug}").pk,
        "act": audit.note(PROGRAM, ActKind.WARN, room=room, person=alice, reason=f"noted: {room.slug}").pk,
    }


def staff(client: Client, kind: str, lounge: Room) -> User:
    user = User.objects.create_user(kind, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=STAFF[kind]))
    if kind == "host":
        Membership.objects.create(room=lounge, user=user, role="moderator")
    client.force_login(user)
    return User.objects.get(pk=user.pk)


def state() -> list[Any]:
    """All that a deed may change, and that it was noted."""
    return [
        sorted(model._default_manager.values_list(*fields))
        for model, fields in (
            (Message, ("pk", "version", "author")),
            (Sanction, ("pk", "version")),
            (Report, ("pk", "state")),
            (HeldMessage, ("pk", "is_refused")),
            (FilterRule, ("pk", "value", "action")),
            (Person, ("pk",)),
            (ModerationAct, ("pk",)),
            (LogEntry, ("pk",)),
        )
    ]


def filled(words: Any, keys: dict[str, Any]) -> Any:
    return words.format(**keys) if isinstance(words, str) else words


@pytest.mark.parametrize(("kind", "place"), [*((kind, "lounge") for kind in STAFF), ("host", "salon")])
def test_whoever_may_does_it_and_for_others_nothing_changes(
    scene: dict[str, dict[str, Any]], client: Client, lounge: Room, kind: str, place: str
) -> None:
    actor = actors.of_admin(staff(client, kind, lounge))
    room, keys, wrong = Room.objects.get(slug=place), scene[place], []
    pages = {deed.page: client.get(f"/admin/chat/{filled(deed.page, keys)}") for deed in DEEDS.values()}
    for name, deed in DEEDS.items():
        may = access.may(actor, deed.act, None if deed.is_of_site else room)
        sees = may if deed.act is not Act.EXPORT else may and kind == "keeper"
        with transaction.atomic():
            if deed.page:
                page = pages[deed.page]
                # A list has the buttons for what somebody may do anywhere; the service asks for each row.
                is_list = deed.page.count("/") == 1
                has_button = page.status_code == 200 and deed.button in page.text
                if has_button != sees and not (is_list and kind == "host"):
                    wrong.append(f"{name}: button {has_button}")
            before, acts, log = state(), ModerationAct.objects.count(), LogEntry.objects.count()
            answer = client.post(
                f"/admin/chat/{filled(deed.path, keys)}",
                {key: filled(value, keys) for key, value in deed.form.items()},
            )
            getattr(answer, "getvalue", lambda: b"")()
            if not may and state() != before:
                wrong.append(f"{name}: done")
            if may and not (ModerationAct.objects.count() > acts and LogEntry.objects.count() > log):
                wrong.append(f"{name}: not done and noted, {answer.status_code}")
            transaction.set_rollback(True)

    assert wrong == []


TABLES = {
    "message/": "teapot of the {}",
    "sanction/": "/admin/chat/sanction/{mute}/",
    "report/": "teapot of the {}",
    "heldmessage/": "held: {}",
    "filterrule/": "word of the {}",
    "moderationact/": "noted: {}",
}


@pytest.mark.parametrize("kind", ["nobody", "moderator", "host"])
def test_moderators_see_the_rows_of_their_rooms(
    scene: dict[str, dict[str, Any]], client: Client, lounge: Room, kind: str
) -> None:
    staff(client, kind, lounge)

    for path, words in TABLES.items():
        page = client.get(f"/admin/chat/{path}")
        seen = [place for place in scene if words.format(place, **scene[place]) in page.text]
        expected = {"nobody": [], "moderator": ["lounge", "salon"], "host": ["lounge"]}[kind]
        assert (path, page.status_code, seen) == (path, 403 if kind == "nobody" else 200, expected)


def test_a_host_sees_of_a_person_what_is_in_their_room(
    scene: dict[str, dict[str, Any]], client: Client, lounge: Room
) -> None:
    carol = Person.objects.create(pk="carol", name="Carol")
    messages.post(guest(carol), Room.objects.get(slug="salon"), "nothing for hosts")
    staff(client, "host", lounge)

    page = client.get("/admin/chat/person/alice/change/").text

    assert "teapot of the lounge" in page
    assert "of the salon" not in page
    assert "noted: salon" not in page
    assert ADDRESS not in page
    assert "Carol" not in client.get("/admin/chat/person/").text
    assert client.get("/admin/chat/person/carol/change/").status_code == 302
    assert client.post("/admin/chat/person/carol/act/", {"act": "mute"}).status_code == 404


def test_a_host_is_not_offered_what_only_the_site_takes_back(
    scene: dict[str, dict[str, Any]], client: Client, bob: Person, lounge: Room
) -> None:
    messages.post(guest(bob), lounge, "hello")
    moderation.sanction(PROGRAM, bob, "ban")
    staff(client, "host", lounge)

    for page in ("person/bob/change/", f"room/{lounge.pk}/live/?person=bob"):
        shown = client.get(f"/admin/chat/{page}").text
        assert 'value="ban"' in shown
        assert 'value="unban"' not in shown


def test_whoever_only_exports_is_not_told_that_there_is_nothing(
    scene: dict[str, dict[str, Any]], client: Client, lounge: Room
) -> None:
    staff(client, "keeper", lounge)

    page = client.get("/admin/chat/person/alice/change/").text

    assert "chat-data" in page
    for part in ("chat-messages", "chat-sanctions", "chat-reports"):
        assert part not in page


@pytest.mark.parametrize(("kind", "sees"), [("watcher", True), ("bouncer", False)])
def test_hashes_of_addresses_are_for_those_who_may_see_them(
    scene: dict[str, dict[str, Any]], client: Client, lounge: Room, kind: str, sees: bool
) -> None:
    staff(client, kind, lounge)
    Sanction.objects.filter(pk=scene["lounge"]["ban"]).update(address=ADDRESS)

    person = client.get("/admin/chat/person/alice/change/").text
    sanction = client.get(f"/admin/chat/sanction/{scene['lounge']['ban']}/change/").text

    assert (ADDRESS in person) == sees
    assert ('href="/admin/chat/person/bob/change/"' in person.partition("chat-addresses")[2]) == sees
    assert ('name="address"' in person) == (kind == "bouncer")  # who bans them need not see them
    assert (ADDRESS in sanction) == sees
    for path in ("person/", "message/"):
        found = client.get(f"/admin/chat/{path}?q={ADDRESS}").text
        assert ("person/alice/change/" in found) == sees


def test_nobody_changes_the_audit(admin_client: Client, scene: dict[str, dict[str, Any]]) -> None:
    key = scene["lounge"]["act"]

    for path in ("add/", f"{key}/change/", f"{key}/delete/"):
        assert admin_client.post(f"/admin/chat/moderationact/{path}", {"post": "yes"}).status_code == 403
    admin_client.post(
        "/admin/chat/moderationact/",
        {"action": "delete_selected", "_selected_action": [key], "post": "yes"},
    )

    assert ModerationAct.objects.get(pk=key).reason == "noted: lounge"


def test_the_audit_is_a_table_that_no_spreadsheet_carries_out(
    admin_client: Client, alice: Person, lounge: Room
) -> None:
    audit.note(PROGRAM, ActKind.WARN, room=lounge, person=Person(pk="x", name=" ＝1+1"), reason="formula")
    audit.note(PROGRAM, ActKind.MUTE, person=alice, reason="other")

    answer = admin_client.post("/admin/chat/moderationact/export/?kind__exact=warn")

    header, *lines = answer.getvalue().decode().splitlines()
    assert header.startswith("\ufeffid,at,kind,via")  # by which a spreadsheet knows what it is written in
    assert len(lines) == 1
    assert ",' ＝1+1," in lines[0]
    assert ModerationAct.objects.filter(kind=ActKind.EXPORT).exists()


def test_the_audit_outlives_the_room(admin_client: Client, alice: Person, lounge: Room) -> None:
    act = audit.note(PROGRAM, ActKind.WARN, room=lounge, person=alice)
    Room.objects.filter(pk=lounge.pk).delete()

    for path in ("", f"{act.pk}/change/"):
        assert "Lounge" in admin_client.get(f"/admin/chat/moderationact/{path}").text


LISTS = (
    *("message/", "message/?q=teapot", f"message/?q={ADDRESS}", "message/?from=2020-01-01", "person/"),
    *(
        "report/?message__room__id__exact=1",
        "sanction/",
        "sanction/?active=1&q=spam",
        "sanction/?q=alice",
        "report/",
        "report/?state=all&q=spam",
        "heldmessage/",
    ),
    *("filterrule/", "moderationact/", "moderationact/?q=spam&kind__exact=mute&via__exact=chat"),
)


@pytest.mark.parametrize("who", ["admin", "host"])
def test_no_list_counts_without_end_or_asks_for_each_row(
    scene: dict[str, dict[str, Any]], client: Client, admin_user: User, lounge: Room, who: str
) -> None:
    for number in range(20):
        audit.note(
            PROGRAM, ActKind.WARN, room=lounge, person=Person.objects.get(pk="bob"), reason=str(number)
        )
    client.force_login(admin_user if who == "admin" else staff(client, who, lounge))
    for path in LISTS:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/chat/{path}").status_code == 200

        counted = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
        assert counted
        assert [sql for sql in counted if sql.count("COUNT(") > sql.count("LIMIT")] == []
        assert len(captured) <= 22, path


def test_messages_are_found_by_time(scene: dict[str, dict[str, Any]], admin_client: Client) -> None:
    for query, is_found in (
        ("from=2000-01-01T00:00", True),
        ("from=2100-01-01T00:00", False),
        ("to=2000-01-01T00:00", False),
        ("from=2000-01-01T00:00&to=2100-01-01T00:00&q=teapot", True),
    ):
        rows = admin_client.get(f"/admin/chat/message/?{query}").text.partition("result_list")[2]
        assert ("teapot" in rows) == is_found, query


def test_a_time_that_is_none_is_no_fault(admin_client: Client) -> None:
    assert admin_client.get("/admin/chat/message/?from=soon").status_code == 302


def test_a_rule_that_makes_no_sense_is_refused_beside_its_field(admin_client: Client) -> None:
    form = {"kind": "pattern", "value": "(", "action": "refuse", "is_active": "on"}

    answer = admin_client.post("/admin/chat/filterrule/add/", form)

    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert not FilterRule.objects.exists()


def test_what_was_said_is_purged_once_it_was_asked_twice(
    scene: dict[str, dict[str, Any]], admin_client: Client
) -> None:
    form = {"act": "purge", "room": "", "minutes": "60", "reason": "spam"}

    asked = admin_client.post("/admin/chat/person/alice/act/", form)
    assert "teapot of the salon" in asked.text
    assert Message.objects.filter(deleted_at=None).count() == 2

    admin_client.post("/admin/chat/person/alice/act/", {**form, "confirmed": "yes"})
    assert not Message.objects.filter(deleted_at=None).exists()


def test_of_a_lot_so_much_is_purged_at_a_time(
    scene: dict[str, dict[str, Any]], admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.services.moderation.PURGED_AT_A_TIME", 1)
    monkeypatch.setattr(large, "DONE", 1)
    form = {"act": "purge", "room": "", "minutes": "60", "reason": "spam", "confirmed": "yes"}

    for left, has_more in ((1, True), (0, False)):
        page = admin_client.post("/admin/chat/person/alice/act/", form, follow=True).text
        assert Message.objects.filter(deleted_at=None).count() == left
        assert ('class="warning"' in page) == has_more


def test_who_has_said_a_lot_is_not_erased_by_a_page(
    scene: dict[str, dict[str, Any]], admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "DONE", 3)  # alice has said four things
    form = {"messages": "delete", "confirmed": "yes"}

    page = admin_client.post("/admin/chat/person/alice/erase/", form, follow=True).text

    assert "manage.py chat_erase alice" in page
    assert Message.objects.filter(author="alice").count() == 4


def test_few_files_are_sent_at_one_time(
    scene: dict[str, dict[str, Any]], admin_client: Client, lounge: Room
) -> None:
    paths = ("person/alice/export/", f"room/{lounge.pk}/export/", "moderationact/export/")
    sent = [admin_client.post(f"/admin/chat/{paths[n % 2]}") for n in range(downloads.AT_ONCE)]
    before = state()

    for path in paths:
        assert admin_client.post(f"/admin/chat/{path}").status_code == 302
    assert state() == before

    request_finished.disconnect(close_old_connections)  # the connection is the test's
    sent[0].close()  # whoever has asked for it is gone
    request_finished.connect(close_old_connections)
    [answer.getvalue() for answer in sent[1:]]
    for path in paths:
        assert admin_client.post(f"/admin/chat/{path}").getvalue()


def test_nobody_takes_a_kick_back(
    scene: dict[str, dict[str, Any]], admin_client: Client, bob: Person
) -> None:
    kick = moderation.sanction(PROGRAM, bob, "kick")
    before = state()

    assert "chat-lift" not in admin_client.get(f"/admin/chat/sanction/{kick.pk}/change/").text
    assert admin_client.post(f"/admin/chat/sanction/{kick.pk}/lift/").status_code == 404
    assert state() == before


def test_a_message_is_not_deleted_by_a_form_that_says_something_else(
    scene: dict[str, dict[str, Any]], admin_client: Client
) -> None:
    before = state()

    for form in ({}, {"act": "pin"}):
        answer = admin_client.post(f"/admin/chat/message/{scene['lounge']['message']}/act/", form)
        assert answer.status_code == 404

    assert state() == before


def test_a_warning_says_why(scene: dict[str, dict[str, Any]], admin_client: Client) -> None:
    before = state()

    admin_client.post("/admin/chat/person/alice/act/", {"act": "warn", "minutes": "60", "reason": " "})

    assert state() == before


def test_a_form_that_was_made_up_does_nothing(
    scene: dict[str, dict[str, Any]], admin_client: Client
) -> None:
    before = state()
    form = {"act": "mute", "minutes": "60", "reason": ""}

    for made_up in ({"room": "999"}, {"room": "x"}, {"minutes": "7"}, {"reason": "a\nb"}):
        assert admin_client.post("/admin/chat/person/alice/act/", form | made_up).status_code == 302

    assert state() == before


def test_nobody_is_sent_to_another_site(scene: dict[str, dict[str, Any]], admin_client: Client) -> None:
    form = {"act": "mute", "minutes": "60", "next": "https://evil.example/"}

    assert admin_client.post("/admin/chat/person/alice/act/", form)["Location"].startswith("/admin/")


def test_erasing_shows_first_what_would_go(scene: dict[str, dict[str, Any]], admin_client: Client) -> None:
    before = state()
    asked = admin_client.get("/admin/chat/person/alice/erase/", headers={"accept-language": "en"})

    assert "Messages: 4" in asked.text
    assert state() == before

    admin_client.post("/admin/chat/person/alice/erase/", {"messages": "delete", "confirmed": "yes"})

    assert not Person.objects.filter(pk="alice").exists()
    assert "Alice" not in str(list(LogEntry.objects.values_list("object_repr", "change_message")))
