"""The directory: its version moves where a room's row or a membership changes, and the site is told."""

from django.db import connection, transaction
from django.db.models import F

from chat.live import broadcast
from chat.live.directory import DirectoryWatch
from chat.models import Directory
from chat.models.directory import new_site_id


def move() -> None:
    """A room's row, or a membership, is being changed: every process hears of it after the commit.

    To be called in that transaction, before anything else is locked in it: who changes the directory has it
    for themselves until then, and no two wait for each other.
    """
    if has_moved():
        return
    if not Directory.objects.filter(pk=1).update(version=F("version") + 1):
        Directory.current()
        Directory.objects.filter(pk=1).update(version=F("version") + 1)
    transaction.on_commit(_tell_processes)


def has_moved() -> bool:
    """Whether this transaction has moved the directory, and so holds it."""
    return any(hook[1] is _tell_processes for hook in connection.run_on_commit)


def version() -> int:
    """The version of the directory, in a transaction that has moved it: no other one has that."""
    return Directory.objects.values_list("version", flat=True).get(pk=1)


def name_site_anew() -> None:
    """This is another site than the one whose database was copied: its processes go over to it."""
    with transaction.atomic():
        move()
        Directory.objects.filter(pk=1).update(site=new_site_id())


def lock() -> None:
    """Have the directory for oneself, in a transaction that locks rows of people before it may move it."""
    list(Directory.objects.select_for_update().filter(pk=1))


def _tell_processes() -> None:
    broadcast.tell_site(DirectoryWatch.KIND, None)
