"""The plans: which contender is measured in which stages, in a whole run and in a quick one."""

from bench.fanout import stages
from bench.fanout.goals import LARGE, MIB, ROOM, SMALL, TINY
from bench.fanout.stages import Stage

#: Those whose costs are compared stand next to each other.
_ALL = ("stock", "daphne", "uvicorn", "ours-v2", "seed", "ours-v1", "ws", "socketio")
_small_to_large = stages.deliveries(TINY, SMALL, 400, LARGE, warm_up=0.5, seconds=1.5)
FULL: tuple[Stage, ...] = (
    Stage(
        f"deliveries in a room of {ROOM}, 3 s each",
        _ALL,
        stages.deliveries(ROOM, warm_up=0.5, seconds=3),
        times=3,
    ),
    Stage("latency, 20 s", ("ours-v2", "seed", "ours-v1", "ws"), stages.latency(seconds=20), times=2),
    Stage("deliveries in other rooms, 1.5 s each", ("ours-v1",), _small_to_large, times=2),
    Stage("deliveries in other rooms, 1.5 s each", ("ours-v2", "seed", "ws"), _small_to_large),
    Stage(
        f"deliveries in other rooms, 1.5 s each; not of {TINY}",
        ("daphne", "uvicorn", "socketio"),
        stages.deliveries(SMALL, 400, LARGE, warm_up=0.5, seconds=1.5),
    ),
    # 1600 who come in are told of each other 1.3 million times, for which stock needs ten minutes.
    Stage(
        f"deliveries in other rooms, 1.5 s each; not of {TINY} or {LARGE}",
        ("stock",),
        stages.deliveries(SMALL, 400, warm_up=0.5, seconds=1.5),
    ),
    Stage("newcomers", ("ours-v1", "ours-told", "seed"), stages.newcomers, times=2),
    Stage("newcomers", ("ws", "socketio"), stages.newcomers),
    Stage("storing", ("ours-v2",), stages.storing, times=2),
    Stage("a stalled reader", ("ours-v2",), stages.stall(200 * MIB)),
    Stage("a stalled reader", ("seed",), stages.stall(50 * MIB)),
)
QUICK: tuple[Stage, ...] = (
    Stage(
        f"deliveries in a room of {ROOM}",
        ("ours-v1", "seed", "ours-v2"),
        stages.deliveries(ROOM, warm_up=0.3, seconds=1.5),
    ),
)
