"""`manage.py chat_prune`: delete what is too old."""

import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat import actors
from chat.core.errors import ChatError
from chat.management.find import operator, room_at
from chat.services import pruning, retention

#: The longest time that others have between two portions, in seconds; and the shortest.
LONGEST, SHORTEST = 1.0, 0.005


class Command(BaseCommand):
    help = (
        "Deletes the messages that rooms keep no longer (KEEP_DAYS, KEEP_MESSAGES, or what a room says "
        "itself), and what else is too old. Servers do so by themselves once an hour; this does it now, in "
        "small portions, while they run. Interrupted, it is run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--room", metavar="SLUG", help="the address of a room; everything without it")
        parser.add_argument("--dry-run", action="store_true", help="only say how much would go")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = operator()
        room = room_at(options["room"]) if options["room"] else None
        try:
            if options["dry_run"]:
                found = Counter({one.slug: count for one, count in pruning.plan(actor, room)})
                found.update(dict([] if room else retention.leftovers()))
            else:
                found = self._sweep(actor, room)
        except ChatError as error:
            raise CommandError(str(error)) from None
        for what, count in sorted(found.items()):
            self.stdout.write(f"{count:>8}  {what}")
        self.stdout.write(
            "Nothing was changed." if options["dry_run"] else f"{found.total()} rows deleted."
        )

    @staticmethod
    def _sweep(actor: actors.Actor, room: Any) -> Counter[str]:
        while room is None and retention.forget_some():
            time.sleep(SHORTEST)
        found, began = Counter[str](), time.monotonic()
        for what, count in retention.sweep(actor, room):
            found[what] += count
            if count:  # SQLite lets in whoever asks at the right moment, which would be us
                time.sleep(min(max(time.monotonic() - began, SHORTEST), LONGEST))
            began = time.monotonic()
        return +found
