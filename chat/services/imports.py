"""Imports: a site from the export of it (services/exports.py), in a database in which nothing is yet.

Keys, order and versions are as they were; every room has another epoch, and the site another name, so that
no bookmark of anybody, and nothing in a Redis, is taken for one of this history. All of it is one
transaction: whatever is wrong with the file, nothing is kept.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, cast

import msgspec
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F

from chat import access
from chat.access import Act
from chat.actors import Actor
from chat.core import archive, filtering
from chat.core.filtering import BadRule
from chat.models import ActKind, Directory, Message, Room
from chat.models.room import new_epoch
from chat.services import archives, audit, directory
from chat.services.archives import AT_A_TIME, Table
from chat.storage.snapshots import set_last_keys

#: The longest line that is read, in bytes: many times what a message with all its reactions takes.
LONGEST = 1 << 20
#: How many users or groups that are missing are named.
NAMED = 10

_TABLES = {table.kind: table for table in archives.SITE}


class Broken(Exception):
    """The file is no whole export of a site, or cannot be kept. Says why, in one sentence."""


class NotEmpty(Exception):
    """There is something in the database already."""


def restore(actor: Actor, lines: Iterable[bytes], *, skip_missing: bool = False) -> Counter[str]:
    """Take in the export of a site: how many rows of each kind.

    Users and groups of the site have to be there, by their names, before: with `skip_missing` a person
    whose user is not is nobody's any more, and such a membership is left out. Raises Broken and NotEmpty.
    """
    access.check(actor, Act.EXPORT)
    try:
        with transaction.atomic():
            directory.move()
            _check_empty()
            counts = _Import(skip_missing=skip_missing).take(lines)
            directory.name_site_anew()
            audit.note(actor, ActKind.RESTORE_EXPORT, details={"rows": dict(counts)})
            connection.check_constraints()
    except (IntegrityError, DataError, ValueError, OverflowError) as error:
        raise Broken(f"What the file says cannot be kept: {str(error).splitlines()[0]}") from None
    return counts


def _check_empty() -> None:
    """Nothing may be there but the lobby that comes with the migrations, in which nothing was said."""
    for table in archives.SITE:
        rows = cast(Any, table.model)._default_manager.all()
        if table is archives.ROOMS:
            rows = rows.exclude(slug=Room.LOBBY, version=0)
        if rows.exists():
            raise NotEmpty(table.model._meta.label)
    Room.objects.all().delete()


class _Import:
    """One file, from its first line to its last."""

    def __init__(self, *, skip_missing: bool) -> None:
        self._skip_missing = skip_missing
        self._header: archive.Header | None = None
        self._read: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def take(self, lines: Iterable[bytes]) -> Counter[str]:
        """Keep what the lines say. Raises Broken."""
        rows = self._rows(lines)
        for kind, some in groupby(rows, key=type):
            table = _TABLES[archive.kind_of(kind)]
            for portion in _portions(some):
                self._keep(table, portion)
        assert self._header
        if Message.objects.filter(version__gt=F("room__version")).exists():
            raise Broken("The file is broken: a message has a later version than its room.")
        numbered = [table.model for table in archives.SITE if table is not archives.PEOPLE]
        set_last_keys({**dict.fromkeys(numbered, 0), Message: self._header.last_message})
        self._read["membership"] -= self._left_out["memberships left out"]
        return self._read + self._left_out

    def _rows(self, lines: Iterable[bytes]) -> Iterator[Any]:
        """The rows between the header and the end, which have to be there."""
        end: archive.End | None = None
        for number, line in enumerate(_lines(lines), 1):
            if end is not None:
                raise Broken(f"Line {number}: something follows the end.")
            try:
                found = archive.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise Broken(f"Line {number} is broken: {error}") from None
            if isinstance(found, archive.Header) != (number == 1):
                raise Broken(f"Line {number}: the header is the first line, and no other.")
            if isinstance(found, archive.Header):
                self._begin(found)
            elif isinstance(found, archive.End):
                end = found
            else:
                kind = archive.kind_of(type(found))
                if kind not in _TABLES:
                    raise Broken(f"Line {number}: no export of a whole site has “{kind}”.")
                self._read[kind] += 1
                yield found
        if self._header is None:
            raise Broken("The file is empty.")
        if end is None:
            raise Broken("The file has no end: a part of it is missing.")
        if end.rows != dict(self._read):
            raise Broken("The file has other rows than its end says: a part of it is missing.")

    def _begin(self, header: archive.Header) -> None:
        if header.format != archive.FORMAT:
            raise Broken(f"The file has format {header.format}; this is for {archive.FORMAT}.")
        if header.scope != "site":
            raise Broken(f"This is the export of a {header.scope}: a site is restored from that of a site.")
        self._header = header

    def _keep(self, table: Table, lines: Sequence[Any]) -> None:
        """Insert the rows of some lines of one kind."""
        rows = [msgspec.structs.asdict(line) for line in lines]
        if table is archives.ROOMS:
            self._complete_rooms(rows)
        elif table is archives.PEOPLE:
            users = self._users({row["user"] for row in rows})
            for row in rows:
                row["user"] = users.get(row["user"])
        elif table is archives.MEMBERSHIPS:
            rows = self._complete_memberships(rows)
        elif table is archives.FILTERS:
            for line in lines:
                _check_filter(line)
        elif table is archives.SANCTIONS:
            version = Directory.current().version  # in which every process hears of them
            rows = [{**row, "version": version} for row in rows]
        model = cast(Any, table.model)
        columns = {
            name: model._meta.get_field(table.field(name)).attname for row in rows[:1] for name in row
        }
        made = [model(**{columns[name]: value for name, value in row.items()}) for row in rows]
        model._default_manager.bulk_create(made)

    def _complete_rooms(self, rows: list[dict[str, Any]]) -> None:
        users = self._users(
            {row["maker"] for row in rows} | {name for row in rows for name in row["direct"] or ()}
        )
        for row in rows:
            row["epoch"], row["maker"] = new_epoch(), users.get(row["maker"])
            if row["direct"] is not None:
                one, other = (users.get(name) or _nobody(row["id"]) for name in row["direct"])
                row["direct"] = Room.direct_key(one, other)

    def _complete_memberships(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        users = self._users({row["user"] for row in rows})
        groups = self._keys(Group, "name", {row["group"] for row in rows}, "groups")
        found = []
        for row in rows:
            user, group = users.get(row["user"]), groups.get(row["group"])
            if row["person"] is None and user is None and group is None:
                self._left_out["memberships left out"] += 1
                continue
            found.append({**row, "user": user, "group": group})
        return found

    def _users(self, wanted: set[str | None]) -> dict[str | None, Any]:
        return self._keys(get_user_model(), get_user_model().USERNAME_FIELD, wanted, "users")

    def _keys(self, model: Any, field: str, wanted: set[Any], what: str) -> dict[str | None, Any]:
        """The keys of users or groups, by their names. Raises Broken."""
        wanted = wanted - {None}
        named = model._default_manager.filter(**{f"{field}__in": wanted}).values_list(field, "pk")
        found = dict(named) if wanted else {}
        if missing := sorted(wanted - found.keys()):
            if not self._skip_missing:
                names = ", ".join(missing[:NAMED])
                raise Broken(f"The file names {what} that this site does not have, such as {names}.")
            self._left_out[f"{what} that are not there"] += len(missing)
        return found


def _check_filter(line: archive.Filter) -> None:
    """Return if it is a filter that works: one that does not would stop all who talk. Raises Broken."""
    try:
        filtering.check(line.type, line.value, line.action)
    except BadRule as error:
        raise Broken(f"The filter “{line.value}” is none: {error}") from None


def _nobody(room: int) -> Any:
    """A key that no user has, of the kind that keys of users are; another one for each room."""
    key = get_user_model()._meta.pk
    try:
        return key.to_python(f"-{room}")
    except ValidationError:
        return uuid.UUID(int=room)


def _lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, none of which may be without end."""
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            raise Broken(f"Line {number} is longer than any line of an export.")
        yield line


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_A_TIME:
            yield some
            some = []
    if some:
        yield some
