"""Moderation of a site that is served: nobody has to wait for it."""

import asyncio
from itertools import pairwise
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

from harness.site import Site
from tests.serve.accounts import owner_of
from tests.serve.guests import Frame, come_in, hear_of, last_words, say
from tests.serve.sites import assert_is_well, site_in
from tests.serve.test_signin import browser, sign_in
from tests.stacks import Stack

#: So many messages in a row, as few statements as will do.
FLOOD = """
from chat.models import Message, Room
from chat.services import people
from chat.services.people import Arrival, Proof

[mallory] = people.arrive([Arrival("mallory", "Mallory", Proof.TOKEN)])
room = Room.objects.get(slug="lobby")
numbers = range(1, 2001)
Message.objects.bulk_create([
    Message(room=room, author=mallory, name="Mallory", text="buy", version=number, first_version=number)
    for number in numbers
])
Room.objects.filter(pk=room.pk).update(version=2000)
"""


async def test_the_talk_goes_on_while_thousands_are_deleted(tmp_path: Path, stack: Stack) -> None:
    """Whoever talks is heard again after a few portions, however many there are."""
    site = site_in(tmp_path, stack)
    site.manage("shell", "-c", FLOOD)
    password = owner_of(site)

    with site.served_by("serve", "--proxy-headers"), browser(site, "192.0.2.1") as moderator:
        assert sign_in(moderator, password).status_code == 302
        async with connect(site.socket("alice")) as alice:
            await come_in(alice, "Alice", v=2)
            deleting = asyncio.create_task(asyncio.to_thread(_delete_all, site, moderator))
            versions = [2000, *await _talk_until(deleting, alice)]
            assert (await deleting).status_code == 302
            heard, closed = await _moderated_from_a_terminal(site, alice)

    assert [frame["message"] for frame in heard if frame.get("event") == "announce"] == ["Good night"]
    assert [frame["slow"] for frame in heard if frame.get("event") == "room"] == [5]
    [warned] = [frame for frame in heard if frame.get("event") == "moderation"]
    assert (warned["act"], warned["reason"]) == ("warn", "Go to bed")
    assert (heard[-1]["type"], heard[-1]["code"], closed) == ("closing", 4502, 4502)
    assert 0 < heard[-1]["retry_after"] <= 60
    between = [later - earlier - 1 for earlier, later in pairwise(versions)]
    assert sum(between) >= 2000
    assert sum(deleted > 0 for deleted in between) >= 10, between  # not a few long portions, nor one
    assert_is_well(site)


async def _moderated_from_a_terminal(
    site: Site, client: ClientConnection
) -> tuple[list[Frame], int | None]:
    """What Alice hears of what is done by another process, and how she is closed."""

    def moderate() -> None:
        site.manage("chat_moderate", "announce", "lobby", "Good night")
        site.manage("chat_moderate", "slow", "lobby", "5")
        site.manage("chat_moderate", "warn", "Alice", "Go to bed")
        site.manage("chat_moderate", "kick", "alice", "--reason", "Late")

    moderating = asyncio.create_task(asyncio.to_thread(moderate))
    heard, closed = await last_words(client)
    await moderating
    return heard, closed.code if closed else None


def _delete_all(site: Site, moderator: httpx.Client) -> httpx.Response:
    """A request deletes a thousand at most, and says to ask again."""
    form = {
        "csrfmiddlewaretoken": moderator.cookies["csrftoken"],
        "action": "take_back",
        "confirmed": "yes",
        "select_across": "1",
        "index": "0",
        "_selected_action": "1",
    }
    moderator.post("admin/chat/message/?deleted_at__isempty=1", data=form)
    return moderator.post("admin/chat/message/?deleted_at__isempty=1", data=form)


async def _talk_until(done: "asyncio.Task[httpx.Response]", client: ClientConnection) -> list[int]:
    """Talk until then, and once more, one thing after the other: the versions of what was said."""
    versions, number = [], 0
    while True:
        is_last, number = done.done(), number + 1
        await say(client, type="message", message="Is anybody there?", ref=str(number))
        versions.append((await hear_of(client, type="ack", ref=str(number)))["version"])
        if is_last:
            return versions
