"""What it costs to know who is here: rows, transactions and time, on SQLite and on PostgreSQL.

    python -m bench.presence --people 10000 --seconds 60

Two processes beside each other in one interpreter, with a real database and no sockets: what is counted is
presence alone, that of both. All who are on the one come over to the other, within so many seconds.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import production
from harness.services import Postgres, home, prepared
from harness.site import Site

#: For how many people a single page of members is asked.
CROWD = 12_000
#: How many rooms the beat is measured with.
ROOMS = 2000


def main() -> int:
    """Measure on each database, and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.presence", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    wanted = parser.parse_args()
    for name in ("SQLite", "PostgreSQL"):
        with _site(name) as site:
            site.manage("migrate")
            figures = site.environment["FIGURES"] = str(site.home / "figures.json")
            call = f"from bench.presence import inside; inside({wanted.people}, {wanted.seconds})"
            _patient(site, call)
            for what, figure in json.loads(Path(figures).read_text()).items():
                sys.stdout.write(f"{name:12} {what:58} {figure:>12}\n")
    return 0


@contextlib.contextmanager
def _site(name: str) -> Iterator[Site]:
    with home() as folder, contextlib.ExitStack() as stop:
        environment = production.environment()
        if name == "PostgreSQL":
            (folder / "data").mkdir()
            environment["DATABASE_URL"] = stop.enter_context(Postgres(prepared(folder / "data"))).url
        yield Site(folder, **environment)


def _patient(site: Site, call: str) -> None:
    """Run something in a shell of the site, however long it takes."""
    import subprocess

    command = [sys.executable, "manage.py", "shell", "-c", call]
    subprocess.run(command, cwd=site.top, env=site.environment, check=True)  # noqa: S603


def inside(people: int, seconds: float) -> None:
    """Measure in a process that has Django, and note the figures."""
    import os

    figures = asyncio.run(_measured(people, seconds))
    Path(os.environ["FIGURES"]).write_text(json.dumps(figures))


async def _measured(people: int, seconds: float) -> dict[str, str]:
    from chat.live import process
    from chat.live.process import Process
    from chat.models import Room
    from chat.services import presence

    lobby = (await Room.objects.aget(slug=Room.LOBBY)).pk
    here, there = process.current(), Process()
    for one in (here, there):
        presence.begin_in(one)
        await one.peers.known()
    figures: dict[str, str] = {}

    await _settled(here, there)
    begun, count = time.monotonic(), 200
    for number in range(count):
        there.presence.arrive(f"one{number}", "Somebody")
        there.presence.enter(lobby, f"one{number}", "guest")
        there.presence.rows.write()
        await _written(there)
    figures["a transaction for one who comes, ms"] = f"{(time.monotonic() - begun) / count * 1e3:.2f}"

    ids = [f"p{number:05}" for number in range(people)]
    begun = time.monotonic()
    for id in ids:
        there.presence.arrive(id, f"Person {id}")
        there.presence.enter(lobby, id, "guest")
    figures["who comes, in the memory of their process, µs"] = (
        f"{(time.monotonic() - begun) / people * 1e6:.1f}"
    )
    begun = time.monotonic()
    there.presence.rows.write()
    await _written(there)
    figures["a row of many in one transaction, µs"] = f"{(time.monotonic() - begun) / people * 1e6:.1f}"
    await _settled(here, there)
    figures["bytes of a row, with its indexes"] = f"{await _size() / (people + count):.0f}"

    idle = await _cpu(asyncio.sleep(10)) / 10
    figures["two processes with nothing to tell, CPU ms a second"] = f"{idle * 1e3:.1f}"
    before = [one.presence.rows.written_version for one in (here, there)]
    used = await _cpu(_come_over(here, there, lobby, ids, seconds))
    await _settled(here, there)
    figures[f"{people} come over in {seconds:.0f} s: CPU s"] = f"{used:.1f}"
    figures["  for each of them, µs"] = f"{(used - idle * (seconds + 4)) / people * 1e6:.0f}"
    written = [
        one.presence.rows.written_version - at for one, at in zip((here, there), before, strict=True)
    ]
    figures["  transactions of their own: there, here"] = f"{written[1]}, {written[0]}"
    figures |= await _beats(here, there)
    figures |= _pages(here)
    return figures


async def _come_over(here: Any, there: Any, room: int, ids: list[str], seconds: float) -> None:
    """Cut off from the one, and on the other a moment later."""
    begun = time.monotonic()
    for number, id in enumerate(ids):
        there.presence.depart(id, [room], at_once=False)
        here.presence.arrive(id, f"Person {id}")
        here.presence.enter(room, id, "guest")
        if (ahead := begun + number * seconds / len(ids) - time.monotonic()) > 0:
            await asyncio.sleep(ahead)
    await asyncio.sleep(4)


async def _beats(here: Any, there: Any) -> dict[str, str]:
    """What the reading of each second costs, with people in many rooms."""
    for number in range(ROOMS):
        there.presence.arrive(f"r{number}", "Somebody")
        there.presence.enter(1000 + number, f"r{number}", "guest")
    await _settled(here, there)
    begun, cpu = time.monotonic(), time.process_time()
    for _ in range(200):
        await here.peers._beat()
    wall, cpu = time.monotonic() - begun, time.process_time() - cpu
    return {
        f"a reading where nothing has changed, with {ROOMS} rooms, ms": f"{wall / 200 * 1e3:.2f}",
        "  of it CPU, ms": f"{cpu / 200 * 1e3:.2f}",
    }


def _pages(here: Any) -> dict[str, str]:
    for number in range(CROWD):
        here.presence.arrive(f"c{number:05}", "Somebody")
        here.presence.enter(1, f"c{number:05}", "guest")
    begun = time.perf_counter()
    here.roster.page(1, "", 200)
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    for number in range(0, CROWD, 200):
        here.roster.page(1, f"c{number:05}", 200)
    rest = (time.perf_counter() - begun) / (CROWD / 200)
    return {
        f"the first page of {CROWD} members, ms": f"{first * 1e3:.2f}",
        "  each that follows, of 200, ms": f"{rest * 1e3:.3f}",
    }


async def _cpu(work: Any) -> float:
    begun = time.process_time()
    await work
    return time.process_time() - begun


async def _written(one: Any) -> None:
    while one.presence.rows._writing is not None:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def _settled(here: Any, there: Any) -> None:
    """Return once both have written all, and know it of each other."""
    for one in (here, there):
        one.presence.rows.write()
        await _written(one)
    for one, other in ((here, there), (there, here)):
        while not _knows(one, other):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _knows(one: Any, other: Any) -> bool:
    peer = one.peers._peers.get(other.presence.rows.id)
    return peer is not None and bool(peer.version >= other.presence.rows.written_version)


async def _size() -> int:
    from asgiref.sync import sync_to_async
    from django.db import connection

    def read() -> int:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_total_relation_size('chat_presence')")
            else:
                cursor.execute(
                    "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%%presence%%' OR name LIKE 'here_%%'"
                )
            return int(cursor.fetchone()[0])

    return await sync_to_async(read)()


if __name__ == "__main__":
    sys.exit(main())
