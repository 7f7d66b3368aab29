"""The page and what it reads."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from chat.actors import guest
from chat.models import Membership, Room, Sanction
from chat.services import messages, people
from tests.conftest import arrive


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ru", "ru"), ("en-GB,en", "en"), ("de", "ru"), ("de,en;q=0.5", "en"), ("", "ru")],
)
def test_the_page_speaks_the_language_of_its_reader(
    lobby: Room, client: Client, accepted: str, language: str
) -> None:
    answer = client.get("/", headers={"accept-language": accepted})

    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.content.decode()


def test_the_reader_may_switch_the_language(lobby: Room, client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert '<html lang="en"' in client.get("/", headers={"accept-language": "ru"}).content.decode()


def test_a_visit_leaves_no_cookie_and_is_asked_for_anew(lobby: Room, client: Client) -> None:
    answer = client.get("/")

    assert not answer.cookies
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Accept-Language"} <= set(answer["Vary"].split(", "))


def test_switching_the_language_needs_no_visit_before(lobby: Room) -> None:
    """Where forgery is looked for, as in earnest."""
    reader = Client(enforce_csrf_checks=True)

    answer = reader.post("/i18n/setlang/", {"language": "en", "next": "/"})

    assert answer.status_code == 302
    assert answer.cookies["django_language"].value == "en"
    assert answer.cookies["django_language"]["samesite"] == "Lax"


def test_no_script_of_another_site_runs_on_the_page(lobby: Room, client: Client) -> None:
    policy = client.get("/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_reading_changes_nothing(lobby: Room, client: Client) -> None:
    assert client.post("/").status_code == 405


def test_the_tools_of_moderators_are_words_alone_and_no_part_of_the_page(
    lobby: Room, client: Client
) -> None:
    answer = client.get("/moderation/", headers={"accept-language": "en"})

    tools = answer.content.decode()
    assert answer.status_code == 200
    assert "<act-dialog>" in tools
    assert "<script" not in tools
    assert "style=" not in tools
    page = client.get("/").content.decode()
    assert 'data-moderation="/moderation/"' in page
    assert "act-dialog" not in page


@pytest.mark.parametrize(("guests", "is_shown"), [("speak", True), ("read", True), ("none", False)])
def test_a_site_without_guests_asks_them_to_sign_in(
    lobby: Room, client: Client, settings: Any, guests: str, *, is_shown: bool
) -> None:
    settings.CHAT = {"GUESTS": guests}

    answer = client.get("/?from=mail")

    assert answer.status_code == (200 if is_shown else 302)
    if not is_shown:
        assert answer["Location"] == "/accounts/login/?next=/%3Ffrom%3Dmail"
        assert not answer.cookies
        assert "Cookie" in answer["Vary"]


def test_a_site_without_guests_has_users(lobby: Room, client: Client, settings: Any) -> None:
    settings.CHAT = {"GUESTS": "none"}
    carol = User.objects.create_user("carol")
    client.force_login(carol, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/").status_code == 200
    carol.is_active = False
    carol.save()
    assert client.get("/").status_code == 302


def test_the_page_is_compressed_and_not_told_twice(lobby: Room, client: Client) -> None:
    first = client.get("/", headers={"accept-encoding": "gzip"})
    again = client.get("/", headers={"accept-encoding": "gzip", "if-none-match": first["ETag"]})

    assert first["Content-Encoding"] == "gzip"
    assert len(first.content) < 8000
    assert (again.status_code, again.content) == (304, b"")


def test_the_manifest_tells_a_phone_all_that_it_needs(client: Client) -> None:
    answer = client.get("/manifest.webmanifest", headers={"accept-language": "en"})

    about = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert (about["name"], about["start_url"], about["display"]) == ("Chat", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in about["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in about["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


def test_who_shares_a_room_shares_what_it_is_about(lobby: Room, client: Client) -> None:
    Room.objects.create(slug="salon", title='"Salon" <b>', topic="Tea & books", titles={"ru": "Чай"})

    page = client.get("/r/salon/", headers={"accept-language": "en"}).content.decode()
    russian = client.get("/r/salon/", headers={"accept-language": "ru"}).content.decode()

    assert '<meta property="og:title" content="Чай"' in russian
    assert '<meta property="og:title" content="&quot;Salon&quot; &lt;b&gt;"' in page
    assert 'content="Tea &amp; books"' in page
    assert 'content="http://testserver/r/salon/"' in page


def test_the_plain_page_has_the_talk_of_a_room_that_one_may_read(lobby: Room, client: Client) -> None:
    Room.objects.create(slug="club", title="Club", mode="members")
    messages.post(guest(arrive("alice", "Alice")), lobby, "<i>lobby</i>")

    page = client.get("/plain/")

    assert "&lt;i&gt;lobby&lt;/i&gt;" in page.content.decode()
    assert client.get("/r/club/plain/").status_code == 404
    assert client.get("/r/nowhere/plain/").status_code == 404


def test_the_plain_page_has_nothing_of_a_room_that_one_may_not_read(lobby: Room, client: Client) -> None:
    Room.objects.create(slug="named", title="Named", needs_name=True)
    club = Room.objects.create(slug="club", title="Club", mode="members")
    carol = User.objects.create_user("carol")
    [person] = people.arrive([people.Arrival("carol", "Carol", user=carol.pk)])
    assert person
    Membership.objects.create(room=club, user=carol)

    assert client.get("/r/named/plain/").status_code == 404
    client.force_login(carol, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/r/named/plain/").status_code == 200
    assert client.get("/r/club/plain/").status_code == 200
    Sanction.objects.create(kind="ban", person=person, room=club, version=1)
    assert client.get("/r/club/plain/").status_code == 404
    assert client.get("/r/named/plain/").status_code == 200
