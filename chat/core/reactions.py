"""Reactions to a message: who put which emoji on it, and how many it holds."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from chat.core import emojis
from chat.core.errors import NotAnEmoji, TooManyOwnReactions, TooManyReactions

#: {emoji: [id of a person, …]}, both in the order in which they came.
Reactions = dict[str, list[str]]

#: The most bytes of one message's reactions as JSON, whatever is lifted: with the longest text, and all
#: else that a frame holds, that is far below FRAME_LIMIT.
SIZE_LIMIT = 24 << 10


class Limits(NamedTuple):
    """How many reactions one message holds; 0 sets no limit."""

    #: Of all people together.
    people: int = 0
    kinds: int = 0
    kinds_of_one: int = 0


def put(found: Mapping[str, list[str]], raw: str, person: str, limits: Limits) -> Reactions:
    """The reactions with this one. Raises NotAnEmoji, TooManyReactions or TooManyOwnReactions."""
    emoji = emojis.spelled_out(raw)
    if emoji is None:
        raise NotAnEmoji
    reactions = _spelled_out(found)
    people = reactions.setdefault(emoji, [])
    if person in people:
        return reactions
    people.append(person)
    if 0 < limits.kinds_of_one < sum(person in people for people in reactions.values()):
        raise TooManyOwnReactions
    if (
        0 < limits.people < sum(map(len, reactions.values()))
        or (0 < limits.kinds < len(reactions) and len(people) == 1)
        or len(msgspec.json.encode(reactions)) > SIZE_LIMIT
    ):
        raise TooManyReactions
    return reactions


def take_off(found: Mapping[str, list[str]], raw: str, person: str) -> Reactions:
    """The reactions without this one. Raises NotAnEmoji, save for what an earlier version has let in."""
    emoji = emojis.spelled_out(raw) or raw
    reactions = _spelled_out(found)
    if emoji not in reactions and emojis.spelled_out(raw) is None:
        raise NotAnEmoji
    reactions[emoji] = [other for other in reactions.get(emoji, []) if other != person]
    return {emoji: people for emoji, people in reactions.items() if people}


def _spelled_out(found: Mapping[str, list[str]]) -> Reactions:
    """A copy in which each emoji has its full spelling: earlier rows have others, too."""
    reactions: Reactions = {}
    for spelling, people in found.items():
        known = reactions.setdefault(emojis.spelled_out(spelling) or spelling, [])
        known += [person for person in people if person not in known]
    return reactions
