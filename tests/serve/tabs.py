"""Tabs of people on a site that is served: they listen all the time, and note what they hear."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from harness.site import Site
from tests.serve.guests import Frame

#: How long what has to come may take, in seconds: many others may work on this machine.
PATIENCE = 20


class Tab:
    """One connection. Each frame is heard once, by whoever asks for it or for a later one."""

    _refs = itertools.count(1)

    def __init__(self, client: ClientConnection) -> None:
        self._client = client
        self._heard: list[Frame] = []
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())
        #: Its welcome, in dialect v2.
        self.id, self.token = "", ""

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(
        cls, site: Site, id: str, host: str = "", *, key: str | None = None, **reply: object
    ) -> AsyncIterator[Self]:
        """Somebody who has given a name: from this address, or in the browser of a user of the site."""
        headers = {"X-Forwarded-For": host} if host else {}
        origin: Any = None
        if key:
            headers["Cookie"], origin = f"sessionid={key}", f"http://127.0.0.1:{site.port}"
        async with connect(site.socket(id), origin=origin, additional_headers=headers) as client:
            tab = cls(client)
            await tab.hears(type="request_name")
            await tab.say(**{"name": id.capitalize(), "v": 2, "lang": "en", **reply})
            yield tab

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self._client:
                frames = json.loads(text)
                self._heard += frames if isinstance(frames, list) else [frames]
                self._news.set()
        self._news.set()

    async def say(self, **frame: object) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._client.send(json.dumps(frame))

    async def hears(self, **wanted: object) -> Frame:
        """The next frame that looks like this, whatever comes before it."""
        passed: list[Frame] = []
        async with asyncio.timeout(PATIENCE):
            while True:
                self._news.clear()
                while self._heard:
                    frame = self._heard.pop(0)
                    if frame.items() >= wanted.items():
                        return frame
                    passed.append(frame)
                assert not self._listening.done(), (wanted, self.code, passed[-3:])
                await self._news.wait()

    async def is_in(self) -> bool:
        """Whether it has come in, rather than been closed."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._news.clear()
                while self._heard:
                    frame = self._heard.pop(0)
                    if frame["type"] == "welcome":
                        self.id, self.token = frame["id"], frame["token"]
                        return True
                    if frame.get("event") == "join":  # in dialect v1
                        return True
                if self._listening.done():
                    return False
                await self._news.wait()

    async def asks(self, **frame: object) -> Frame:
        """The answer to a command."""
        ref = f"r{next(self._refs)}"
        await self.say(**frame, ref=ref)
        while True:
            answer = await self.hears(ref=ref)
            if answer["type"] in ("ack", "error"):
                return answer

    @property
    def code(self) -> int | None:
        """The code of the close, once it is closed."""
        return self._client.close_code

    async def is_closed(self) -> int:
        """Return the code with which it is closed, once it is."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([self._listening])
        assert self.code
        return self.code
