"""What every test may ask for."""

import asyncio
import fcntl
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase

from chat.live import process
from chat.models import Person, Room
from chat.services import people
from chat.services.people import Arrival, Proof
from chat.storage import readers, writer
from harness.site import Site
from tests import databases, programs, stacks
from tests.stacks import Stack

#: What a test asks for that runs on every stack. The others touch none, and run on SQLite's.
STACKED = {"stack", "db", "transactional_db"}

Site.forks = True
# Each new client of Django's would look through whatever somebody has collected there.
settings.STATIC_ROOT = None
# Many tests have somebody with a password, and hashing one takes a third of a second on purpose.
PBKDF2PasswordHasher.iterations = 1
TransactionTestCase._fixture_teardown = databases.empty  # type: ignore[attr-defined]


def pytest_report_header() -> str:
    """Say what the tests run on."""
    return f"stack: {stacks.name()}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs on another stack, and what needs a program that is not here.

    In CI every program has to be here.
    """
    config.hook.pytest_deselected(items=[item for item in items if not _runs_here(item)])
    items[:] = _longest_first([item for item in items if _runs_here(item)])
    for item in items:
        # Those of the browser share a loop, in which the browser is.
        if (mark := item.get_closest_marker("asyncio")) and not mark.kwargs:
            names = cast(pytest.Function, item).fixturenames
            databases = [name for name in ("transactional_db", "db") if name in names]
            names[:0] = [*databases[:1], _all_ends.__name__]  # which is emptied when nobody writes any more
    if programs.must_all_run():
        return
    for item in items:
        needed = [program for mark in item.iter_markers("needs") for program in mark.args]
        if missing := programs.missing(tuple(needed)):
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(missing)} not installed"))


def _runs_here(item: pytest.Item) -> bool:
    """Whether a test runs on this run's stack."""
    here = stacks.name()
    if mark := item.get_closest_marker("stack"):
        return here in mark.args
    asked = STACKED.intersection(getattr(item, "fixturenames", ()))
    return here == stacks.FIRST or bool(asked) or item.get_closest_marker("django_db") is not None


def _longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """What may take more time than usual, and then, file by file, what starts sites: the most first.

    Otherwise one worker may go on with them when the others have nothing left.
    """
    sites = Counter(item.path for item in items if "stack" in getattr(item, "fixturenames", ()))
    return sorted(items, key=lambda item: (item.get_closest_marker("timeout") is None, -sites[item.path]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End by naming what could not run here, and how to make it run."""
    if missing := programs.missing():
        terminalreporter.section("not run")
        terminalreporter.write_line(f"Whatever needs {', '.join(missing)}. To install:")
        terminalreporter.write_line(programs.install_line(missing))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database of the tests ends with them, and is asked by nobody else."""
    stacks.let_go(settings.DATABASES["default"]["OPTIONS"])


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """The database of the tests in this process is made as those of sites are, and goes at the end.

    Then threads of the chat may still have it open.
    """
    home = tmp_path_factory.mktemp("tested")
    with django_db_blocker.unblock(), stacks.opened(home) as own:
        copy = home / "copy"
        copy.mkdir()
        with stacks.tested(connection, own.database(copy)):
            yield


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Makes sites on what the tests run on."""
    with stacks.opened(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page as production serves them: a STATIC_ROOT to read from.

    One of the workers collects them for all.
    """
    own = tmp_path_factory.getbasetemp()
    root = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "static"
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            draft = tmp_path_factory.mktemp("static")
            site = Site(tmp_path_factory.mktemp("collector"), DEBUG="0", STATIC_ROOT=str(draft))
            site.manage("collectstatic", "--noinput")
            draft.rename(root)
    return root


@pytest.fixture(scope="session")
def site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site as on a laptop, served by Daphne."""
    site = stack.site(tmp_path_factory.mktemp("site"))
    with site.served_by("daphne"):
        yield site


@pytest.fixture(autouse=True)
def _who_is_closed_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.socket.closing.CLOSING_PAUSE", 0)


@pytest.fixture(autouse=True)
def _who_is_cut_off_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the moment to come back unnoticed, which would be waited for."""
    monkeypatch.setattr("chat.live.lease.GRACE", 0)


@pytest_asyncio.fixture
async def _all_ends() -> AsyncIterator[None]:
    """What an async test has begun ends with it, and what that begins on ending.

    asyncio itself ends only the tasks that there are, and a hub that starts in the loop's last turn stays.
    """
    yield
    await asyncio.sleep(0)
    await _end_all_tasks()
    here = process.running()
    if here is not None and here.loop is asyncio.get_running_loop():
        await here.let_go()
    await _end_all_tasks()


async def _end_all_tasks() -> None:
    """Return when there are none, and the threads have done what they were about to do.

    Nobody may touch a database that is about to be emptied; and what comes of that may begin other tasks.
    So would timers: the loop still turns while it is being closed.
    """
    loop: Any = asyncio.get_running_loop()
    is_first = True
    while (tasks := asyncio.all_tasks() - {asyncio.current_task()}) or is_first:
        is_first = False
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if here := process.running():
            for part in here._parts.values():
                if isinstance(part, writer.Writer):
                    part._waiting.clear()  # or it goes on with them once the thread has done
        for thread in (writer._thread, readers._reader, readers._poller, readers.searcher):
            await loop.run_in_executor(thread._executor, lambda: None)
        await asyncio.sleep(0)
        for timer in loop._scheduled:
            timer.cancel()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for a site of the test's own."""
    return tmp_path


def arrive(id: str, name: str) -> Person:
    """Somebody who has come."""
    [person] = people.arrive([Arrival(id, name, Proof.TOKEN)])
    assert person
    return person


@pytest.fixture
def alice(db: None) -> Person:
    return arrive("alice", "Alice")


@pytest.fixture
def bob(db: None) -> Person:
    return arrive("bob", "Bob")


@pytest.fixture
def lounge(db: None) -> Room:
    return Room.objects.create(slug="lounge", title="Lounge")


@pytest.fixture
def lobby(transactional_db: None) -> Room:
    """The room everybody finds, in a database that commits; before the first test it is that of a site."""
    plain = {"title": "Lobby", "titles": {}}
    room, _is_new = Room.objects.update_or_create(slug=Room.LOBBY, defaults=plain)
    return room
