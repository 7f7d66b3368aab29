"""The chat's start page in the admin, the live view of a room, and what is done there."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actors import PROGRAM, guest
from chat.admin import live, plot
from chat.models import (
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Person,
    Presence,
    Process,
    Report,
    Room,
)
from chat.services import messages, moderation
from chat.storage import counts

LOOKS = ("view_room", "view_message")
RUN = {
    "initial-topic": "",
    "initial-mode": "open",
    "initial-slow": "0",
    "topic": "",
    "mode": "open",
    "slow": "0",
}


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    """Numbers of the start page are kept for some seconds, whoever asks."""
    cache.clear()


@pytest.fixture
def said(alice: Person, bob: Person, lounge: Room) -> Message:
    """Alice has said something in the lounge, which Bob has reported."""
    message = messages.post(guest(alice), lounge, "buy <b>elephants</b>")
    Report.objects.create(message=message, reporter=bob, reason="spam")
    return message


@pytest.fixture
def moderator(admin_user: User, client: Client) -> Client:
    client.force_login(admin_user)
    return client


def staff(*permissions: str) -> Client:
    """Somebody of the staff with these permissions of Django's."""
    user = User.objects.create_user("somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def here(room: Room, people: Iterable[Person], process: str = "one") -> None:
    """These people are in a room, through a process."""
    Process.objects.get_or_create(pk=process, defaults={"host": "h", "pid": 1, "lease": 9})
    Presence.objects.bulk_create(
        Presence(process=process, person=one.pk, name=one.name, rooms={str(room.pk): "guest"}, version=1)
        for one in people
    )


# Numbers


def test_a_person_is_counted_once_however_many_processes_they_came_by(
    alice: Person, bob: Person, lounge: Room
) -> None:
    here(lounge, [alice, bob])
    here(lounge, [alice], process="two")
    Presence.objects.create(process="one", person="watcher", name="W", rooms={}, version=1)
    Presence.objects.create(process="one", person="left", name="L", rooms={}, version=1, is_here=False)
    Presence.objects.create(
        process="gone", person="old", name="O", rooms={str(lounge.pk): "guest"}, version=1
    )

    assert counts.online() == {lounge.pk: 2}
    assert counts.people_here() == 2
    assert [(one.id, one.name, one.role) for one in counts.people_in(lounge, 10)] == [
        ("alice", "Alice", "guest"),
        ("bob", "Bob", "guest"),
    ]
    assert len(counts.people_in(lounge, 1)) == 1


def test_how_much_was_said_is_found_by_the_keys_of_messages(alice: Person, lounge: Room) -> None:
    now = timezone.now()
    for minutes in (170, 110, 100, 5):
        message = messages.post(guest(alice), lounge, "hi")
        Message.objects.filter(pk=message.pk).update(sent_at=now - timedelta(minutes=minutes))
    hours = [now - timedelta(hours=hour) for hour in (4, 3, 2, 1, 0)]

    assert counts.said_between(hours) == [0, 1, 2, 1]
    # What is gone since was said nevertheless, save before the first that is left.
    Message.objects.filter(pk__in=Message.objects.order_by("pk").values("pk")[:2]).delete()
    assert counts.said_between(hours) == [0, 0, 1, 1]


def test_nothing_was_said_where_there_is_nothing(db: None) -> None:
    now = timezone.now()

    assert counts.said_between([now - timedelta(hours=1), now]) == [0]


def test_a_plot_says_in_words_what_it_draws(alice: Person, lounge: Room) -> None:
    messages.post(guest(alice), lounge, "hi")
    hour, day = plot.lately()
    drawn = plot.of_hour(hour)

    assert (len(hour.numbers), len(day.numbers)) == (60, 96)
    assert [bar.height for bar in drawn.bars] == [0] * 59 + [plot.HEIGHT]
    assert drawn.words.startswith("1 ")
    assert plot.of_day(plot.Said(day.since, day.span, [0] * 96)).bars[0].height == 0


# The start page


def test_the_start_page_has_what_goes_on_and_what_waits(
    said: Message, alice: Person, bob: Person, moderator: Client
) -> None:
    here(said.room, [alice, bob])
    HeldMessage.objects.create(room=said.room, author=bob, name="Bob", text="see my page", why="links")
    moderation.sanction(PROGRAM, alice, "mute", said.room, 10, "too loud")

    page = moderator.get("/admin/chat/", headers={"accept-language": "en"}).text

    for words in (
        "2 people are here",
        "buy &lt;b&gt;elephants&lt;/b&gt;",
        "see my page",
        "too loud",
        "Lounge",
    ):
        assert words in page
    assert f"/admin/chat/room/{said.room_id}/live/" in page
    for title in ("Open reports", "Held messages", "Sanctions that hold"):
        assert f'{title} <span class="chat-count">1</span>' in page
    assert 'style="' not in page  # which the policy of the site would not let through
    first = moderator.get("/admin/", headers={"accept-language": "en"}).text
    assert "people here: 2" in " ".join(first.split())


def test_rooms_are_called_as_their_readers_call_them(said: Message, moderator: Client) -> None:
    Room.objects.filter(pk=said.room_id).update(titles={"ru": "Гостиная"})

    for address in ("/admin/chat/", "/admin/chat/message/"):
        for language, words, others in (("ru", "Гостиная", "Lounge"), ("en", "Lounge", "Гостиная")):
            page = moderator.get(address, headers={"accept-language": language}, follow=True).text
            assert words in page, address
            assert others not in page, address


@pytest.mark.parametrize(("words", "is_found"), [("Гостин", True), ("oung", True), ("Кухня", False)])
def test_a_room_is_found_by_what_it_is_called_in_any_language(
    said: Message, moderator: Client, words: str, is_found: bool
) -> None:
    Room.objects.filter(pk=said.room_id).update(titles={"ru": "Гостиная"})

    page = moderator.get("/admin/chat/room/", {"q": words}, headers={"accept-language": "en"}).text

    assert (f"/admin/chat/room/{said.room_id}/change/" in page) is is_found


@pytest.mark.parametrize(
    ("permissions", "parts"),
    [
        (("view_room",), {"said", "rooms"}),
        (("view_report",), {"reports"}),
        (("view_heldmessage", "view_sanction"), {"held", "sanctions"}),
        (("view_moderationact",), {"acts"}),
        (("moderate",), {"said", "rooms", "reports", "held", "sanctions", "acts"}),
    ],
)
def test_everybody_sees_what_they_may(said: Message, permissions: tuple[str, ...], parts: set[str]) -> None:
    page = staff(*permissions).get("/admin/chat/").text

    shown = {
        name for name in ("said", "rooms", "reports", "held", "sanctions", "acts") if f"part-{name}" in page
    }
    assert shown == parts


@pytest.mark.parametrize(("part", "others"), [("reports", "accepted"), ("held", "refused")])
def test_a_queue_of_the_start_page_leads_to_all_of_it(
    said: Message, moderator: Client, part: str, others: str
) -> None:
    """Also to what was decided: what else one asks for in the list is not what the link asks for."""
    Report.objects.update(state="accepted")
    HeldMessage.objects.create(room=said.room, author=said.author, name="A", text="hm", is_refused=True)
    address = moderator.get("/admin/chat/").context[part].address

    both = "&" if "?" in address else "?"
    assert moderator.get(f"{address}{both}state={others}").context["cl"].result_count == 1


def test_who_has_nothing_to_do_with_the_chat_finds_no_start_page(said: Message) -> None:
    client = staff("view_user")

    assert client.get("/admin/chat/").status_code == 404
    assert "chat-summary" not in client.get("/admin/").text


def test_a_start_page_costs_as_much_however_much_there_is(
    said: Message, alice: Person, moderator: Client
) -> None:
    def queries() -> list[str]:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert moderator.get("/admin/chat/").status_code == 200
        return [query["sql"] for query in captured]

    before = queries()
    for number in range(20):
        room = Room.objects.create(slug=f"room-{number}", title=f"Room {number}")
        message = messages.post(guest(alice), room, "hi")
        reporter = Person.objects.create(pk=f"p{number}", name="P")
        Report.objects.create(message=message, reporter=reporter)
        moderation.sanction(PROGRAM, reporter, "mute", room)
    after = queries()

    # The rows of two parts that had none are read, and those of three that are full counted, up to a bound.
    assert len(after) <= len(before) + 5
    counted = [sql for sql in after if "COUNT(" in sql and "chat_presence" not in sql]
    assert [sql for sql in counted if sql.count("COUNT(") > sql.count("LIMIT")] == []


# The live view


def test_the_live_view_has_the_talk_and_who_is_there(
    said: Message, alice: Person, moderator: Client
) -> None:
    here(said.room, [alice])
    Room.objects.filter(pk=said.room_id).update(titles={"ru": "Гостиная"})
    page = moderator.get(f"/admin/chat/room/{said.room_id}/live/").text

    assert "Гостиная" in page  # whose reader is Russian
    assert "buy &lt;b&gt;elephants&lt;/b&gt;" in page
    assert 'data-version="1"' in page
    assert '<a href="?person=alice#chosen" data-choose>Alice</a>' in page
    assert "<script>" not in page


def test_a_page_is_told_what_has_changed_since_it_was_there(said: Message, moderator: Client) -> None:
    address = f"/admin/chat/room/{said.room_id}/live/"
    for number in range(3):
        messages.post(guest(said.author), said.room, f"number {number}")
    messages.delete(PROGRAM, [said])
    epoch = Room.objects.get(pk=said.room_id).epoch

    def rows(**since: Any) -> list[str]:
        answer = moderator.get(address, since)
        return [row.text for row in answer.context["talk"].rows] + [str(answer.context["talk"].is_whole)]

    assert rows(after=3, epoch=epoch) == ["number 2", "buy <b>elephants</b>", "False"]
    assert rows(after=5, epoch=epoch) == ["False"]
    whole = ["buy <b>elephants</b>", "number 0", "number 1", "number 2", "True"]
    for after in ("6", "-1", "x", "9" * 30, ""):
        assert rows(after=after, epoch=epoch) == whole
    assert rows(after=3, epoch="another") == whole


def test_a_page_that_was_away_for_long_gets_the_latest(
    said: Message, moderator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LATEST", 2)
    for number in range(3):
        messages.post(guest(said.author), said.room, f"number {number}")
    since: dict[str, Any] = {"after": 1, "epoch": said.room.epoch}

    found = moderator.get(f"/admin/chat/room/{said.room_id}/live/", since).context["talk"]

    assert ([row.text for row in found.rows], found.is_whole) == (["number 1", "number 2"], True)


@pytest.mark.parametrize("chosen", ["message={message}", "person=alice"])
def test_whom_a_moderator_chooses_has_what_may_be_done(
    said: Message, moderator: Client, chosen: str
) -> None:
    moderation.sanction(PROGRAM, said.author, "mute", said.room, 10)
    page = moderator.get(f"/admin/chat/room/{said.room_id}/live/?{chosen.format(message=said.pk)}").text

    assert {f'value="{act}"' in page for act in ("warn", "mute", "unmute", "kick", "ban")} == {True}
    assert 'value="unban"' not in page
    assert ('value="delete"' in page) == chosen.startswith("message")
    assert f'<option value="{said.room_id}" selected>' in page


@pytest.mark.parametrize(
    "chosen", ["message=999", "message=x", f"message={2**70}", "person=nobody", "person=%00"]
)
def test_whoever_is_not_there_is_not_chosen(said: Message, moderator: Client, chosen: str) -> None:
    answer = moderator.get(f"/admin/chat/room/{said.room_id}/live/?{chosen}")

    assert answer.status_code == 200
    assert 'value="warn"' not in answer.text


def test_a_message_of_another_room_is_not_chosen(said: Message, moderator: Client) -> None:
    other = Room.objects.create(slug="other", title="Other")

    assert (
        'value="delete"' not in moderator.get(f"/admin/chat/room/{other.pk}/live/?message={said.pk}").text
    )


@pytest.mark.parametrize("key", [999, 2**70])
def test_a_room_that_is_not_there_has_no_live_view(moderator: Client, key: int) -> None:
    for name in ("live", "act", "export"):
        assert moderator.get(f"/admin/chat/room/{key}/{name}/").status_code == 404


def test_the_owner_of_one_room_moderates_that_alone(said: Message) -> None:
    client = staff()
    Membership.objects.create(room=said.room, user=User.objects.get(username="somebody"), role="owner")
    other = Room.objects.create(slug="other", title="Other")

    page = client.get(f"/admin/chat/room/{said.room_id}/live/?message={said.pk}")

    assert 'value="delete"' in page.text
    assert (
        f"/admin/chat/room/{said.room_id}/change/" not in page.text
    )  # the form is for who has a permission
    assert client.get(f"/admin/chat/room/{other.pk}/live/").status_code == 404
    start = client.get("/admin/chat/").text
    assert f"/admin/chat/room/{said.room_id}/live/" in start
    assert "Other" not in start
    assert "part-said" not in start


@pytest.mark.parametrize(
    "permissions", [(), ("view_room",), ("view_person", "change_room"), ("ban", "export")]
)
def test_who_may_not_read_messages_has_no_live_view(said: Message, permissions: tuple[str, ...]) -> None:
    assert staff(*permissions).get(f"/admin/chat/room/{said.room_id}/live/").status_code == 404


# What is done to a room


@pytest.mark.parametrize(
    ("form", "field", "value", "kind"),
    [
        ({"act": "run", **RUN, "topic": "Tea", "reason": "tea time"}, "topic", "Tea", "manage"),
        ({"act": "run", **RUN, "slow": "10"}, "slow", 10, "manage"),
        ({"act": "run", **RUN, "mode": "users"}, "mode", "users", "manage"),
        ({"act": "run", **RUN, "mode": "archived"}, "is_archived", True, "manage"),
        ({"act": "pin", "message": "{message}"}, "pinned", "{message}", "pin"),
        ({"act": "announce", "message": "We close at nine."}, "slow", 0, "announce"),
    ],
)
def test_a_room_is_run_and_that_is_noted(
    said: Message, moderator: Client, form: dict[str, str], field: str, value: Any, kind: str
) -> None:
    form = {key: value.format(message=said.pk) for key, value in form.items()}
    answer = moderator.post(f"/admin/chat/room/{said.room_id}/act/", form, follow=True)

    assert answer.redirect_chain == [(f"/admin/chat/room/{said.room_id}/live/", 302)]
    room = Room.objects.get(pk=said.room_id)
    assert str(getattr(room, field)) == str(value).format(message=said.pk)
    assert [(act.kind, act.via, act.actor_name) for act in ModerationAct.objects.all()] == [
        (kind, "admin", "admin")
    ]
    assert LogEntry.objects.get().object_id == str(said.room_id)


@pytest.mark.parametrize(
    "form",
    [
        {"act": "run", **RUN},
        {"act": "run", **RUN, "slow": "-1"},
        {"act": "run", **RUN, "slow": "86401"},
        {"act": "run", **RUN, "mode": "deleted"},
        {"act": "run", **RUN, "topic": "x" * 201},
        {"act": "run", **RUN, "topic": "\u200b"},
        {"act": "run"},
        {"act": "announce", "message": ""},
        {"act": "announce", "message": "x" * 4001},
        {"act": "announce", "message": "\u200b"},
        {"act": "pin", "message": "999"},
        {"act": "pin", "message": "x"},
        {"act": "delete"},
        {},
    ],
)
def test_what_makes_no_sense_changes_nothing(
    said: Message, moderator: Client, form: dict[str, str]
) -> None:
    before = Room.objects.filter(pk=said.room_id).values().get()
    answer = moderator.post(f"/admin/chat/room/{said.room_id}/act/", form)

    assert answer.status_code in (302, 404)
    assert Room.objects.filter(pk=said.room_id).values().get() == before
    assert not ModerationAct.objects.exists()
    assert not LogEntry.objects.exists()


def test_what_another_moderator_has_changed_meanwhile_stays(said: Message, moderator: Client) -> None:
    """A form has what was so when it was shown; what nobody touched there is not changed back."""
    Room.objects.filter(pk=said.room_id).update(topic="Coffee")
    moderator.post(f"/admin/chat/room/{said.room_id}/act/", {"act": "run", **RUN, "slow": "10"})

    room = Room.objects.get(pk=said.room_id)
    assert (room.topic, room.slow) == ("Coffee", 10)


def test_what_was_done_leads_back_to_this_site_alone(said: Message, moderator: Client) -> None:
    form = {"act": "unpin", "next": "https://elsewhere.example/"}
    answer = moderator.post(f"/admin/chat/room/{said.room_id}/act/", form)

    assert answer["Location"] == f"/admin/chat/room/{said.room_id}/live/"


@pytest.mark.parametrize(
    ("action", "field", "value"), [("let_guests_read", "mode", "users"), ("archive", "is_archived", True)]
)
def test_rooms_are_changed_together_for_a_reason(
    said: Message, moderator: Client, action: str, field: str, value: Any
) -> None:
    form = {"action": action, "_selected_action": [said.room_id]}
    assert moderator.post("/admin/chat/room/", form).status_code == 200
    assert getattr(Room.objects.get(pk=said.room_id), field) != value

    answer = moderator.post("/admin/chat/room/", {**form, "confirmed": "yes", "reason": "a flood"})

    assert answer.status_code == 302
    assert getattr(Room.objects.get(pk=said.room_id), field) == value
    assert [(act.reason, act.via) for act in ModerationAct.objects.all()] == [("a flood", "admin")]
    assert LogEntry.objects.count() == 1


def test_a_room_comes_out_of_the_archive_as_it_was(said: Message, moderator: Client) -> None:
    Room.objects.filter(pk=said.room_id).update(is_archived=True, mode="members")
    form = {"action": "open_again", "_selected_action": [said.room_id], "confirmed": "yes", "reason": ""}

    moderator.post("/admin/chat/room/", form)

    room = Room.objects.get(pk=said.room_id)
    assert (room.is_archived, room.mode) == (False, "members")


def test_a_conversation_of_two_is_run_by_nobody(said: Message, moderator: Client) -> None:
    direct = Room.objects.create(slug="direct-1", title="Two", direct="1:2", mode="members")

    assert 'id="run"' not in moderator.get(f"/admin/chat/room/{direct.pk}/live/").text
    answer = moderator.post(f"/admin/chat/room/{direct.pk}/act/", {"act": "run", **RUN, "topic": "Tea"})
    assert answer.status_code == 404
    form = {"action": "archive", "_selected_action": [direct.pk], "confirmed": "yes", "reason": ""}
    moderator.post("/admin/chat/room/", form)

    assert not Room.objects.get(pk=direct.pk).is_archived
    assert not ModerationAct.objects.exists()


@pytest.mark.parametrize("permissions", [(), LOOKS, (*LOOKS, "ban", "export"), (*LOOKS, "delete_message")])
def test_who_may_not_run_rooms_sees_no_button_and_changes_nothing(
    said: Message, permissions: tuple[str, ...]
) -> None:
    client = staff(*permissions)
    before = Room.objects.filter(pk=said.room_id).values().get()
    address = f"/admin/chat/room/{said.room_id}"

    page = client.get(f"{address}/live/?message={said.pk}").text
    assert 'id="run"' not in page
    assert not any(f'value="{act}"' in page for act in ("pin", "delete", "warn", "mute", "kick"))
    assert "let_guests_read" not in client.get("/admin/chat/room/").text

    forms = (
        {"act": "run", **RUN, "topic": "Tea"},
        {"act": "announce", "message": "We close."},
        {"act": "pin", "message": str(said.pk)},
        {"act": "unpin"},
    )
    for one in forms:
        assert client.post(f"{address}/act/", one).status_code in (302, 404)
    for action in ("let_guests_read", "archive", "open_again"):
        form: dict[str, Any] = {
            "action": action,
            "_selected_action": [said.room_id],
            "confirmed": "yes",
            "reason": "",
        }
        client.post("/admin/chat/room/", form)
    client.post(f"/admin/chat/message/{said.pk}/act/", {"act": "delete", "reason": ""})
    for act in ("warn", "mute", "kick"):
        client.post("/admin/chat/person/alice/act/", {"act": act, "reason": "x", "room": said.room_id})

    assert Room.objects.filter(pk=said.room_id).values().get() == before
    assert Message.objects.get(pk=said.pk).deleted_at is None
    assert not ModerationAct.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_room_is_exported_by_who_may(said: Message, moderator: Client) -> None:
    address = f"/admin/chat/room/{said.room_id}/export/"

    assert staff("view_room", "view_message", "moderate").post(address).status_code == 404
    assert moderator.get(address).status_code == 404  # a link that is followed notes nothing
    assert not LogEntry.objects.exists()
    lines, table = (b"".join(moderator.post(address, {"format": name})) for name in ("jsonl", "csv"))
    assert b"elephants" in lines
    assert table.lstrip(b"\xef\xbb\xbf").startswith(b"id,")
    assert [act.kind for act in ModerationAct.objects.all()] == ["export", "export"]
    assert LogEntry.objects.count() == 2


def test_the_form_of_a_room_has_how_slow_it_is_and_how_long_things_stay(
    said: Message, moderator: Client
) -> None:
    form = {
        "title": "Lounge",
        "mode": "users",
        "position": "0",
        "slow": "5",
        "keep_days": "30",
        "keep_messages": "",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    assert moderator.post(f"/admin/chat/room/{said.room_id}/change/", form).status_code == 302

    room = Room.objects.get(pk=said.room_id)
    assert (room.mode, room.slow, room.keep_days, room.keep_messages) == ("users", 5, 30, None)
    assert ModerationAct.objects.get().details["slow"] == [0, 5]


def test_the_list_of_rooms_says_who_is_there(said: Message, alice: Person, moderator: Client) -> None:
    here(said.room, [alice])

    assert '<td class="field-online">1</td>' in moderator.get("/admin/chat/room/?q=lounge").text
