"""A thread of the database: its connection stays, and one that says nothing is cut."""

import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial

import pytest
from django.db import DatabaseError, InternalError, OperationalError, connection
from psycopg import errors

from chat.storage.thread import DatabaseThread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def thread() -> AsyncIterator[DatabaseThread]:
    thread = DatabaseThread("test")
    yield thread
    await thread.run(lambda: connection.close(), 5)


async def test_its_connection_is_its_own_and_stays(thread: DatabaseThread) -> None:
    """Django would close it, which is what CONN_MAX_AGE asks for."""
    opened = [await thread.run(lambda: connection.connection, 5) for _ in range(3)]

    assert opened[0] is not None
    assert opened == [opened[0]] * 3
    assert getattr(opened[0], "_pool", None) is None


async def test_after_an_error_the_same_connection_goes_on(thread: DatabaseThread) -> None:
    def ask(sql: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0], connection.connection

    before = await thread.run(partial(ask, "SELECT 1"), 5)
    with pytest.raises(DatabaseError, match="nonsense"):
        await thread.run(partial(ask, "SELECT nonsense"), 5)

    assert await thread.run(partial(ask, "SELECT 1"), 5) == before


async def test_one_after_the_other_and_all_in_one_thread(thread: DatabaseThread) -> None:
    order: list[int] = []

    def note(number: int) -> int:
        order.append(number)
        return threading.get_ident()

    threads = await asyncio.gather(*(thread.run(partial(note, number), 5) for number in range(20)))

    assert order == list(range(20))
    assert len(set(threads)) == 1
    assert threading.get_ident() not in threads


async def test_what_goes_wrong_is_raised_where_it_is_waited_for(thread: DatabaseThread) -> None:
    def fail() -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError, match="gone"):
        await thread.run(fail, 5)


async def test_what_no_future_may_have_is_said_otherwise(thread: DatabaseThread) -> None:
    with pytest.raises(RuntimeError, match="no next one"):
        await thread.run(lambda: next(iter(())), 5)


async def test_who_has_waited_too_long_for_their_turn_never_has_it(thread: DatabaseThread) -> None:
    """As where the thread waits for a connection to a database that does not answer."""
    begun, gate, order = threading.Event(), threading.Event(), list[str]()

    def wait() -> None:
        begun.set()
        gate.wait(20)
        order.append("first")

    first = asyncio.create_task(thread.run(wait, 30))
    assert await asyncio.to_thread(begun.wait, 10)
    with pytest.raises(OperationalError, match="not to be reached in time"):
        await thread.run(lambda: order.append("second"), 0.1)
    gate.set()
    await first
    await thread.run(lambda: order.append("third"), 5)

    assert order == ["first", "third"]


async def test_who_has_stood_still_in_a_transaction_may_try_again_and_no_other_is_taken_for_that(
    thread: DatabaseThread,
) -> None:
    """Both are internal errors of PostgreSQL's."""

    def fail(cause: Exception) -> None:
        raise InternalError from cause

    with pytest.raises(OperationalError):
        await thread.run(partial(fail, errors.IdleInTransactionSessionTimeout()), 5)
    with pytest.raises(InternalError):
        await thread.run(partial(fail, errors.InternalError_()), 5)


@pytest.mark.stack("postgresql")
async def test_what_only_reads_is_asked_again_on_a_new_connection_with_the_same_patience(
    thread: DatabaseThread,
) -> None:
    tries: list[str] = []

    def read() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            tries.append(cursor.fetchone()[0])
            if len(tries) == 1:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return tries[-1]

    assert await thread.run(read, 5, only_reads=True) == "5s"
    assert tries == ["5s", "5s"]
    tries.clear()
    with pytest.raises(OperationalError):
        await thread.run(read, 5)
