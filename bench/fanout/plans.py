"""The plans: which contender is measured in which stages, in a whole run and in a quick one."""

from bench.fanout import stages
from bench.fanout.goals import LARGE, MIB, NEWCOMERS, ROOM, SMALL
from bench.fanout.stages import Stage

#: Those whose costs are compared stand next to each other.
_ALL = ("stock", "daphne", "uvicorn", "ours-v2", "seed", "ours-v1", "ws", "socketio")
_IN_SMALL_ROOMS = (
    *("postgresql-v1", "postgresql-v2", "limits-postgresql", "limits-v2", "ours-v2"),
    *("seed-storing", "ours-v1", "limits-v1", "seed", "ws"),
)
_AT_THE_DOOR = (
    "door-postgresql",
    "door-limits",
    "door-reader",
    "door-v2",
    "door-seed",
    "door-v1",
    "door-ws",
)
_small_to_large = stages.deliveries(SMALL, 400, LARGE, warm_up=0.5, seconds=1.5)
FULL: tuple[Stage, ...] = (
    Stage(
        "rooms of 5 and 20: deliveries, 1.5 s each, and latency, 6 s",
        _IN_SMALL_ROOMS,
        stages.small_rooms(warm_up=0.5, seconds=1.5, timed=6),
        times=3,
    ),
    Stage("newcomers, one after the other", _AT_THE_DOOR, stages.door(NEWCOMERS), times=3),
    Stage("storing", ("postgresql-v2", "ours-v2"), stages.storing, times=3),
    Stage(
        f"deliveries in a room of {ROOM}, 3 s each",
        _ALL,
        stages.deliveries(ROOM, warm_up=0.5, seconds=3),
        times=3,
    ),
    Stage("latency, 20 s", ("ours-v2", "seed", "ours-v1", "ws"), stages.latency(seconds=20), times=2),
    Stage("deliveries in other rooms, 1.5 s each", ("ours-v1",), _small_to_large, times=2),
    Stage(
        "deliveries in other rooms, 1.5 s each",
        ("ours-v2", "seed", "ws", "daphne", "uvicorn", "socketio"),
        _small_to_large,
    ),
    # 1600 who come in are told of each other 1.3 million times, for which stock needs ten minutes.
    Stage(
        f"deliveries in other rooms, 1.5 s each; not of {LARGE}",
        ("stock",),
        stages.deliveries(SMALL, 400, warm_up=0.5, seconds=1.5),
    ),
    Stage("newcomers", ("ours-v1", "ours-told", "seed"), stages.newcomers, times=2),
    Stage("newcomers", ("ws", "socketio"), stages.newcomers),
    Stage("a stalled reader", ("ours-v2",), stages.stall(200 * MIB)),
    Stage("a stalled reader", ("seed",), stages.stall(50 * MIB)),
)
QUICK: tuple[Stage, ...] = (
    Stage(
        "rooms of 5 and 20",
        ("ours-v2", "seed-storing", "ours-v1", "seed"),
        stages.small_rooms(warm_up=0.3, seconds=0.5, timed=1),
    ),
    Stage(
        f"deliveries in a room of {ROOM}",
        ("ours-v1", "seed", "ours-v2"),
        stages.deliveries(ROOM, warm_up=0.3, seconds=1),
    ),
)
