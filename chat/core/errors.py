"""What a person may be told when something is refused: a code for programs, a sentence for people."""

from typing import ClassVar


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators; whoever tells it translates it."""
    return sentence


class ChatError(Exception):
    """Refused, and nothing has changed. `sentence % details` is what the person reads."""

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, **details: object) -> None:
        super().__init__(self.sentence % details)
        self.details = details


class BadJSON(ChatError):
    code = "bad_json"
    sentence = gettext_noop("This frame is not JSON in UTF-8.")


class BadFrame(ChatError):
    code = "bad_frame"
    sentence = gettext_noop("This frame is not one of the protocol: %(why)s.")


class FrameTooLarge(ChatError):
    code = "too_large"
    sentence = gettext_noop("This frame is larger than %(limit)d bytes.")


class MessageTooLong(ChatError):
    code = "too_large"
    sentence = gettext_noop("This message is longer than %(limit)d characters.")


class Empty(ChatError):
    code = "empty"
    sentence = gettext_noop("A message needs some text.")


class NoNameInTime(ChatError):
    code = "no_name"
    sentence = gettext_noop("No name was given in time. Reload the page to try again.")


class TooManyBadFrames(ChatError):
    code = "too_many_bad_frames"
    sentence = gettext_noop("Too many frames that are not of the protocol.")
