"""The codes with which the server closes a connection."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Why a connection is closed. After 40xx a client connects again; after 45xx it waits for the person.

    What a code is for stands in docs/PROTOCOL.md. A client goes by the range of one that it does not know.
    """

    RESTART = 4010
    INTERNAL = 4011
    TOO_SLOW = 4012
    SESSION_ENDED = 4015
    BANNED = 4501
    KICKED = 4502
    NO_NAME = 4503
    TOO_MANY_CONNECTIONS = 4504
    TOO_MANY_BAD_FRAMES = 4505
    RATE_LIMITED = 4506
    ROOM_CLOSED = 4508
    SIGN_IN_REQUIRED = 4509

    @property
    def is_final(self) -> bool:
        """Whether a client waits for the person before it comes again."""
        return self >= 4500
