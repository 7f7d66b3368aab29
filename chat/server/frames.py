"""Frames of clients: the one kind that nearly all of them are, a short text that has come whole."""

#: How many bytes such a text has at most.
SHORT = 2048

#: A text that is whole, without extensions; and the bit that says that it is masked.
_WHOLE_TEXT, _MASKED = 0x81, 0x80


def short_text(data: bytes) -> tuple[bytes, int] | None:
    """The text that begins here, and where it ends (RFC 6455, section 5.2).

    None for whatever is something else, has not come whole, or is not as it should be.
    """
    if len(data) < 7 or data[0] != _WHOLE_TEXT or data[1] <= _MASKED:
        return None
    size, begin = data[1] ^ _MASKED, 6
    if size > 125:
        size, begin = int.from_bytes(data[2:4], "big"), 8
        if data[1] != _MASKED | 126 or not 125 < size <= SHORT:
            return None
    end = begin + size
    if len(data) < end:
        return None
    # One operation on two long numbers, instead of one for each byte.
    mask = (data[begin - 4 : begin] * (size // 4 + 1))[:size]
    hidden = int.from_bytes(data[begin:end], "big")
    return (hidden ^ int.from_bytes(mask, "big")).to_bytes(size, "big"), end
