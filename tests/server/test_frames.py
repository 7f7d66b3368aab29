"""Frames of clients: the short text that has come whole, and what is none."""

import pytest
from websockets.frames import Frame, Opcode

from chat.server.frames import SHORT, short_text

MASK = b"\x01\x82\xf3\x04"


def frame(data: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True, mask: bool = True) -> bytes:
    """As a client sends it."""
    return Frame(opcode, data, fin=fin).serialize(mask=mask)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 125, 126, 127, 1000, SHORT])
@pytest.mark.parametrize("rest", [b"", frame(b"what comes behind it")], ids=["alone", "with more"])
def test_a_short_text_is_read_as_it_was_said(size: int, rest: bytes) -> None:
    said = ("Привет, " * SHORT).encode()[:size]
    sent = frame(said)

    assert short_text(sent + rest) == (said, len(sent))


@pytest.mark.parametrize("size", [1, 125, 126, SHORT])
def test_what_has_not_come_whole_is_left(size: int) -> None:
    sent = frame(b"x" * size)

    for end in {0, 1, 2, 4, 6, 7, len(sent) - 1} - {len(sent)}:
        assert short_text(sent[:end]) is None


#: What is no such text. Each mask is a new one, so that nothing of them can name a test.
OTHERS = {
    "binary": frame(b"hi", Opcode.BINARY),
    "the rest of a message": frame(b"hi", Opcode.CONT),
    "a ping": frame(b"hi", Opcode.PING),
    "a close": frame(b"\x03\xe8", Opcode.CLOSE),
    "the first part of a message": frame(b"hi", fin=False),
    "without a mask": frame(b"hello", mask=False),
    "nothing": frame(b""),
    "a little too long": frame(b"x" * (SHORT + 1)),
    "long": frame(b"x" * 70_000),
    "packed by an extension": b"\xc1" + frame(b"packed, as an extension would have it")[1:],
    "its size in two bytes for one": b"\x81\xfe\x00\x05" + MASK + b"hello",
    "its size in eight bytes for one": b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05" + MASK + b"hello",
}


@pytest.mark.parametrize("sent", OTHERS.values(), ids=OTHERS)
def test_whatever_is_something_else_is_left(sent: bytes) -> None:
    assert short_text(sent) is None
