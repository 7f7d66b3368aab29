"""Erasure: somebody is forgotten. What they said stays as nobody's, or goes.

What everybody sees of it changes as ever, by the rooms' logs, so every screen follows; in portions, each
in a transaction of its own, so nobody waits for long. Where it is interrupted the person is still there,
and it is asked for again. What the audit says of them keeps that something was done, and names nobody;
nothing else changes there. A user of the site stays one: that is not the chat's; who comes again is
somebody new.

For REFS_DAYS it stays known which refs were used under the id, and nothing of what for: or what a page
still has to send would be said again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, cast

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext

from chat import access, conf
from chat.access import Act
from chat.actors import PROGRAM, Actor
from chat.core.errors import NotFound
from chat.core.person_ids import ERASED
from chat.core.protocol import AnyChange, DeleteMessage
from chat.models import (
    ActKind,
    Directory,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Notice,
    Person,
    PersonAddress,
    ProcessedCommand,
    ReadMarker,
    Report,
    ReportState,
    Room,
    Sanction,
    SanctionKind,
)
from chat.services import audit, commands, directory, exports, queue, users
from chat.storage import log
from chat.storage.accepted_command import AcceptedCommand
from chat.storage.log import Done, LogTransaction

#: What becomes of what they said.
Fate = Literal["keep", "delete"]
#: How many messages are changed in one transaction, and how long others have their turn then, in seconds.
AT_A_TIME, PAUSE = 50, 0.02
#: How long they are sent away first, so that nothing is said while what they said is changed.
AWAY = timedelta(minutes=1)

#: Has a message stand otherwise; False where it does so already.
Rewrite = Callable[[Message], bool]


def plan(actor: Actor, person: Person) -> dict[str, int]:
    """How much there is of a person: what would be changed or go, by its name. Raises Forbidden.

    Goes through all messages of the site, for reactions and mentions.
    """
    access.check(actor, Act.EXPORT)
    return {
        "messages": Message.objects.filter(author=person).count(),
        "reactions": sum(1 for _key in _reacted(person)),
        "mentions": sum(1 for _key in _mentioned(person)),
        "held messages": HeldMessage.objects.filter(author=person).count(),
        "memberships": _memberships(person).count(),
        "sanctions": Sanction.objects.filter(person=person).count(),
        "reports": Report.objects.filter(reporter=person).count(),
        "notices": Notice.objects.filter(person=person).count(),
        "read markers": ReadMarker.objects.filter(person=person).count(),
        "addresses": PersonAddress.objects.filter(person=person).count(),
        "receipts": ProcessedCommand.objects.filter(author=person).count(),
        "acts of moderators": ModerationAct.objects.filter(_names(person)).count(),
    }


def erase(actor: Actor, person: Person, messages: Fate = "keep") -> dict[str, int]:
    """Forget a person, and what they said or who had said it: how much there was, as `plan`.

    Their sockets are closed. Not to be called within a transaction. Raises as access.check_erase, and
    NotFound where they are what is left of those who were erased.
    """
    access.check_erase(actor, users.actor_of(person))
    found = plan(actor, person)
    if person.pk == ERASED:
        raise NotFound
    someone = _someone()
    _send_away(person)
    rewrite = partial(_keep if messages == "keep" else _delete, someone)
    is_gone = False
    while not is_gone:
        for keys in _portions(_said(person)):
            _rewrite_messages(keys, rewrite, person, someone, messages)
        for keys in _portions(_reacted(person)):
            _rewrite(keys, partial(_take_reactions_off, person.pk))
        for keys in _portions(_mentioned(person)):
            _rewrite(keys, partial(_take_mention_out, person.pk))
        is_gone = _remove(actor, person, someone, {"messages": messages, "found": found})
    return found


def _someone() -> Person:
    """Who has said what those have who were erased."""
    with translation.override(settings.LANGUAGE_CODE):  # the admin may speak another
        name = gettext("Someone")
    return Person.objects.get_or_create(pk=ERASED, defaults={"name": name, "is_owned": True})[0]


@transaction.atomic
def _send_away(person: Person) -> None:
    """Close their sockets, and have every process forget what they were under: the rows will be gone."""
    directory.move()
    version, now = Directory.current().version, timezone.now()
    Sanction.objects.filter(person=person, lifted_at=None).update(lifted_at=now, version=version)
    Sanction.objects.create(
        person=person, kind=SanctionKind.KICK, since=now, until=now + AWAY, version=version
    )


def _said(person: Person) -> Iterator[int]:
    return (key for key, _author in _walk(Message.objects.filter(author=person), "author"))


def _reacted(person: Person) -> Iterator[int]:
    found = _walk(exports.reacted_to_by(person), "reactions")
    return (key for key, given in found if any(person.pk in people for people in given.values()))


def _mentioned(person: Person) -> Iterator[int]:
    found = _walk(Message.objects.filter(mentions__isnull=False), "mentions")
    return (key for key, ids in found if person.pk in ids)


def _walk(found: models.QuerySet[Any], column: str) -> Iterator[tuple[int, Any]]:
    """The keys of these rows and a column, in order, some at a time, whatever changes in between."""
    rows, last = found.order_by("pk").values_list("pk", column), 0
    while some := list(rows.filter(pk__gt=last)[:AT_A_TIME]):
        yield from some
        last = some[-1][0]


def _portions(keys: Iterator[int]) -> Iterator[list[int]]:
    """So many keys at a time; in between others have their turn."""
    some: list[int] = []
    for key in keys:
        some.append(key)
        if len(some) == AT_A_TIME:
            yield some
            some = []
            time.sleep(PAUSE)  # SQLite lets in whoever asks at the right moment, which would be us
    if some:
        yield some


# What becomes of a message


def _keep(someone: Person, message: Message) -> bool:
    message.author, message.name, message.role = someone, someone.name, "guest"
    message.ref = message.digest = message.key = None
    return True


def _delete(someone: Person, message: Message) -> bool:
    message.text, message.timestamp, message.reactions, message.mentions = "", None, {}, None
    message.deleted_at, message.is_removed = message.deleted_at or timezone.now(), False
    return _keep(someone, message)


def _take_reactions_off(person: str, message: Message) -> bool:
    before = message.reactions
    left = {emoji: [id for id in ids if id != person] for emoji, ids in message.reactions.items()}
    message.reactions = {emoji: ids for emoji, ids in left.items() if ids}
    return bool(message.reactions != before)


def _take_mention_out(person: str, message: Message) -> bool:
    before = message.mentions or []
    message.mentions = [id for id in before if id != person] or None
    return person in before


@transaction.atomic
def _rewrite_messages(
    keys: Sequence[int], rewrite: Rewrite, person: Person, someone: Person, fate: Fate
) -> None:
    _keep_refs(keys, person)
    _rewrite(keys, rewrite)
    # What no other change of a message changes; and what is in a room that is being deleted.
    rows = Message.objects.filter(pk__in=keys)
    rows.update(author=someone, name=someone.name, role="guest", ref=None, digest=None, key=None)
    if fate == "delete":
        rows.update(text="", timestamp=None, reactions={}, mentions=None, is_removed=False)
        Report.objects.filter(message__in=keys).delete()
        _admin_forgets(Message, keys)


@transaction.atomic
def _rewrite(keys: Sequence[int], rewrite: Rewrite) -> None:
    """Have messages stand otherwise, and tell their rooms after the commit."""

    def carry_out(within: LogTransaction, command: AcceptedCommand[AnyChange]) -> Done:
        message = within.row(command)
        return within.change(message) if rewrite(message) else within.unchanged(message)

    asked = [AcceptedCommand(PROGRAM, DeleteMessage(id=key, ref="")) for key in keys]
    outcomes = log.write(asked, carry_out)
    transaction.on_commit(partial(commands.publish, outcomes))


def _keep_refs(keys: Sequence[int], person: Person) -> None:
    """Note the refs that may still be sent again, and not what they were for."""
    said = Message.objects.filter(pk__in=keys, ref__isnull=False)
    if days := conf.current().refs_days:
        said = said.filter(sent_at__gte=timezone.now() - timedelta(days=days))
    ProcessedCommand.objects.bulk_create(
        (
            ProcessedCommand(author=person, ref=ref, message_id=0, version=0, at=at)
            for ref, at in cast("Iterable[tuple[str, datetime]]", said.values_list("ref", "sent_at"))
        ),
        ignore_conflicts=True,
    )


# What becomes of the person


@transaction.atomic
def _remove(actor: Actor, person: Person, someone: Person, details: dict[str, Any]) -> bool:
    """Delete the person, with all that is theirs alone; False where they have said something meanwhile."""
    directory.move()
    list(Person.objects.select_for_update().filter(pk=person.pk))  # from here on they say nothing
    if Message.objects.filter(author=person).exists():
        return False
    if person.user_id is not None:
        _forget_user(person, someone)
    _memberships(person).delete()
    _hand_reports_over(person, someone)
    ProcessedCommand.objects.filter(author=person).update(message=0, version=0, digest=None)
    _unname(person)
    _admin_forgets(Person, [person.pk])
    for model, whose in ((Sanction, "person"), (HeldMessage, "author"), (Report, "reporter")):
        theirs = cast(Any, model)._default_manager.filter(**{whose: person})
        _admin_forgets(model, list(theirs.values_list("pk", flat=True)))
    Person.objects.filter(pk=person.pk).delete()
    queue.changed()
    audit.note(actor, ActKind.ERASE, details=details)
    return True


def _memberships(person: Person) -> models.QuerySet[Membership]:
    """Where they belong to; conversations of two stay the user's, who is still there."""
    own = Q(person=person)
    if person.user_id is not None:
        own |= Q(user=person.user_id, room__direct=None)
    return Membership.objects.filter(own)


def _forget_user(person: Person, someone: Person) -> None:
    """Rooms say no more which user has made them, nor conversations what their two are called."""
    Room.objects.filter(maker=person.user_id).update(maker=None)
    talks = Membership.objects.filter(user=person.user_id, room__direct__isnull=False)
    rooms = list(talks.values_list("room", flat=True))
    Room.objects.filter(pk__in=rooms).update(title=someone.name)
    _acts().filter(room__in=rooms).update(room_title=someone.name)
    _acts().filter(actor_user=str(person.user_id)).update(actor_user="", actor_name="")  # from the admin
    _admin_forgets(Room, rooms)


def _hand_reports_over(person: Person, someone: Person) -> None:
    """What they have reported and is not decided yet still is; all else goes with the person."""
    theirs = Report.objects.filter(reporter=person, state=ReportState.OPEN)
    reported = Report.objects.filter(reporter=someone).values("message")
    theirs.exclude(message__in=list(reported.values_list("message", flat=True))).update(
        reporter=someone, reason=""
    )


def _names(person: Person) -> Q:
    return Q(person=person.pk) | Q(actor=person.pk)


def _unname(person: Person) -> None:
    """The audit keeps what was done, when and where."""
    _acts().filter(person=person.pk).update(person="", person_name="", reason="", details={})
    _acts().filter(actor=person.pk).update(actor="", actor_user="", actor_name="", ref=None)


def _acts() -> models.QuerySet[ModerationAct]:
    """The rows of the audit, which refuse every change, but for those of this file."""
    return models.QuerySet(ModerationAct)


def _admin_forgets(model: type[models.Model], keys: Sequence[Any]) -> None:
    """The log of Django's admin says of each row what it was called, and why it was changed."""
    if apps.is_installed("django.contrib.admin"):
        entries = apps.get_model("admin", "LogEntry")._default_manager.filter(
            content_type__app_label="chat",
            content_type__model=model._meta.model_name,
            object_id__in=[str(key) for key in keys],
        )
        entries.update(object_repr="", change_message="")
