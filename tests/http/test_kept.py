"""Answers that are given again: to whom."""

from collections.abc import Mapping
from typing import Any

from chat.http.page import FOR_USERS, SAME_FOR_ALL
from chatproject.kept import Kept

MARKS = {"/": "always", "/later/": FOR_USERS, "/own/": None}


class Site:
    """An application that counts what it makes, and says for whom that is."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.kept = Kept(self)

    async def __call__(self, scope: dict[str, Any], _receive: Any, send: Any) -> None:
        self.made.append(scope["path"])
        mark = MARKS[scope["path"]]
        headers = [(b"Content-Length", b"5"), *([(SAME_FOR_ALL.encode(), mark.encode())] if mark else [])]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"words"})

    async def asked(self, path: str, cookie: str = "") -> list[str]:
        """What has to be made for somebody who asks for this, and gets it."""
        self.made.clear()
        heard: list[Mapping[str, Any]] = []

        async def hear(message: Mapping[str, Any]) -> None:
            heard.append(message)

        headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
        scope = {"scheme": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}
        await self.kept(scope, None, hear)
        assert heard[1]["body"] == b"words"
        assert SAME_FOR_ALL.encode() not in dict(heard[0]["headers"])
        return list(self.made)


async def test_a_page_of_visitors_is_made_once_and_no_user_gets_it_or_makes_it() -> None:
    site = Site()

    assert await site.asked("/", "sessionid=alice") == ["/"]
    assert await site.asked("/") == ["/"]
    assert await site.asked("/") == []
    assert await site.asked("/", "sessionid=alice") == ["/"]
    assert await site.asked("/") == []


async def test_what_is_the_same_for_users_is_made_once_for_all_of_them() -> None:
    site = Site()

    assert await site.asked("/later/", "sessionid=alice") == ["/later/"]
    assert await site.asked("/later/", "sessionid=bob") == []
    assert await site.asked("/later/", "sessionid=bob; django_language=en") == ["/later/"]
    assert await site.asked("/later/") == ["/later/"], "what visitors get is made for visitors"
    assert await site.asked("/own/") == await site.asked("/own/") == ["/own/"]
