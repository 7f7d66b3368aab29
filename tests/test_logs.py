"""The log: one line a minute and kind."""

import io
import logging
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import redis.exceptions
from django.core.exceptions import RequestAborted
from django.db import OperationalError, connection

from chatproject.logs import OncePerMinute


class Log:
    """A log of its own, with what was written in it."""

    def __init__(self, seconds: float) -> None:
        self._stream = io.StringIO()
        self.handler = OncePerMinute(self._stream, seconds=seconds)
        self.logger = logging.Logger("a log")
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    def wait_for(self, lines: int) -> None:
        """Return when so many lines are there."""
        end = time.monotonic() + 20
        while len(self.lines) < lines:
            assert time.monotonic() < end, self.lines
            time.sleep(0.01)


@pytest.fixture
def log() -> Iterator[Log]:
    """A log whose minutes last longer than the test."""
    log = Log(600)
    yield log
    log.handler.close()


@pytest.fixture
def hasty() -> Iterator[Log]:
    """A log whose minutes are short."""
    log = Log(0.3)
    yield log
    log.handler.close()


def test_the_first_of_a_kind_is_written_at_once_and_others_are_counted(log: Log) -> None:
    for count in (10, 7, 3):
        log.logger.error("%d commands were given up.", count)
    assert log.lines == ["10 commands were given up."]

    log.handler.close()
    assert log.lines == ["10 commands were given up.", "3 commands were given up. (2 more within 600 s)"]


def test_another_sentence_and_another_level_are_another_kind(log: Log) -> None:
    log.logger.error("%d commands were given up.", 10)
    log.logger.error("%d listeners were dropped.", 10)
    log.logger.warning("%d commands were given up.", 10)

    assert len(log.lines) == 3


def test_what_was_counted_is_told_where_nothing_follows(hasty: Log) -> None:
    for _ in range(5):
        hasty.logger.error("Again.")

    hasty.wait_for(2)
    assert hasty.lines == ["Again.", "Again. (4 more within 0.3 s)"]


def test_a_record_is_one_line_whatever_a_driver_says(log: Log) -> None:
    log.logger.error("The database takes nothing: %s", "refused\n\tIs it running?")

    assert log.lines == ["The database takes nothing: refused Is it running?"]


def test_who_leaves_in_the_middle_of_a_request_is_no_fault(log: Log) -> None:
    log.logger.name = "asyncio"

    log.logger.error("Task exception was never retrieved", exc_info=RequestAborted())
    log.logger.error("Task exception was never retrieved", exc_info=RuntimeError("a fault"))

    assert [line for line in log.lines if "Error" in line or "Aborted" in line] == ["RuntimeError: a fault"]


def test_a_malformed_record_harms_no_other(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        log.logger.error("%d commands", "many")
        log.logger.error("Again.")
    log.handler.close()

    assert log.lines == ["Again.", "Again. (2 more within 600 s)"]
    assert capsys.readouterr().err.count("--- Logging error ---") == 3


def test_what_goes_on_has_one_line_a_minute(hasty: Log) -> None:
    """And what has ended and comes again is as good as new."""
    hasty.logger.error("Again.")
    hasty.logger.error("Again.")
    hasty.wait_for(2)
    hasty.logger.error("Again.")
    assert len(hasty.lines) == 2  # the count began this minute
    hasty.wait_for(3)

    while hasty.handler._kinds:
        time.sleep(0.01)
    hasty.logger.error("Again.")
    assert hasty.lines[2:] == ["Again. (1 more within 0.3 s)", "Again."]


def test_each_fault_has_its_traceback_once(log: Log) -> None:
    def one() -> None:
        raise ValueError("one")

    def other() -> None:
        raise ValueError("other")

    for fail in (one, other, one, other):
        try:
            fail()
        except ValueError:
            log.logger.exception("A page failed.")
    log.handler.close()

    text = "\n".join(log.lines)
    assert (text.count("Traceback"), text.count("in one"), text.count("in other")) == (2, 1, 1)
    assert text.count("A page failed. (1 more within 600 s)") == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OperationalError("refused\n\tIs it running?"),
            "The database does not answer: refused Is it running?",
        ),
        (redis.exceptions.ConnectionError("refused"), "Redis does not answer: refused"),
        (redis.exceptions.TimeoutError("too late"), "Redis does not answer: too late"),
    ],
)
def test_an_outage_is_one_line_and_says_who_is_out(log: Log, error: Exception, line: str) -> None:
    for _ in range(10):
        try:
            raise error
        except type(error):
            log.logger.exception("Unexpected exception in receive task")

    assert log.lines == [line]


@pytest.mark.django_db
def test_a_statement_that_is_wrong_is_no_outage(log: Log) -> None:
    """SQLite has the same class for it."""
    try:
        connection.cursor().execute("SELECT * FROM nowhere")
    except Exception:
        log.logger.exception("A page failed.")

    assert "Traceback" in "\n".join(log.lines)


def test_nobody_waits_for_the_log_and_nothing_counted_is_lost_at_the_end() -> None:
    program = (
        "import logging, sys; from chatproject.logs import OncePerMinute\n"
        "logger = logging.getLogger('a log'); logger.addHandler(OncePerMinute(sys.stdout))\n"
        "for number in range(3): logger.error('Line %d.', number)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=True
    )

    assert done.stdout.splitlines() == ["Line 0.", "Line 2. (2 more within 60 s)"]
