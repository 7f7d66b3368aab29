"""The plot: what a delivery costs each server, and how that changes with the room."""

from pathlib import Path
from typing import Any

from bench.fanout.goals import IN_FLIGHT, ROOM, cpu
from bench.fanout.results import Figure, Results

_OURS, _PEER, _INK, _FAINT = "#1f5fbf", "#6d737d", "#22262b", "#e3e6ea"
#: The peers in the right picture, told apart.
_LINES = {
    "ours-v1": _OURS,
    "ours-v2": "#4aa3ff",
    "seed": "#c0392b",
    "seed-storing": "#8e44ad",
    "ws": "#6b8e23",
    "socketio": "#c98a1b",
}
#: How many messages are in flight in the right picture: as few as in the smallest rooms.
_FEW = 4
_MICRO = 1e-6


def draw(results: Results, path: Path) -> None:
    """Draw the plot into the file at `path`."""
    import matplotlib as mpl  # here, since a quick run needs none, and it takes a second

    mpl.use("Agg")
    from matplotlib import pyplot

    style = {"font.size": 11, "text.color": _INK, "axes.edgecolor": _PEER, "axes.labelcolor": _INK}
    with mpl.rc_context({**style, "xtick.color": _INK, "ytick.color": _INK, "svg.hashsalt": "bench"}):
        figure, (left, right) = pyplot.subplots(
            1, 2, figsize=(12, 5), dpi=110, gridspec_kw={"width_ratios": [1.15, 1], "wspace": 0.28}
        )
        _draw_servers(left, results)
        _draw_rooms(right, results)
        figure.savefig(path, bbox_inches="tight", facecolor="white", metadata={"Software": None})
        pyplot.close(figure)


def _draw_servers(axes: Any, results: Results) -> None:
    """A line for each server, with dots and no bars: a logarithm has no zero for a bar to start at."""
    shown = {key: _figures(results, key) for key in results.titles}
    order = sorted((key for key, found in shown.items() if found), key=lambda key: _cheapest(shown[key]))
    costs = [figure.median / _MICRO for found in shown.values() for figure in found.values()]
    for height, key in enumerate(reversed(order)):
        color = _OURS if key in ("ours-v1", "ours-v2") else _PEER
        found = shown[key]
        medians = [figure.median / _MICRO for figure in found.values()]
        axes.plot([min(medians), max(medians)], [height, height], color=color, alpha=0.35, linewidth=2)
        for in_flight, figure in found.items():
            fill = color if in_flight == 32 else "white"
            axes.plot(figure.median / _MICRO, height, "o", ms=8, mec=color, mfc=fill, mew=1.8)
            is_left = len(found) > 1 and figure.median == min(other.median for other in found.values())
            _label(axes, figure.median / _MICRO, height, color, is_left=is_left)
    titles = [results.titles[key] for key in reversed(order)]
    axes.set_yticks(range(len(order)), titles)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_xscale("log")
    axes.set_xticks([1, 3, 10, 30, 100, 300, 1000], ["1", "3", "10", "30", "100", "300", "1000"])
    axes.minorticks_off()
    axes.set_xlim(0.45 * min(costs, default=1), 2.2 * max(costs, default=1))
    axes.set_xlabel("µs of server CPU for each delivery (logarithmic; less is better)")
    axes.set_title(f"A room of {ROOM}: ● 32 in flight, ○ 4 in flight", loc="left", fontsize=12)
    _tidy(axes, "x")


def _draw_rooms(axes: Any, results: Results) -> None:
    """A line for each server that was measured in several rooms."""
    rooms = results.rooms()
    for key, color in _LINES.items():
        points = [(room, results.figure(cpu(key, _FEW, room))) for room in rooms]
        known = [(room, figure) for room, figure in points if figure]
        if len(known) < 2:
            continue
        sizes = [room for room, _figure in known]
        medians = [figure.median / _MICRO for _room, figure in known]
        axes.fill_between(
            sizes,
            [figure.low / _MICRO for _room, figure in known],
            [figure.high / _MICRO for _room, figure in known],
            where=[len(results.values(cpu(key, _FEW, room))) > 1 for room in sizes],
            color=color,
            alpha=0.15,
            linewidth=0,
        )
        axes.plot(sizes, medians, "o-", color=color, ms=5, label=results.titles[key])
    if axes.get_lines():
        axes.set_xscale("log")
        axes.set_xticks(rooms, [str(room) for room in rooms])
        axes.set_yscale("log")
        axes.set_yticks([3, 10, 30, 100], ["3", "10", "30", "100"])
        axes.minorticks_off()
        axes.legend(frameon=False, fontsize=10, loc="upper left", bbox_to_anchor=(1, 1))
    axes.set_xlabel("listeners in the room (logarithmic)")
    axes.set_ylabel("µs of server CPU for each delivery (logarithmic)")
    axes.set_title(f"The same, by the size of the room, {_FEW} in flight", loc="left", fontsize=12)
    _tidy(axes, "y")


def _figures(results: Results, key: str) -> dict[int, Figure]:
    found = {in_flight: results.figure(cpu(key, in_flight)) for in_flight in IN_FLIGHT}
    return {in_flight: figure for in_flight, figure in found.items() if figure}


def _cheapest(found: dict[int, Figure]) -> float:
    return min(figure.median for figure in found.values())


def _label(axes: Any, value: float, height: int, color: str, *, is_left: bool) -> None:
    """The number beside its dot, on the side where the other dot is not."""
    text = f"{value:.0f}" if value >= 20 else f"{value:.1f}"
    axes.annotate(
        text,
        (value, height),
        (-9 if is_left else 9, 0),
        textcoords="offset points",
        ha="right" if is_left else "left",
        va="center",
        fontsize=10,
        color=color,
    )


def _tidy(axes: Any, grid: str) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis=grid, color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
