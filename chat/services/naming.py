"""Naming: which names are free and which are somebody's, and what becomes of a name that two want.

Two names are one where their keys are (core/name_keys.py). Nobody has the name of somebody who is here, in
whatever room: a person has one name for all of them. And no guest has a name of CHAT["RESERVED_NAMES"], or
that of a user of the site, here or not.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from msgspec import UNSET

from chat import conf
from chat.actors import Actor
from chat.core import name_keys, names
from chat.core.errors import EmptyName, Forbidden, NameReserved, NameTaken
from chat.core.person_ids import is_of_user
from chat.core.protocol import NameWas
from chat.live import process
from chat.models import Person
from chat.services import batches, presence
from chat.services.people import Arrival, Proof
from chat.storage import person_rows


class Newcomer(NamedTuple):
    """An id that somebody comes under, and the keys that are looked for to tell whose their name is."""

    id: str
    keys: frozenset[str]


class Known(NamedTuple):
    """What the database knows of a newcomer."""

    #: Whether a token was given for the id; None where nobody has come under it yet.
    is_owned: bool | None
    #: Whether a user of the site is called so.
    is_name_of_user: bool


class Given(NamedTuple):
    """What somebody is called, and why not as they asked."""

    name: str
    name_was: NameWas
    #: What they would be called if nobody else were.
    wanted: str


def begin() -> None:
    """Have nobody stay under the name of somebody who was here before, from now on. Once is enough."""
    process.current().once(_begin)


def _begin() -> None:
    here = process.current()
    # A moment later: whoever puts the roster together has not finished.
    here.presence.on_clash = lambda person: here.loop.call_soon(settle_clash, person)


# Who comes in


def newcomer(id: str, name: str) -> Newcomer:
    """What is to be asked of the database about a guest who comes under this id and this name."""
    return Newcomer(id, name_keys.readings(name))


def with_number(id: str, name: str) -> Newcomer:
    """As `newcomer`, of a name that was given a number: what it is without that is known already."""
    return Newcomer(id, frozenset({name_keys.key(name)}))


def known(newcomers: Sequence[Newcomer]) -> dict[Newcomer, Known]:
    """What the database knows of these newcomers, by one query."""
    is_owned, of_users = person_rows.newcomers(
        {one.id for one in newcomers}, {key for one in newcomers for key in one.keys}
    )
    return {one: Known(is_owned.get(one.id), not of_users.isdisjoint(one.keys)) for one in newcomers}


def is_reserved(name: str) -> bool:
    """Whether a name is, or looks like, one of CHAT["RESERVED_NAMES"]."""
    return name_keys.looks_like_one_of(name, _keys(conf.current().reserved_names))


def candidates(client_id: str, asked: str) -> Iterator[str]:
    """What somebody may be called: as they ask, or else the usual first; a user may still be called so."""
    if asked and not is_reserved(asked):
        yield asked
    if not is_reserved(usual := names.default(client_id)):
        yield usual
    while True:
        yield names.by_chance()


def given(id: str, asked: str, wanted: str) -> Given:
    """What somebody is called who comes in and may be called as wanted: with a number where that is taken.

    Belongs to the loop of the process, as all that asks its roster.
    """
    name = names.unlike(wanted, partial(_is_somebody_elses, id))
    if asked and asked != wanted:
        return Given(name, "reserved", wanted)
    return Given(name, "taken" if asked and name != wanted else UNSET, wanted)


def numbered(id: str, wanted: str, *, but: Collection[str]) -> str:
    """What somebody is called who wants this name, where these, with their numbers, are users'."""
    return names.unlike(wanted, lambda name: name in but or _is_somebody_elses(id, name))


# Who is called otherwise


def wanted(actor: Actor, raw: str) -> str:
    """The name that a guest may ask to be called. Raises Forbidden, EmptyName and NameReserved."""
    if actor.user is not None:
        raise Forbidden  # they are called as their account says
    name = names.clean(raw)
    if not name:
        raise EmptyName
    if is_reserved(name):
        raise NameReserved
    return name


def check_free(actor: Actor, name: str) -> None:
    """Return if nobody else who is here is called so. Raises NameTaken."""
    assert actor.person
    if _is_somebody_elses(actor.person.pk, name):
        raise NameTaken


def settle_clash(person: str) -> None:
    """Give somebody another name who is here under one that is somebody else's.

    Two processes may each let in one at the same moment; and a guest may have had the name before there was
    a user who is called so. To be called in the process that has their connections; where there is no clash
    it does nothing.
    """
    own = process.current().connections.of(person)
    if not own:
        return
    actor: Actor = own[0].actor
    assert actor.person
    is_taken = partial(_is_somebody_elses, person)
    if not is_taken(actor.person.name):
        return
    why: NameWas = "taken"
    wanted = actor.person.name
    if actor.user is None and is_of_user(_holder(wanted) or ""):
        wanted, why = names.by_chance(), "reserved"
    name = names.unlike(wanted, is_taken)
    if actor.user is None:
        batches.writer().submit(renamed(actor.person, name))
    presence.rename(person, name, why)


def renamed(person: Person, name: str) -> Arrival:
    """What notes the new name of a guest: as if they had come under it."""
    return Arrival(person.pk, name, Proof.TOKEN if person.is_owned else Proof.NONE)


def _is_somebody_elses(person: str, name: str) -> bool:
    """Whether a name is that of another who is here. To a user of the site no guest's is."""
    holder = _holder(name)
    return holder not in (None, person) and (is_of_user(holder or "") or not is_of_user(person))


def _holder(name: str) -> str | None:
    return process.current().roster.holder(name_keys.key(name))


@lru_cache(maxsize=4)
def _keys(reserved: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key for name in reserved if (key := name_keys.key(name)))
