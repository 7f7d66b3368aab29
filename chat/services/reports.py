"""Reports: anybody tells the moderators of a message, once; and they decide what comes of it."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chat import access
from chat.access import Act
from chat.actors import PROGRAM, Actor
from chat.core.errors import AlreadyReported, Forbidden, NotFound
from chat.core.protocol import DeleteMessage
from chat.models import ActKind, Message, ModerationAct, Report, ReportState
from chat.services import audit, changes, directory, queue
from chat.storage.accepted_command import AcceptedCommand


@transaction.atomic
def report(actor: Actor, message: Message, reason: str = "", *, at: datetime | None = None) -> Report:
    """Tell the moderators of a message that somebody may read and has not said themselves.

    Raises AlreadyReported the second time, whatever was decided the first, save where that was at the same
    moment: then it is the first. Raises NotFound and Forbidden.
    """
    at = at or timezone.now()
    access.check(actor, Act.REPORT, message.room)
    if message.deleted_at is not None:
        raise NotFound
    if actor.person is None or message.author_id == actor.person.pk:
        raise Forbidden
    row, is_new = Report.objects.get_or_create(
        message=message, reporter=actor.person, defaults={"reason": audit.in_one_line(reason), "at": at}
    )
    if is_new:
        queue.changed()
    elif row.at != at:
        raise AlreadyReported
    return row


@transaction.atomic
def decide(
    actor: Actor, message: Message, accept: bool, reason: str = "", *, ref: str | None = None
) -> ModerationAct:
    """Decide all that was reported of a message; where it is right the message is deleted.

    Whoever has reported it is told. Raises NotFound where nothing waits, and as access.check_decide.
    """
    directory.move()  # with which they hear of it
    access.check_decide(actor, message.room)
    count = queue.settle(message, ReportState.ACCEPTED if accept else ReportState.DISMISSED, reason)
    if not count:
        raise NotFound
    if accept:
        # The right to decide is the right to do so, in a conversation of two as well.
        removal = AcceptedCommand(PROGRAM, DeleteMessage(id=message.pk, ref=""), is_part=True)
        with suppress(NotFound):  # its author has taken it back
            changes.make(removal, changes.delete)
    return audit.note(
        actor,
        ActKind.ACCEPT_REPORT if accept else ActKind.DISMISS_REPORT,
        room=message.room,
        message=message,
        reason=reason,
        details={"reports": count},
        ref=ref,
    )
