"""The end of a server."""

import asyncio
import contextlib
import signal
import socket
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Close

from harness.site import Site
from tests.serve.guests import Flood, ask, come_in, hear_of, last_words, raw_guest, say, upgrade
from tests.serve.sites import assert_is_well, site_in, stored
from tests.stacks import Stack


async def test_at_the_end_everybody_is_told_to_come_again(fresh: Site) -> None:
    """Dora never answers the close, Emil never reads, and Carol talks all the time."""
    async with (
        connect(fresh.socket("alice")) as alice,
        connect(fresh.socket("bob")) as bob,
        connect(fresh.socket("carol")) as carol,
    ):
        await come_in(alice, "Alice")
        for client, name in ((bob, "Bob"), (carol, "Carol")):
            await say(client, name=name, v=2, lang="en")
            await hear_of(client, event="join", name=name)
        dora, emil = (raw_guest(fresh, name) for name in ("dora", "emil"))
        talk = asyncio.create_task(Flood(carol, 3000).done())
        await hear_of(bob, type="message")

        assert fresh.process
        fresh.process.send_signal(signal.SIGTERM)
        words = await asyncio.gather(*map(last_words, (alice, bob, carol)))
        with pytest.raises(OSError, match="Connect call failed"):
            await connect(fresh.socket("late"))
        fresh.process.wait(10)

        talk.cancel()
        assert [close for _frames, close in words] == [Close(4010, "restart")] * 3
        [(to_alice, _), (to_bob, _), (to_carol, _)] = words
        assert to_alice[-1].items() >= {"color": "danger", "code": "restart"}.items()
        assert to_bob[-1]["reason"] == "The server restarts. Nothing is lost; connect again."
        assert {frames[-1]["type"] for frames in (to_bob, to_carol)} == {"closing"}
        assert to_bob[-1]["retry_after"] != to_carol[-1]["retry_after"]
        acknowledged = [frame["ref"] for frame in to_carol if frame["type"] == "ack"]
        kept = [text.split(" ")[0] for text in stored(fresh, "carol")]
        assert acknowledged == kept[: len(acknowledged)]
    dora.close()
    emil.close()


def test_while_the_server_ends_nobody_is_let_in_and_it_need_not_be_told_twice(fresh: Site) -> None:
    """The line was open before, and Dora holds the server up."""
    with raw_guest(fresh, "dora"), socket.create_connection(("127.0.0.1", fresh.port), timeout=10) as late:
        assert fresh.process
        late.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while b"</html>" not in late.recv(1 << 16):
            pass
        fresh.process.send_signal(signal.SIGTERM)
        while not _is_refused(fresh.port):
            time.sleep(0.05)

        late.sendall(upgrade("/ws/late"))

        assert b" 101 " not in late.recv(1 << 16)

        fresh.process.send_signal(signal.SIGTERM)

        assert fresh.process.wait(10) == 0


def test_who_was_refused_and_stays_does_not_hold_the_server_up(tmp_path: Path, stack: Stack) -> None:
    """One of an address that has opened too many, who is held; one whose handshake has failed."""
    site = site_in(tmp_path, stack, CHAT_HANDSHAKES="0.001/1")
    with site.served_by("serve", "--proxy-headers"), contextlib.ExitStack() as lines:
        for header in ["X-Forwarded-For: 203.0.113.5", "Sec-WebSocket-Protocol: \xff"] * 2:
            line = socket.create_connection(("127.0.0.1", site.port), timeout=10)
            lines.enter_context(line).sendall(upgrade("/ws/mallory", header))
        assert site.process
        assert ask(site, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

        site.process.send_signal(signal.SIGTERM)

        assert site.process.wait(10) == 0
    assert_is_well(site)


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except ConnectionRefusedError:
        return True
    return False


async def test_the_other_process_hears_who_has_left(tmp_path: Path, stack: Stack) -> None:
    variables = {"SECRET_KEY": "x" * 50, **stack.processes(tmp_path)}
    here, there = (site_in(tmp_path, stack, **variables) for _ in range(2))
    with here.served_by("serve"), there.served_by("serve"):
        async with connect(here.socket("alice")) as alice, connect(there.socket("bob")) as bob:
            await come_in(bob, "Bob")
            await come_in(alice, "Alice")

            assert here.process
            here.process.send_signal(signal.SIGTERM)

            await hear_of(bob, event="leave", name="Alice")
            assert (await last_words(alice))[1] == Close(4010, "restart")
    assert_is_well(here)
