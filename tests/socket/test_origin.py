"""Which pages may open a socket."""

from typing import Any

import pytest

from chat.models import Room
from chat.socket.origin import is_allowed
from chatproject.asgi import application
from tests.communicator import Communicator


def scope(host: str, scheme: str | None = None) -> dict[str, Any]:
    known = {} if scheme is None else {"scheme": scheme}
    return {"headers": [(b"host", host.encode())], **known}


@pytest.fixture(autouse=True)
def _names(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.example", "localhost", "127.0.0.1", "[::1]"]
    settings.ALLOWED_ORIGINS = ["https://friend.example:8443"]
    settings.SESSION_COOKIE_SECURE = False


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://chat.example", "chat.example", "ws"),
        ("http://chat.example", "chat.example:80", "ws"),
        ("http://chat.example:80", "chat.example", "ws"),
        ("https://chat.example", "chat.example", "wss"),
        ("https://chat.example", "chat.example:443", "wss"),
        ("http://chat.example:8000", "chat.example:8000", "ws"),
        ("http://[::1]:8000", "[::1]:8000", "ws"),
        ("http://CHAT.example", "chat.EXAMPLE", "ws"),
        ("http://chat.example", "chat.example", None),
        ("https://chat.example", "chat.example", None),
        ("https://friend.example:8443", "chat.example", "wss"),
    ],
)
def test_the_site_s_own_pages_and_its_friends_get_in(origin: str, host: str, scheme: str | None) -> None:
    assert is_allowed(origin, scope(host, scheme))


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://chat.example:8001", "chat.example:8000", "ws"),
        ("http://chat.example:8001", "chat.example", "ws"),
        ("https://chat.example", "chat.example", "ws"),
        ("http://chat.example", "chat.example", "wss"),
        ("http://chat.example", "chat.example:443", "wss"),
        ("http://evil.example", "chat.example", "ws"),
        ("http://evil.example", "evil.example", "ws"),
        ("http://chat.example.evil.example", "chat.example", "ws"),
        ("https://friend.example", "chat.example", "wss"),
        ("ftp://chat.example", "chat.example", "ws"),
        ("file://chat.example", "chat.example", "ws"),
        ("http://evil@chat.example", "chat.example", "ws"),
        ("http://chat.example/", "chat.example", "ws"),
        ("http://chat.example:port", "chat.example", "ws"),
        ("http://[", "chat.example", "ws"),
        ("chat.example", "chat.example", "ws"),
        ("null", "chat.example", "ws"),
        ("", "chat.example", "ws"),
    ],
)
def test_other_pages_do_not(origin: str, host: str, scheme: str) -> None:
    assert not is_allowed(origin, scope(host, scheme))


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("https://chat.example", "chat.example", True),
        ("http://chat.example", "chat.example", False),
        ("http://localhost:8000", "localhost:8000", True),
    ],
)
def test_a_site_for_https_alone_has_pages_of_https_alone(
    settings: Any, origin: str, host: str, allowed: bool
) -> None:
    """Also behind a proxy that ends TLS and does not say so; save on this machine itself."""
    settings.SESSION_COOKIE_SECURE = True

    assert is_allowed(origin, scope(host, "ws")) == allowed


@pytest.mark.parametrize(
    ("origins", "welcome"),
    [
        ([], True),
        (["http://localhost:8000"], True),
        (["http://evil.example"], False),
        (["http://localhost:8000", "http://evil.example"], False),
    ],
)
async def test_a_socket_opens_for_them_and_for_programs(
    lobby: Room, origins: list[str], welcome: bool
) -> None:
    headers = [(b"host", b"localhost:8000"), *((b"origin", origin.encode()) for origin in origins)]
    client = Communicator(application, "/ws/alice", headers=headers)

    connected, _subprotocol = await client.connect()

    assert connected == welcome
    await client.disconnect()
