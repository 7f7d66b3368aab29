"""The tables: how figures are written."""

from collections.abc import Iterable, Sequence

from bench.fanout.results import Figure

#: What stands where nothing was measured.
NONE = "–"


def show(figure: Figure | None, unit: float = 1, digits: int | None = None) -> str:
    """A figure in `unit`s: the median, and the range where there is one."""
    if figure is None:
        return NONE
    median, low, high = (_number(value / unit, digits) for value in figure)
    return median if low == high else f"{median} ({low} – {high})"


def _number(value: float, digits: int | None) -> str:
    if digits is None:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}"


def worst(figure: Figure | None) -> str:
    """A share that should be 1, at its farthest from that; nothing is rounded up to it."""
    if figure is None:
        return NONE
    worst = max(figure, key=lambda share: abs(share - 1))
    return "1" if worst == 1 else f"**{worst:.9g}**"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
