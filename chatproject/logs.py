"""The log: one line a minute and kind, so that what goes wrong a thousand times can still be read."""

import logging
import sys
import threading
import time
import traceback
from copy import copy
from dataclasses import dataclass
from typing import Any, TextIO

from django.core.exceptions import RequestAborted

from chatproject.outages import SENTENCE, who_is_out

#: What makes records the same: who logs, how grave it is, the sentence without what stands in it, and for
#: a fault where it was raised.
Kind = tuple[object, ...]


@dataclass
class _Repeated:
    """A kind of which a line was written, and what has come since."""

    #: When its minute is over, by the monotonic clock.
    until: float
    #: The latest of those that were not written, and how many there were.
    record: logging.LogRecord
    count: int = 0


class OncePerMinute(logging.StreamHandler[TextIO]):
    """Writes the first record of a kind at once and counts those that follow within the minute.

    At its end the latest of them is written with their count; that line begins the next minute. A fault has
    its traceback in the first line alone, an outage in none. What was counted is written when the process
    ends, too, unless it is killed.
    """

    def __init__(self, stream: TextIO | None = None, *, seconds: float = 60) -> None:
        self._given = stream
        super().__init__(stream)
        self._seconds = seconds
        self._kinds: dict[Kind, _Repeated] = {}
        self._timer: threading.Timer | None = None

    @property
    def stream(self) -> TextIO:
        """Where it is written: standard error as it is by then, where nothing else was given."""
        return self._given or sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        pass

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it. Called behind the handler's lock; never raises."""
        if _is_left(record):
            return
        try:
            record = _without_trace(record) if _outage(record) else record
            kind, now = _kind(record), time.monotonic()
            record = _in_one_line(record)
            self._tell(now)
            if repeated := self._kinds.get(kind):
                repeated.record, repeated.count = _plain(record), repeated.count + 1
                return
            self._kinds[kind] = _Repeated(now + self._seconds, _plain(record))
            self._wait()
            super().emit(record)
        except Exception:  # of this record, which may be malformed, or of a system that has no more threads
            self.handleError(record)

    def close(self) -> None:
        """Write what was counted: Python closes its handlers when the process ends."""
        with self._locked():
            self._tell(float("inf"))
            if self._timer is not None:
                self._timer.cancel()
        super().close()

    def _wait(self) -> None:
        """Have the counts told when the minute is over, also where nothing follows."""
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, self._time_is_up)
            self._timer.daemon = True  # the process need not wait for it
            self._timer.start()

    def _time_is_up(self) -> None:
        with self._locked():
            self._timer = None
            self._tell(time.monotonic())
            if self._kinds:
                self._wait()

    def _tell(self, now: float) -> None:
        """Write the counts of those kinds whose minute is over; forget those that have not come again."""
        for kind, repeated in list(self._kinds.items()):
            if repeated.until > now:
                continue
            if repeated.count:
                super().emit(_counted(repeated, self._seconds))
                repeated.until, repeated.count = now + self._seconds, 0
            else:
                del self._kinds[kind]

    def _locked(self) -> Any:
        assert self.lock
        return self.lock


def _kind(record: logging.LogRecord) -> Kind:
    error = record.exc_info[1] if record.exc_info else None
    kind = record.name, record.levelno, str(record.msg)
    if error is None:
        return kind
    frames = traceback.extract_tb(error.__traceback__)
    return (*kind, type(error), (frames[-1].filename, frames[-1].lineno) if frames else None)


def _outage(record: logging.LogRecord) -> str | None:
    return who_is_out(record.exc_info[1]) if record.exc_info else None


def _is_left(record: logging.LogRecord) -> bool:
    """Whether it says no more than that a client has gone in the middle of a request.

    Where the server ends the request at that moment, Django's handler has nobody left to take that up, and
    asyncio tells of a task whose exception was never retrieved.
    """
    _type, error, _trace = record.exc_info or (None, None, None)
    return record.name == "asyncio" and isinstance(error, RequestAborted)


def _without_trace(record: logging.LogRecord) -> logging.LogRecord:
    """What says who is out, whatever the logger had to say of it, and looks the same each time."""
    assert record.exc_info
    told = copy(record)
    error = record.exc_info[1]
    told.msg, told.args = SENTENCE, (who_is_out(error), str(error).strip() or repr(error))
    told.exc_info = told.exc_text = None
    return told


def _in_one_line(record: logging.LogRecord) -> logging.LogRecord:
    """What it says, without the line breaks that drivers put into their errors."""
    told = copy(record)
    told.msg, told.args = " ".join(record.getMessage().split()), ()
    return told


def _plain(record: logging.LogRecord) -> logging.LogRecord:
    """Nothing of what it says it of: that may be large, and gone by then."""
    told = copy(record)
    told.exc_info = told.exc_text = None
    return told


def _counted(repeated: _Repeated, seconds: float) -> logging.LogRecord:
    told = copy(repeated.record)
    told.msg, told.args = "%s (%d more within %g s)", (told.msg, repeated.count, seconds)
    return told
