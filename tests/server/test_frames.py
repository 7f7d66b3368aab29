"""Frames of clients: the short text that has come whole, and what is none."""

import pytest
from websockets.frames import Frame, Opcode

from chat.server.frames import SHORT, short_text

MASK = b"\x01\x82\xf3\x04"


def frame(data: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True, mask: bool = True) -> bytes:
    """As a client sends it."""
    return Frame(opcode, data, fin=fin).serialize(mask=mask)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 125, 126, 127, 1000, SHORT])
@pytest.mark.parametrize("rest", [b"", frame(b"what comes behind it")])
def test_a_short_text_is_read_as_it_was_said(size: int, rest: bytes) -> None:
    said = ("Привет, " * SHORT).encode()[:size]
    sent = frame(said)

    assert short_text(sent + rest) == (said, len(sent))


@pytest.mark.parametrize("size", [1, 125, 126, SHORT])
def test_what_has_not_come_whole_is_left(size: int) -> None:
    sent = frame(b"x" * size)

    for end in {0, 1, 2, 4, 6, 7, len(sent) - 1} - {len(sent)}:
        assert short_text(sent[:end]) is None


@pytest.mark.parametrize(
    "sent",
    [
        frame(b"hi", Opcode.BINARY),
        frame(b"hi", Opcode.CONT),
        frame(b"hi", Opcode.PING),
        frame(b"\x03\xe8", Opcode.CLOSE),
        frame(b"hi", fin=False),
        frame(b"hello", mask=False),
        frame(b""),
        frame(b"x" * (SHORT + 1)),
        frame(b"x" * 70_000),
        b"\xc1" + frame(b"packed, as an extension would have it")[1:],
        b"\x81\xfe\x00\x05" + MASK + b"hello",  # its size is written longer than need be
        b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05" + MASK + b"hello",
    ],
)
def test_whatever_is_something_else_is_left(sent: bytes) -> None:
    assert short_text(sent) is None
