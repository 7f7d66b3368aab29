"""The index of words that PostgreSQL may have."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from chat.admin.large import LOOKED_AT
from harness import services
from harness.services import Postgres
from harness.site import Site
from tests.serve.test_signin import sign_in

#: Somebody has said something long ago, and something else since.
TALK = """
from chat.models import Message, Room
from chat.services import people
from chat.services.people import Arrival, Proof

[alice] = people.arrive([Arrival("alice", "Алиса", Proof.TOKEN)])
room = Room.objects.get(slug="lobby")
for number, text in enumerate(["Чёрный чайник", "nothing of note"], start=1):
    Message.objects.create(
        room=room, author=alice, name="Алиса", text=text, version=number, first_version=number
    )
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with services.home() as home, Postgres(home) as postgres:
        yield postgres


@pytest.mark.needs("postgres")
@pytest.mark.timeout(180)
def test_with_it_the_admin_searches_all_that_was_said(postgres: Postgres, tmp_path: Path) -> None:
    site = Site(tmp_path, DATABASE_URL=postgres.url)
    site.manage("migrate")
    site.manage("shell", "-c", TALK)
    _say_it_again(postgres, LOOKED_AT)
    password = site.manage("welcome").partition("password ")[2].split(" ")[0]
    with site.served_by("serve"), httpx.Client(base_url=site.address, timeout=60) as moderator:
        moderator.headers["Accept-Language"] = "en"
        moderator.get("admin/login/")
        assert sign_in(moderator, password).status_code == 302

        without = _found(moderator, "чАЙник")
        site.manage("search_index")
        with_it = _found(moderator, "чАЙник"), _found(moderator, "Алис"), _found(moderator, "чай ал")
        plan = _plan(postgres)
        site.manage("search_index", "--drop")
        again = _found(moderator, "чАЙник")

    assert without == again == "In all: 0"
    assert with_it == (
        "In all: 1",
        "The first 10000. There are more: filter or sort them otherwise.",
        "In all: 1",
    )
    assert "message_search" in plan


@pytest.mark.needs("postgres")
def test_who_may_not_have_it_is_told_whom_to_ask(postgres: Postgres, tmp_path: Path) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE shared")
        owner.execute("CREATE ROLE guest LOGIN")
    with psycopg.connect(postgres.database("shared"), autocommit=True) as owner:
        owner.execute("GRANT ALL ON SCHEMA public TO guest")
    site = Site(tmp_path, DATABASE_URL=postgres.database("shared").replace("postgres@", "guest@"))
    site.manage("migrate")

    with pytest.raises(subprocess.CalledProcessError) as failed:
        site.manage("search_index")

    assert "Ask its owner for CREATE EXTENSION pg_trgm" in failed.value.stderr
    assert "Traceback" not in failed.value.stderr


def test_sqlite_has_none(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        Site(tmp_path).manage("search_index")

    assert "Only PostgreSQL has such an index" in failed.value.stderr


def _say_it_again(postgres: Postgres, times: int) -> None:
    """What was said last is said so many times more."""
    with psycopg.connect(postgres.url) as connection:
        described = connection.execute("SELECT * FROM chat_message LIMIT 0").description or ()
        others = [
            column.name for column in described if column.name not in ("id", "version", "first_version")
        ]
        copied = ", ".join(others)
        connection.execute(
            f"INSERT INTO chat_message (version, first_version, {copied}) "  # noqa: S608
            f"SELECT version + n, version + n, {copied} FROM chat_message, generate_series(1, {times}) n "
            "WHERE version = 2"
        )


def _found(moderator: httpx.Client, words: str) -> str:
    """What the list says of its length."""
    page = moderator.get("admin/chat/message/", params={"q": words}).text
    paginator = page.rpartition('<p class="paginator">')[2].partition("</p>")[0]
    return " ".join(paginator.rpartition(">")[2].split()) or paginator


def _plan(postgres: Postgres) -> str:
    """How PostgreSQL goes about what Django asks for."""
    with psycopg.connect(postgres.url) as connection:
        rows = connection.execute(
            "EXPLAIN SELECT count(*) FROM chat_message WHERE UPPER(text::text) LIKE UPPER('%чайник%') "
            "OR UPPER(name::text) LIKE UPPER('%чайник%') OR author_id = 'чайник'"
        )
        return "\n".join(row for (row,) in rows)
