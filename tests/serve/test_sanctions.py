"""Sanctions on two processes of a site: they hold at once and everywhere, and nobody gets round them."""

import asyncio
import contextlib
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.site import Site
from tests.databases import Database
from tests.serve.accounts import signed_in
from tests.serve.sites import assert_is_well, site_in
from tests.serve.tabs import Tab
from tests.stacks import Stack

#: Whence Mallory comes, and others.
HOME, CAFE, ELSEWHERE = "8.8.8.8", "2a00:1450:4001:80b::200e", "9.9.9.9"


@pytest.fixture(params=("with a layer in common", "with none"))
def sites(request: pytest.FixtureRequest, tmp_path: Path, stack: Stack) -> Iterator[tuple[Site, Site]]:
    """Two processes of one site, behind a proxy."""
    layer = stack.processes(tmp_path) if request.param == "with a layer in common" else {"REDIS_URL": ""}
    here = site_in(tmp_path, stack, CHAT_LIMITS="0", **layer)
    there = Site(tmp_path, **here.environment)
    there.log = tmp_path / "there.log"
    with here.served_by("serve", "--proxy-headers"), there.served_by("serve", "--proxy-headers"):
        yield here, there
    for site in (here, there):
        assert_is_well(site)


@asynccontextmanager
async def moderator(site: Site) -> AsyncIterator["Moderator"]:
    """A moderator of the site, who may ban as well."""
    [key] = signed_in(site, "Mod").values()
    with Database.of(site) as database:
        database.execute(
            "INSERT INTO auth_group_permissions (group_id, permission_id) "
            "SELECT auth_group.id, auth_permission.id FROM auth_group, auth_permission "
            "WHERE codename = 'ban'"
        )
    async with Tab.opened(site, "mod", key=key) as tab:
        assert await tab.is_in()
        yield Moderator(tab)


class Moderator(NamedTuple):
    """Does what moderators do."""

    tab: Tab

    async def does(self, type: str, id: str, **how: object) -> None:
        """Do this to somebody."""
        answer = await self.tab.asks(type=type, id=id, **how)
        assert answer["type"] == "ack", answer


async def test_what_is_done_to_somebody_holds_at_once_and_everywhere(sites: tuple[Site, Site]) -> None:
    """A hundred sockets on two processes; five of them are those of whom it is about."""
    async with AsyncExitStack() as open_tabs:

        async def come(site: Site, id: str, host: str = ELSEWHERE, **reply: Any) -> Tab:
            tab = await open_tabs.enter_async_context(Tab.opened(site, id, host, **reply))
            assert await tab.is_in()
            return tab

        mod = await open_tabs.enter_async_context(moderator(sites[0]))
        first = await come(sites[0], "mallory", HOME)
        id, token = first.id, first.token
        mallory = [first, *[await come(sites[n % 2], "tab", HOME, token=token) for n in range(1, 5)]]
        crowd = await asyncio.gather(*(come(sites[n % 2], f"guest-{n}") for n in range(94)))
        for kind in ("mute", "kick", "ban"):
            assert (await crowd[0].asks(type="sanction", kind=kind, id=id))["code"] == "forbidden"

        await mod.does("sanction", id, kind="mute", minutes=5, reason="spam")
        for tab in mallory:
            told = await tab.hears(type="notification", event="moderation", act="mute")
            assert told["reason"] == "spam"
            assert (await tab.asks(type="message", message="buy"))["code"] == "muted"
        await mod.does("lift", id, kind="mute")
        for tab in mallory:
            await tab.hears(type="notification", event="moderation", act="unmute")
            assert (await tab.asks(type="message", message="sorry"))["type"] == "ack"
        await mod.does("warn", id, reason="the last time")
        for tab in mallory:
            await tab.hears(type="notification", event="moderation", act="warn")
            await tab.say(type="rooms")
            assert [room["room"] for room in (await tab.hears(type="rooms"))["rooms"]] == ["lobby"]

        await mod.does("sanction", id, kind="ban", room="lobby", minutes=5)
        for tab in mallory:
            await tab.hears(type="left", room="lobby")
            assert (await tab.hears(type="rooms"))["rooms"] == []
            await tab.say(type="enter", room="lobby")
            await tab.hears(type="error", code="banned", command="enter", room="lobby")
        await hear_all(crowd, type="notification", event="leave", id=id)
        await mod.does("lift", id, kind="ban", room="lobby")
        for tab in mallory:
            assert [room["room"] for room in (await tab.hears(type="rooms"))["rooms"]] == ["lobby"]
            await tab.say(type="enter", room="lobby")
            await tab.hears(type="room", room="lobby")
        await hear_all(crowd, type="notification", event="join", id=id)

        for kind, code, minutes in (("ban", 4501, 5), ("kick", 4502, None)):
            await mod.does("sanction", id, kind=kind, minutes=minutes, reason="enough")
            for tab in mallory:
                last = await tab.hears(type="closing", code=code)
                assert last["reason"].endswith("Reason: enough")
                assert last["retry_after"] <= 60 * (minutes or 1)
                assert await tab.is_closed() == code
            await hear_all(crowd, type="notification", event="leave", id=id)
            for site in sites:
                assert await code_for(Tab.opened(site, "tab", HOME, token=token)) == code
            if kind == "ban":
                await mod.does("lift", id, kind="ban")
                mallory = [await come_at_last(open_tabs, sites[n % 2], token) for n in range(5)]
                await hear_all(crowd, type="notification", event="join", id=id)

        assert (await mod.tab.asks(type="message", message="Peace."))["type"] == "ack"
        await hear_all(crowd, type="message", message="Peace.")


async def hear_all(tabs: list[Tab], **wanted: object) -> None:
    """All of these hear such a frame."""
    await asyncio.gather(*(tab.hears(**wanted) for tab in tabs))


async def code_for(coming: Any) -> int | None:
    """With which code somebody is closed who comes; None where they come in."""
    async with coming as tab:
        return None if await tab.is_in() else tab.code


async def come_at_last(open_tabs: AsyncExitStack, site: Site, token: str) -> Tab:
    """Come as soon as one is let in."""
    async with asyncio.timeout(20):
        while True:
            tab = await open_tabs.enter_async_context(Tab.opened(site, "tab", HOME, token=token))
            if await tab.is_in():
                return tab


# Coming back


class Cast(NamedTuple):
    """What those have come by who are banned, and one whom Mallory has been before."""

    #: Tokens of guests.
    mallory: str
    double: str
    #: Sessions of a user of the site, from before the ban and after it.
    carol: str
    carol_again: str


class Way(NamedTuple):
    """A way to come back: the id in the address, from where, and what is answered to `request_name`."""

    how: str
    id: str
    host: str
    reply: Callable[[Cast], dict[str, Any]] = lambda cast: {}


def token(**reply: object) -> Callable[[Cast], dict[str, Any]]:
    """With Mallory's token."""
    return lambda cast: {"token": cast.mallory, **reply}


def seed(**reply: object) -> Callable[[Cast], dict[str, Any]]:
    """In the seed's dialect."""
    return lambda cast: {"v": 1, **reply}


#: Mallory's address in other words, another machine in the network of the café, and where Carol lives.
MAPPED, WITH_PORT, NEXT_TABLE, CAROL = f"::ffff:{HOME}", f"{HOME}:4711", "2a00:1450:4001:80b::2", "1.1.1.1"
WAYS = (
    Way("reloads", "mallory", HOME, token()),
    Way("opens a new tab", "tab-7", HOME, token()),
    Way("goes elsewhere", "tab-8", ELSEWHERE, token()),
    Way("takes another name", "mallory", ELSEWHERE, token(name="Anna")),
    Way("asks for another room", "mallory", ELSEWHERE, token(rooms={"lounge": {}})),
    Way("only watches", "mallory", ELSEWHERE, token(watch=True)),
    Way("brings the token under the id of somebody else", "eve", ELSEWHERE, token()),
    Way("brings no token", "mallory", ELSEWHERE),
    Way("brings one that proves nothing", "mallory", ELSEWHERE, lambda cast: {"token": f"{cast.mallory}x"}),
    Way("is spoken to as the seed", "mallory", ELSEWHERE, seed()),
    Way("is spoken to as the seed, with a token", "mallory", HOME, lambda cast: {**token()(cast), "v": 1}),
    Way("deletes all cookies", "fresh-1", HOME),
    Way("deletes all cookies, as the seed", "fresh-2", HOME, seed()),
    Way("writes the id in capitals", "MALLORY", HOME),
    Way("has been somebody else before", "double", HOME, lambda cast: {"token": cast.double}),
    Way("takes the id of somebody else", "eve", HOME),
    Way("comes by IPv6 as IPv4", "fresh-3", MAPPED),
    Way("comes from another port", "fresh-4", WITH_PORT),
    Way("comes from where they were before", "fresh-5", CAFE),
    Way("sits down at another machine there", "fresh-6", NEXT_TABLE),
    Way("says that they come from elsewhere", "fresh-7", f"{ELSEWHERE}, {HOME}"),
    Way("is a user, in another tab", "tab", CAROL, lambda cast: {"key": cast.carol}),
    Way("is a user, and signs in anew elsewhere", "tab", ELSEWHERE, lambda cast: {"key": cast.carol_again}),
    Way("is a user", "tab", ELSEWHERE, lambda cast: {"key": cast.carol, "token": cast.double}),
    Way("signs out, and is a guest", "fresh-8", CAROL),
    Way("was never more than an id", "vera", ELSEWHERE, seed()),
    Way("was never more than an id, and wants a token", "vera", ELSEWHERE),
)
#: Those who are none of them.
OTHERS = (
    Way("somebody else", "eve-1", ELSEWHERE),
    Way("somebody else, as the seed", "eve-2", ELSEWHERE, seed()),
    Way("the neighbour", "eve-3", "8.8.8.9"),
)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("sites", ["with none"], indirect=True)
async def test_nobody_gets_round_a_ban(sites: tuple[Site, Site]) -> None:
    """Each way is tried on both processes, the second of which begins anew then."""
    here, there = sites
    async with AsyncExitStack() as open_tabs:
        mod = await open_tabs.enter_async_context(moderator(here))
        cast = await banned(sites, mod)
        before = known(here)
        failed = [f"{how}, here" for how in await let_in(here, cast, WAYS)]
        failed += [f"{how}, there" for how in await let_in(there, cast, WAYS)]
        with begun_anew(there):
            failed += [f"{how}, after a restart" for how in await let_in(there, cast, WAYS)]
            assert failed == []
            assert known(here) == before
            for site in sites:
                assert await let_in(site, cast, OTHERS) == [way.how for way in OTHERS]

            await mod.does("lift", "mallory", kind="ban")
            await come_at_last(open_tabs, there, cast.mallory)
            assert "comes from where they were before" in await let_in(here, cast, WAYS)


@contextlib.contextmanager
def begun_anew(site: Site) -> Iterator[None]:
    """A process of the site ends, and another takes its place."""
    assert site.process
    site.process.send_signal(signal.SIGTERM)
    site.process.wait(15)
    with site.served_by("serve", "--proxy-headers"):
        yield


async def banned(sites: tuple[Site, Site], mod: "Moderator") -> Cast:
    """Three are banned: Mallory and a user with their addresses, and one whom only an id tells."""
    here, there = sites
    [key] = signed_in(here, "Carol").values()
    async with AsyncExitStack() as open_tabs:

        async def come(site: Site, id: str, host: str, **reply: Any) -> Tab:
            tab = await open_tabs.enter_async_context(Tab.opened(site, id, host, **reply))
            assert await tab.is_in()
            if tab.id:  # they are noted once they have said something
                assert (await tab.asks(type="message", message="hi"))["type"] == "ack"
            return tab

        double = await come(here, "double", HOME)
        mallory = await come(here, "mallory", HOME)
        await come(there, "tab", CAFE, token=mallory.token)
        carol = await come(here, "carol", CAROL, key=key)
        eve = await come(there, "eve", ELSEWHERE, v=1)
        await come(here, "vera", "4.4.4.4", v=1)
        await eve.hears(event="join", id="vera")
        await mod.does("sanction", "mallory", kind="ban", address=True)
        await mod.does("sanction", carol.id, kind="ban", address=True)
        await mod.does("sanction", "vera", kind="ban")
        await eve.hears(event="leave", id="vera")
    async with asyncio.timeout(20):  # until the second process knows
        while await code_for(Tab.opened(there, "vera", ELSEWHERE, v=1)) is None:
            pass
    with Database.of(here) as database:
        new = secrets.token_hex(16)
        database.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) "
            "SELECT %s, session_data, expire_date FROM django_session WHERE session_key = %s",
            new,
            key,
        )
    return Cast(mallory.token, double.token, key, new)


async def let_in(site: Site, cast: Cast, ways: Sequence[Way]) -> list[str]:
    """Which of these ways lead in; the others are closed as banned."""

    async def try_it(way: Way) -> str | None:
        code = await code_for(Tab.opened(site, way.id, way.host, **way.reply(cast)))
        assert code in (None, 4501), (way.how, code)
        return way.how if code is None else None

    return [how for how in await asyncio.gather(*map(try_it, ways)) if how]


def known(site: Site) -> list[Any]:
    """Who was ever here, and from how many addresses."""
    with Database.of(site) as database:
        people = database.execute("SELECT id, name FROM chat_person ORDER BY id")
        return [*people, *database.execute("SELECT count(*) FROM chat_personaddress")]
