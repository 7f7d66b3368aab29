"""What a person may be told when something is refused: a code for programs, a sentence for people."""

from math import ceil
from typing import ClassVar

from chat.core.codes import CloseCode


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators; whoever tells it translates it."""
    return sentence


#: What follows a sentence of what lasts for a while, and one to which the moderators have said something.
TIME_LEFT = gettext_noop("Time left: %(time)s.")
WHY = gettext_noop("Reason: %(reason)s")


class ChatError(Exception):
    """Refused, and nothing has changed. `sentence % details` is what the person reads."""

    code: ClassVar[str]
    sentence: ClassVar[str]
    #: Seconds after which the same may succeed; None where it will not.
    retry_after: float | None = None
    #: What the moderators say to it, in their own words.
    why = ""
    #: Whether it counts towards the bad frames after which a connection is closed.
    is_bad_frame: ClassVar[bool] = False

    def __init__(self, *, ref: str | None = None, **details: object) -> None:
        super().__init__(self.sentence % details)
        self.ref = ref
        self.details = details


class ClosingError(ChatError):
    """The connection cannot go on, and is closed with `close_code`."""

    close_code: ClassVar[CloseCode]


class BadJSON(ChatError):
    code = "bad_json"
    sentence = gettext_noop("This frame is not JSON in UTF-8.")
    is_bad_frame = True


class BadFrame(ChatError):
    code = "bad_frame"
    sentence = gettext_noop("This frame is not one of the protocol: %(why)s.")
    is_bad_frame = True


class UnknownType(ChatError):
    code = "unknown_type"
    sentence = gettext_noop("There is no command of this type.")
    is_bad_frame = True


class FrameTooLarge(ChatError):
    code = "too_large"
    sentence = gettext_noop("This frame is larger than %(limit)d bytes.")
    is_bad_frame = True


class MessageTooLong(ChatError):
    code = "too_large"
    sentence = gettext_noop("This message is longer than %(limit)d characters.")
    is_bad_frame = True


class TooManyReactions(ChatError):
    code = "too_large"
    sentence = gettext_noop("This message has all the reactions it can hold.")


class TooManyOwnReactions(ChatError):
    code = "too_large"
    sentence = gettext_noop("You have put as many reactions on this message as you can.")


class Empty(ChatError):
    code = "empty"
    sentence = gettext_noop("A message needs some text.")
    is_bad_frame = True


class EmptyName(ChatError):
    code = "empty"
    sentence = gettext_noop("A name needs something to see.")
    is_bad_frame = True


class NotAnEmoji(ChatError):
    code = "bad_frame"
    sentence = gettext_noop("A reaction is one emoji.")
    is_bad_frame = True


class NotFound(ChatError):
    code = "not_found"
    sentence = gettext_noop("It is not here, or no longer.")


class Forbidden(ChatError):
    code = "forbidden"
    sentence = gettext_noop("This is not yours to change.")


class NameNeeded(Forbidden):
    sentence = gettext_noop("Give a name first: without one you can only read.")


class ReadOnly(Forbidden):
    code = "read_only"
    sentence = gettext_noop("You can only read here.")


class Outranked(Forbidden):
    sentence = gettext_noop("They may do as much here as you.")


class SharedAddress(ChatError):
    code = "shared_address"
    sentence = gettext_noop("No address of theirs is known that is theirs alone. Ban the person only.")


class Muted(ChatError):
    code = "muted"
    sentence = gettext_noop("You may not write here just now.")

    def __init__(self, retry_after: float | None = None, *, ref: str | None = None) -> None:
        super().__init__(ref=ref)
        self.retry_after = None if retry_after is None else float(ceil(retry_after))


class BannedHere(Muted):
    code = "banned"
    sentence = gettext_noop("You are banned from this room.")


class SlowMode(ChatError):
    code = "slow_mode"
    sentence = gettext_noop("This room is slow: wait between two messages.")

    def __init__(self, retry_after: float, *, ref: str | None = None) -> None:
        super().__init__(ref=ref)
        self.retry_after = ceil(retry_after * 10) / 10


class Filtered(ChatError):
    code = "filtered"
    sentence = gettext_noop("This is not let through here: change it and try again.")


class Held(ChatError):
    code = "held"
    sentence = gettext_noop("A moderator looks at this message before others see it.")


class RefusedByModerator(ChatError):
    code = "refused"
    sentence = gettext_noop("A moderator has not let this message through.")


class AlreadyReported(ChatError):
    code = "already_reported"
    sentence = gettext_noop("You have reported this message already.")


class TooManyRooms(ChatError):
    code = "too_many_rooms"
    sentence = gettext_noop("You listen to as many rooms as you can. Leave one first.")


class TooManyRoomsMade(ChatError):
    code = "too_many_rooms"
    sentence = gettext_noop("You have made as many rooms as you can.")


class LastOwner(Forbidden):
    sentence = gettext_noop("A room keeps an owner. Make somebody else one first.")


class NameTaken(ChatError):
    code = "name_taken"
    sentence = gettext_noop("Somebody here is called so, or nearly so. Choose another name.")


class NameReserved(ChatError):
    code = "name_reserved"
    sentence = gettext_noop("This name, or one that looks like it, is not free. Choose another one.")


class RefReused(ChatError):
    code = "ref_reused"
    sentence = gettext_noop("This ref already stands for something else.")


class Internal(ChatError):
    code = "internal"
    sentence = gettext_noop("It could not be stored just now. Try again.")
    retry_after = 2.0


class RateLimited(ChatError):
    code = "rate_limited"
    sentence = gettext_noop("That was too much at once. Try again in a moment.")

    def __init__(self, retry_after: float, *, ref: str | None = None) -> None:
        super().__init__(ref=ref)
        # Rounded up: whoever comes again then is not refused for a rounding.
        self.retry_after = ceil(retry_after * 10) / 10


class RateLimitedTooOften(ClosingError):
    code = "rate_limited"
    close_code = CloseCode.RATE_LIMITED
    sentence = gettext_noop("Far too much at once, again and again. Come back later.")


class SessionEnded(ClosingError):
    code = "session_ended"
    close_code = CloseCode.SESSION_ENDED
    sentence = gettext_noop("You have signed in or out, or your rights have changed. Connect again.")


class SignInRequired(ClosingError):
    code = "sign_in_required"
    close_code = CloseCode.SIGN_IN_REQUIRED
    sentence = gettext_noop("This chat is for users of the site. Sign in to come in.")


class RoomClosed(ClosingError):
    code = "room_closed"
    close_code = CloseCode.ROOM_CLOSED
    sentence = gettext_noop("This room is closed to you.")


class Banned(ClosingError):
    code = "banned"
    close_code = CloseCode.BANNED
    sentence = gettext_noop("You are banned here.")

    def __init__(self, retry_after: float | None = None, why: str = "") -> None:
        super().__init__()
        self.retry_after = None if retry_after is None else float(ceil(retry_after))
        self.why = why


class Kicked(ClosingError):
    code = "kicked"
    close_code = CloseCode.KICKED
    sentence = gettext_noop("A moderator has shown you out. Come back in a while.")

    def __init__(self, retry_after: float, why: str = "") -> None:
        super().__init__()
        self.retry_after = float(ceil(retry_after))
        self.why = why


class NoNameInTime(ClosingError):
    code = "no_name"
    close_code = CloseCode.NO_NAME
    sentence = gettext_noop("No name was given in time. Reload the page to try again.")


class TooManyBadFrames(ClosingError):
    code = "too_many_bad_frames"
    close_code = CloseCode.TOO_MANY_BAD_FRAMES
    sentence = gettext_noop("Too many frames that are not of the protocol.")


class TooManyConnections(ClosingError):
    code = "too_many_connections"
    close_code = CloseCode.TOO_MANY_CONNECTIONS
    sentence = gettext_noop("There are too many connections. Close some, or come back later.")


class TooSlow(ClosingError):
    code = "too_slow"
    close_code = CloseCode.TOO_SLOW
    sentence = gettext_noop("Your line is too slow for this much talk. Nothing is lost; connect again.")


class Restarting(ClosingError):
    code = "restart"
    close_code = CloseCode.RESTART
    sentence = gettext_noop("The server restarts. Nothing is lost; connect again.")

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class DatabaseUnreachable(ClosingError):
    code = Internal.code
    close_code = CloseCode.INTERNAL
    sentence = Internal.sentence
    retry_after = Internal.retry_after
