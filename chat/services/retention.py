"""Retention: for how long is known what is kept for a while.

A change by its ref, so that it is not made twice; where somebody came from; what they were to be told.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from chat import conf
from chat.live import process
from chat.live.chores import Chore
from chat.models import ProcessedCommand
from chat.services import addresses, notices

#: How many are forgotten in one transaction: some milliseconds in which SQLite lets nobody else write.
AT_A_TIME = 300


def begin() -> None:
    """Have this process forget, from now on and now and then, what is too old. Once is enough."""
    process.current().once(_begin)


def _begin() -> Chore:
    chore = Chore(forget_all_sorts)
    process.current().supervisor.keep_running(chore.run)
    return chore


def forget_all_sorts() -> bool:
    """Forget some of each sort that is too old; whether there may be more."""
    return any(forget() for forget in (forget_some, addresses.forget_some, notices.forget_some))


def forget_some() -> bool:
    """Forget the oldest of what was carried out more than REFS_DAYS ago; whether there may be more.

    Several processes may do so at the same time.
    """
    days = conf.current().refs_days
    if not days:
        return False
    before = timezone.now() - timedelta(days=days)
    with transaction.atomic():
        # Their keys are in the order of time, so this needs no index of its own.
        oldest = ProcessedCommand.objects.order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            oldest = oldest.select_for_update(skip_locked=True)
        old = [key for key, at in oldest.values_list("pk", "at")[:AT_A_TIME] if at < before]
        ProcessedCommand.objects.filter(pk__in=old).delete()
    return len(old) == AT_A_TIME
