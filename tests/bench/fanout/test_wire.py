"""The handmade frames are those of RFC 6455."""

import json

import pytest

from bench.fanout.wire import V2, Dialect, Reader, SocketIO, masked, upgrade


def unmasked(frame: bytes) -> tuple[int, bytes]:
    """The opcode and the payload of a client's frame, taken apart byte by byte."""
    size, start = frame[1] & 0x7F, 2
    if size >= 126:
        start = 4 if size == 126 else 10
        size = int.from_bytes(frame[2:start], "big")
    key, hidden = frame[start : start + 4], frame[start + 4 :]
    assert frame[1] & 0x80
    assert len(hidden) == size
    return frame[0] & 0x0F, bytes(byte ^ key[index % 4] for index, byte in enumerate(hidden))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 125, 126, 127, 65535, 65536, 70001])
def test_a_masked_frame_carries_its_payload_whatever_its_size(size: int) -> None:
    payload = bytes(index % 251 for index in range(size))

    assert unmasked(masked(payload)) == (1, payload)


def test_no_extension_is_asked_for() -> None:
    request = upgrade("/ws/alice", 8000)

    assert request.startswith(b"GET /ws/alice HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\n")
    assert b"Extensions" not in request


def test_each_dialect_says_a_message_in_its_own_way() -> None:
    def said(dialect: Dialect) -> str:
        return unmasked(dialect.message("hi", "r1"))[1].decode()

    assert "ref" not in json.loads(said(Dialect()))
    assert json.loads(said(V2()))["ref"] == "r1"
    assert json.loads(said(SocketIO()).removeprefix("42"))[0] == "frame"


def test_a_reader_gives_no_name() -> None:
    handshake, asked, let_in = Reader().way_in("alice")

    assert json.loads(unmasked(asked.answer)[1]) == {"v": 2, "reader": True}
    assert (handshake, let_in) == (V2().way_in("alice")[0], V2().way_in("alice")[2])


def test_a_proxy_tells_the_address_of_each_listener() -> None:
    assert b"Forwarded" not in V2().upgrade("alice", 1, 8000)
    assert b"\r\nX-Forwarded-For: 9.0.1.2\r\n" in V2(is_proxied=True).upgrade("alice", 258, 8000)


@pytest.mark.parametrize("before", [b"", b'\x81\x09{"a":"b"}', b'\x81\x02["{"]'])
def test_a_ping_is_answered_with_what_it_carries_wherever_it_stands(before: bytes) -> None:
    heard = before + b"\x89\x04abcd" + b'\x81\x09{"c":"d"}'

    assert Dialect.ping in heard
    assert unmasked(Dialect().pongs(heard)) == (0xA, b"abcd")


def test_a_letter_that_looks_like_a_ping_is_not_answered() -> None:
    assert Dialect().pongs('{"message":"щ"}'.encode()) == b""


def test_the_ping_of_engine_io_is_answered_in_kind() -> None:
    assert unmasked(SocketIO().pongs(b'\x81\x0642["a"\x81\x012')) == (1, b"3")
