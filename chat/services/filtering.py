"""Filtering: what the active filters (services/filters.py) make of a text before it is said.

They look at what is said and edited by whoever does not moderate the room; not at names and titles.
"""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from chat import access
from chat.access import Act
from chat.core.errors import Filtered
from chat.core.filtering import Action, BadRule, Filter, Kind, Rule, check
from chat.core.likeness import Likeness
from chat.core.protocol import EditMessage, PostMessage
from chat.live import process
from chat.models import FilterAction, FilterRule, HeldMessage, Message, Room
from chat.services import held
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import LogTransaction

logger = logging.getLogger(__name__)

#: Nearly the same may be said so often within so long, less once.
REPEATS, WITHIN = 3, timedelta(seconds=30)
#: How many of somebody's latest texts are compared; and of how many of the site's latest these are: where
#: more is said in that time, a shorter one is looked at.
COMPARED, LOOKED_AT, FIRST = 10, 1000, 50
#: Of how many is remembered that they are newcomers no more.
SETTLED = 10_000


def passed(
    log: LogTransaction,
    command: AcceptedCommand[PostMessage] | AcceptedCommand[EditMessage],
    room: Room,
    text: str,
) -> str:
    """The text as it may be said in a room: masked, where a filter wants that.

    Raises Filtered, or Held once a moderator has to look at it; and what `held.check` raises of a retry.
    """
    rules = _current(log)
    if rules.is_idle:
        return text
    if rules.may_be_held:
        held.check(log, command)
    if access.may(command.actor, Act.MODERATE, room):
        return text
    ready = rules.of(room)
    verdict = ready.verdict(text)
    found = [verdict.rule] if verdict.rule else []
    if verdict.action != "refuse":
        found += [rule for rule in ready.others if _applies(log, rules, rule, command, room, verdict.text)]
    if found:
        _stop(log, command, room, verdict.text, found)
    return verdict.text


@dataclass
class Rules:
    """The active rules, ready for each room; and what is known of people by them."""

    #: Each with the key of its room; None for every room.
    rules: list[tuple[int | None, Rule]] = field(default_factory=list)
    #: Whether a message may wait for a moderator, or one may have been refused.
    may_be_held: bool = False
    #: Who has said enough to be no newcomer, and how much that was.
    settled: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._site = Filter(rule for room, rule in self.rules if room is None)
        self._of = {
            room: Filter(rule for where, rule in self.rules if where in (None, room))
            for room in {room for room, _rule in self.rules if room is not None}
        }
        #: Whether there is nothing to look for.
        self.is_idle = not (self.rules or self.may_be_held)

    def of(self, room: Room) -> Filter:
        """The filter of a room."""
        return self._of.get(room.pk, self._site)


class _Kept:
    """The rules that this process goes by, and as of which version of the directory. For any thread."""

    def __init__(self) -> None:
        self.current: tuple[int, Rules] = (-1, Rules())


def _current(log: LogTransaction) -> Rules:
    """The rules that hold: read once the directory has moved, since a change of a rule moves it."""
    running = process.running()
    if running is None:
        return log.once(_read_anew)
    kept, version = running.once(_Kept), running.directory.version
    if version < 0 or kept.current[0] != version:
        kept.current = version, _read(kept.current[1])
        log.answered()
    return kept.current[1]


def _read_anew(_log: LogTransaction) -> Rules:
    return _read(Rules())


def _read(known: Rules) -> Rules:
    """The rules as they are kept; the known ones where they are the same, as they are ready."""
    rows = [row for row in FilterRule.objects.filter(is_active=True).order_by("pk") if _is_one(row)]
    may_be_held = any(row.action == FilterAction.HOLD for row in rows) or HeldMessage.objects.exists()
    found = [(row.room_id, _rule(row)) for row in rows]
    if (found, may_be_held) == (known.rules, known.may_be_held):
        return known
    return Rules(found, may_be_held, known.settled)


def _is_one(row: FilterRule) -> bool:
    """Whether a row may stand as it does: one that was written by hand may be anything."""
    try:
        check(cast(Kind, row.kind), row.value, cast(Action, row.action))
    except BadRule as error:
        logger.error("Filter %d is left out. %s", row.pk, error)
        return False
    return True


def _rule(row: FilterRule) -> Rule:
    name, is_of_room = row.note or str(row), row.room_id is not None
    return Rule(cast(Kind, row.kind), row.value, cast(Action, row.action), name, is_of_room)


def _stop(
    log: LogTransaction,
    command: AcceptedCommand[Any],
    room: Room,
    text: str,
    found: list[Rule],
) -> None:
    """Raise what becomes of a text that these rules have found something in.

    What stands already, and what is said where nobody moderates, is refused rather than held.
    """
    author = command.actor.person
    is_held = isinstance(command.change, PostMessage) and not room.direct
    if author is None or not is_held or any(rule.action == "refuse" for rule in found):
        raise Filtered
    raise held.hold(log, command, room, author, text, found[0].name)


def _applies(
    log: LogTransaction,
    rules: Rules,
    rule: Rule,
    command: AcceptedCommand[Any],
    room: Room,
    text: str,
) -> bool:
    """Whether a rule applies that asks who says it."""
    if rule.kind == "newcomer":
        return _is_newcomer(log, rules, command, room, int(rule.value))
    return _is_repeated(log, rule, command, room, text)


def _is_newcomer(
    log: LogTransaction, rules: Rules, command: AcceptedCommand[Any], room: Room, most: int
) -> bool:
    """Whether somebody is a guest of whom no more than so many messages were let through, in any room."""
    author = command.actor.person
    if author is None or command.actor.role_in(room) != "guest":
        return False
    if rules.settled.get(author.pk, 0) >= most:
        return False
    said = Message.objects.filter(author=author, is_removed=False).order_by()[:most].count()
    log.answered()
    if len(rules.settled) >= SETTLED:
        rules.settled.clear()
    rules.settled[author.pk] = said
    return said < most


@dataclass
class _Said:
    """What somebody has said lately."""

    id: int | None
    room: int
    likeness: Likeness


def _is_repeated(
    log: LogTransaction, rule: Rule, command: AcceptedCommand[Any], room: Room, text: str
) -> bool:
    """Whether somebody says nearly the same again, and how often: the messages themselves tell."""
    author = command.actor.person
    said = log.once(_said_lately).setdefault("" if author is None else author.pk, [])
    new = _Said(getattr(command.change, "id", None), room.pk, Likeness(text))
    before = [
        one
        for one in said
        if not (rule.is_of_room and one.room != room.pk) and (new.id is None or one.id != new.id)
    ]
    is_repeated = sum(one.likeness.is_near(new.likeness) for one in before[:COMPARED]) >= REPEATS - 1
    if not is_repeated and new not in said:
        said.insert(0, new)
    return is_repeated


def _said_lately(log: LogTransaction) -> dict[str, list[_Said]]:
    """By the id of each who speaks in this transaction what they have said lately, the latest first.

    The keys of messages are in the order of time: so this is a walk along them, from the end.
    """
    since = log.now - WITHIN
    authors = {command.actor.person.pk for command in log.commands if command.actor.person}
    latest = Message.objects.order_by("-pk").values_list("pk", "author", "sent_at")
    rows = list(latest[:FIRST])
    if rows and len(rows) == FIRST and rows[-1][2] >= since:
        rows += latest[FIRST:LOOKED_AT]
    keys = [key for key, author, sent_at in rows if author in authors and sent_at >= since]
    found: dict[str, list[_Said]] = {}
    for message in Message.objects.filter(pk__in=keys).order_by("-pk").only("author", "room", "text"):
        found.setdefault(message.author_id, []).append(
            _Said(message.pk, message.room_id, Likeness(message.text))
        )
    return found
