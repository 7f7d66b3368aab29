"""How much was said lately, as bars: what the start page draws, and says in words beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from chat.storage import counts

#: How wide a bar is with the gap beside it, and how high the highest, in the units of the drawing.
STEP, GAP, HEIGHT = 10, 2, 100
#: How many bars there are, and how long each lasts.
HOUR = 60, timedelta(minutes=1)
DAY = 96, timedelta(minutes=15)


@dataclass(frozen=True)
class Said:
    """How much was said in each of some spans of time up to now, the last of which is not over."""

    since: datetime
    span: timedelta
    numbers: Sequence[int]


class Bar(NamedTuple):
    """One bar, and what it stands for in words."""

    x: int
    y: int
    height: int
    words: str


class Plot(NamedTuple):
    """The bars, and what is to be read beside them."""

    title: str
    words: str
    width: int
    bars: list[Bar]
    #: The times at the left end, in the middle and at the right end.
    times: list[datetime]


def lately() -> tuple[Said, Said]:
    """How much was said in each minute of the last hour, and in each quarter of an hour of the last day."""
    now = timezone.now()
    return _said(now, *HOUR), _said(now, *DAY)


def _said(now: datetime, count: int, span: timedelta) -> Said:
    """In each of so many spans, by the clock: from 10:15 on, and not from 10:17."""
    until = datetime.fromtimestamp(
        (now.timestamp() // span.total_seconds() + 1) * span.total_seconds(), now.tzinfo
    )
    moments = [until - span * number for number in range(count, -1, -1)]
    return Said(moments[0], span, counts.said_between(moments))


def of_hour(said: Said) -> Plot:
    """The plot of the last hour."""
    total, most, at = _in_short(said)
    words = ngettext("%(total)d message", "%(total)d messages", total) % {"total": total}
    if total:
        words += gettext("; in the busiest minute, %(at)s: %(most)d") % {"most": most, "at": at}
    return _plot(gettext("Messages a minute in the last hour"), words, said)


def of_day(said: Said) -> Plot:
    """The plot of the last day."""
    total, most, at = _in_short(said)
    words = ngettext("%(total)d message", "%(total)d messages", total) % {"total": total}
    if total:
        words += gettext("; in the busiest quarter of an hour, from %(at)s: %(most)d") % {
            "most": most,
            "at": at,
        }
    return _plot(gettext("Messages in a quarter of an hour in the last day"), words, said)


def _in_short(said: Said) -> tuple[int, int, str]:
    most = max(said.numbers)
    return sum(said.numbers), most, _clock(said.since + said.span * list(said.numbers).index(most))


def _plot(title: str, words: str, said: Said) -> Plot:
    most = max(*said.numbers, 1)
    bars = []
    for place, number in enumerate(said.numbers):
        # Something is to be seen of whatever there is.
        height = max(2, round(HEIGHT * number / most)) if number else 0
        bars.append(
            Bar(
                place * STEP, HEIGHT - height, height, f"{_clock(said.since + said.span * place)}: {number}"
            )
        )
    count = len(said.numbers)
    times = [said.since, said.since + said.span * (count // 2), said.since + said.span * count]
    return Plot(title, words, count * STEP, bars, times)


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
