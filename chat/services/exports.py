"""Exports: a room, a person or the whole site as lines of JSON or of CSV, made as they are asked for.

However much there is, a few rows are held at a time, all of them as they were at one moment. In the export
of the whole site is everything that it can be restored from (services/imports.py). In that of a room, or of
a person, what was deleted has lost its text, nobody's account is named but the person's own, and there are
no hashes of addresses.
"""

import csv as csv_format
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from chat import access
from chat.access import Act
from chat.actors import Actor
from chat.core import archive
from chat.core.archive import Scope
from chat.models import (
    ActKind,
    Directory,
    FilterRule,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Notice,
    Person,
    ReadMarker,
    Report,
    Room,
    Sanction,
)
from chat.services import archives, audit
from chat.services.archives import Table
from chat.storage.snapshots import last_key, snapshot

#: How many bytes are handed out at a time, about.
CHUNK = 1 << 16
#: What a cell of a spreadsheet begins with that is taken for a formula there.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: By which spreadsheets know that CSV is UTF-8: it begins with this.
MARK = b"\xef\xbb\xbf"
#: The columns of CSV, which has the messages alone.
COLUMNS = (
    *("id", "room", "sent_at", "author", "name", "role", "text", "edited_at", "deleted_at", "reply_to"),
    "reactions",
)


def jsonl(actor: Actor, *, room: Room | None = None, person: Person | None = None) -> Iterator[bytes]:
    """All there is of a room, of a person, or of the whole site, as an archive (core/archive.py).

    Raises Forbidden and NotFound, at once. Is to be gone through in one thread, and closed.
    """
    _begin(actor, "jsonl", room, person)
    return _chunks(_archive(Directory.current().site, room, person))


def csv(actor: Actor, *, room: Room | None = None, person: Person | None = None) -> Iterator[bytes]:
    """The messages, for a spreadsheet: UTF-8 with a mark that says so, and a line of names. As `jsonl`.

    A cell that a spreadsheet would take for a formula has an apostrophe in front.
    """
    _begin(actor, "csv", room, person)
    return _chunks(_table(room, person))


def _begin(actor: Actor, format: str, room: Room | None, person: Person | None) -> None:
    access.check(actor, Act.EXPORT, room)
    audit.note(actor, ActKind.EXPORT, room=room, person=person, details={"format": format})


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The lines, many at a time, of one snapshot."""
    waiting, size = [], 0
    with snapshot():
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size >= CHUNK:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)


def _archive(site: str, room: Room | None, person: Person | None) -> Iterator[bytes]:
    counts: Counter[str] = Counter()
    yield archive.encode(_header(site, room, person))
    for line in _lines(room, person):
        counts[archive.kind_of(type(line))] += 1
        yield archive.encode(line)
    yield archive.encode(archive.End(rows=dict(counts)))


def _header(site: str, room: Room | None, person: Person | None) -> archive.Header:
    scope: Scope = "room" if room else "person" if person else "site"
    of = room.slug if room else person.pk if person else ""
    return archive.Header(
        format=archive.FORMAT,
        scope=scope,
        of=of,
        site=site,
        made_at=timezone.now(),
        last_message=last_key(Message),
    )


def _lines(room: Room | None, person: Person | None) -> Iterator[archive.Line]:
    if room is not None:
        tables: Iterable[tuple[Table, QuerySet[Any]]] = _of_room(room)
    elif person is not None:
        tables = _of_person(person)
    else:
        tables = ((table, cast(Any, table.model)._default_manager.all()) for table in archives.SITE)
    for table, found in tables:
        for row in table.rows(found):
            if row.get("direct"):
                row["direct"] = _users_of(row["direct"])
            yield table.line(**row)
    if person is not None:
        yield from _reactions(person)


def _of_room(room: Room) -> list[tuple[Table, QuerySet[Any]]]:
    messages, members = Message.objects.filter(room=room), Membership.objects.filter(room=room)
    sanctions, reports = Sanction.objects.filter(room=room), Report.objects.filter(message__room=room)
    people = Person.objects.filter(
        Q(pk__in=messages.values("author"))
        | Q(pk__in=members.filter(person__isnull=False).values("person"))
        | Q(user__in=members.filter(user__isnull=False).values("user"))
        | Q(pk__in=sanctions.values("person"))
        | Q(pk__in=reports.values("reporter"))
    )
    return [
        (archives.SHOWN_ROOMS, Room.objects.filter(pk=room.pk)),
        (archives.SOMEBODIES, people),
        (archives.SHOWN_MEMBERSHIPS, members),
        (archives.SHOWN_MESSAGES, messages),
        (archives.REPORTS, reports),
        (archives.SHOWN_SANCTIONS, sanctions),
        (archives.FILTERS, FilterRule.objects.filter(room=room)),
        (archives.HELD, HeldMessage.objects.filter(room=room)),
        (archives.SHOWN_ACTS, ModerationAct.objects.filter(room=room)),
    ]


def _of_person(person: Person) -> list[tuple[Table, QuerySet[Any]]]:
    messages = Message.objects.filter(author=person)
    members = Membership.objects.filter(person=person)
    if person.user_id is not None:
        members |= Membership.objects.filter(user=person.user_id)
    rooms = Room.objects.filter(Q(pk__in=messages.values("room")) | Q(pk__in=members.values("room")))
    return [
        (archives.SHOWN_ROOMS, rooms),
        (archives.PEOPLE, Person.objects.filter(pk=person.pk)),
        (archives.SHOWN_MEMBERSHIPS, members),
        (archives.SHOWN_MESSAGES, messages),
        (archives.MARKERS, ReadMarker.objects.filter(person=person)),
        (archives.REPORTS, Report.objects.filter(reporter=person)),
        (archives.SHOWN_SANCTIONS, Sanction.objects.filter(person=person)),
        (archives.HELD, HeldMessage.objects.filter(author=person)),
        (archives.NOTICES, Notice.objects.filter(person=person)),
    ]


def _users_of(direct: str | None) -> tuple[str | None, str | None] | None:
    """The usernames of the two users of a conversation."""
    if not direct:
        return None
    users = get_user_model()
    one, _colon, other = direct.partition(":")
    names = users._default_manager.filter(pk__in=(one, other)).values_list("pk", users.USERNAME_FIELD)
    found = {str(key): name for key, name in names}
    return found.get(one), found.get(other)


def reacted_to_by(person: Person) -> QuerySet[Message]:
    """The messages that may have a reaction of a person: all that has the id in it. Reads every row."""
    as_text = Message.objects.annotate(given=Cast("reactions", TextField()))
    return as_text.filter(given__contains=json.dumps(person.pk))


def _reactions(person: Person) -> Iterator[archive.Reaction]:
    found = reacted_to_by(person).order_by("pk").values_list("pk", "room", "reactions")
    for message, room, reactions in found.iterator(chunk_size=archives.AT_A_TIME):
        for emoji, people in reactions.items():
            if person.pk in people:
                yield archive.Reaction(message=message, room=room, emoji=emoji)


def _table(room: Room | None, person: Person | None) -> Iterator[bytes]:
    lines = io.StringIO()
    writer = csv_format.writer(lines)
    yield MARK
    writer.writerow(COLUMNS)
    messages = Message.objects.all()
    if room is not None:
        messages = messages.filter(room=room)
    if person is not None:
        messages = messages.filter(author=person)
    is_whole = room is None and person is None
    instead = {"room": F("room__slug"), **({} if is_whole else archives.SHOWN_MESSAGES.instead)}
    columns = [instead.get(name, name) for name in COLUMNS]
    found = messages.order_by("pk").values_list(*columns)
    for values in found.iterator(chunk_size=archives.AT_A_TIME):
        writer.writerow([cell(value) for value in values])
        yield lines.getvalue().encode()
        lines.seek(0)
        lines.truncate()
    yield lines.getvalue().encode()


def cell(value: Any) -> str | int:
    """A value as a cell that is shown and never carried out."""
    if value is None or isinstance(value, int):
        return "" if value is None else value
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False) if value else ""
    words = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{words}" if words.lstrip(" ").startswith(_FORMULA) else words
