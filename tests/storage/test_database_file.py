"""A database file that is taken away under those who have it open."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections

from chat.storage import database_file

pytestmark = pytest.mark.django_db(transaction=True)


Elsewhere = tuple[Path, Callable[[], object]]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """A file, and `look`, which reads it in a thread of its own that keeps its connection open."""
    path = tmp_path / "chat.sqlite3"
    _write(path, "first")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))  # of all threads

    def look() -> object:
        database_file.check()
        with connection.cursor() as cursor:
            return cursor.execute("SELECT word FROM talk").fetchone()[0]

    with ThreadPoolExecutor(1) as thread:
        yield path, lambda: thread.submit(look).result()
        thread.submit(connections.close_all).result()


def _write(path: Path, word: str) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE talk (word)")
    database.execute("INSERT INTO talk VALUES (?)", [word])
    database.commit()
    database.close()


def test_a_file_that_is_gone_is_not_made_anew(elsewhere: Elsewhere) -> None:
    path, look = elsewhere
    assert look() == "first"

    path.rename(path.with_name("away"))
    for _ in range(2):
        with pytest.raises(OperationalError, match="is gone"):
            look()
    assert not path.exists()

    path.with_name("away").rename(path)
    assert look() == "first"


def test_another_file_in_its_place_waits_for_a_restart(elsewhere: Elsewhere) -> None:
    path, look = elsewhere
    assert look() == "first"
    _write(path.with_name("other"), "second")
    path.rename(path.with_name("away"))

    path.with_name("other").rename(path)

    for _ in range(2):
        with pytest.raises(OperationalError, match="another file than at the start"):
            look()
    path.with_name("away").rename(path)
    assert look() == "first"
