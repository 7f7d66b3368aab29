"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.models import Person, Room
from chat.services import people
from chat.services.people import Arrival, Proof
from harness.site import Site
from tests import programs


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a program that is not here, unless in CI, where everything has to run."""
    if programs.must_all_run():
        return
    for item in items:
        needed = [program for mark in item.iter_markers("needs") for program in mark.args]
        if missing := programs.missing(tuple(needed)):
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(missing)} not installed"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End by naming what could not run here, and how to make it run."""
    if missing := programs.missing():
        terminalreporter.section("not run")
        terminalreporter.write_line(f"Whatever needs {', '.join(missing)}. To install:")
        terminalreporter.write_line(programs.install_line(missing))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site as on a laptop, served by Daphne."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.manage("migrate")
    with site.served_by("daphne"):
        yield site


@pytest.fixture(autouse=True)
def _who_is_closed_goes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.socket.closing.CLOSING_PAUSE", 0)


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
    """The room everybody finds, in a database that commits; other tests have emptied it."""
    room, _is_new = Room.objects.get_or_create(slug=Room.LOBBY, defaults={"title": "Lobby"})
    return room
