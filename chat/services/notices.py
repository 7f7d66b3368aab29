"""Notices: what the moderators have to say to one person, kept until they have heard it."""

from datetime import datetime, timedelta

from django.utils import timezone

from chat.models import Notice, Room

#: For how many days somebody may come and hear it.
DAYS = 30
#: How many are forgotten in one transaction.
AT_A_TIME = 300


def add(
    person_id: str, act: str, room: Room | None = None, reason: str = "", until: datetime | None = None
) -> Notice:
    """Keep something that a person is to hear as soon as they are here.

    To be called in a transaction that has moved the directory (services/directory.py): with it every
    process finds out.
    """
    return Notice.objects.create(person_id=person_id, act=act, room=room, reason=reason[:200], until=until)


def forget_some() -> bool:
    """Forget what is older than DAYS, heard or not; whether there may be more."""
    before = timezone.now() - timedelta(days=DAYS)
    oldest = Notice.objects.order_by("pk").values_list("pk", "at")[:AT_A_TIME]  # in the order of time
    old = [key for key, at in oldest if at < before]
    Notice.objects.filter(pk__in=old).delete()
    return len(old) == AT_A_TIME
