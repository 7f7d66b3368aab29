"""A port that was given away stays with whom it was given to."""

import socket

import pytest

from harness.ports import free_port


def test_nobody_else_takes_the_port_while_no_server_has_it() -> None:
    port = free_port()

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))


@pytest.mark.parametrize("host", ["127.0.0.1", ""])
def test_a_server_can_have_it_again_and_again(host: str) -> None:
    port = free_port()

    for _ in range(2):
        with (
            socket.create_server((host, port)) as server,
            socket.create_connection(("127.0.0.1", port)),
            server.accept()[0],
        ):
            pass


def test_it_is_given_once() -> None:
    ports = [free_port() for _ in range(500)]

    assert len(set(ports)) == len(ports)
