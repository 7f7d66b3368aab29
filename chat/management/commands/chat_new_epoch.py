"""`manage.py chat_new_epoch`: after a restore everybody reads the rooms anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.actors import PROGRAM
from chat.core.errors import NotFound
from chat.services import rooms


class Command(BaseCommand):
    help = (
        "Gives all rooms another epoch, or one, and tells the servers that run. To be run after the "
        "database was restored, failed over, cloned for another site, or changed by hand: everybody then "
        "reads the latest page instead of going on where they were. With all rooms the site has another "
        "name in Redis as well, so that a copy and what it was copied from are two sites."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--room", metavar="SLUG", help="the address of the room; all rooms without it")

    def handle(self, *args: Any, room: str | None = None, **options: Any) -> None:
        try:
            count = rooms.begin_anew(PROGRAM, room)
        except NotFound:
            raise CommandError(f"There is no room {room}.") from None
        self.stdout.write(
            f"{count} rooms have another epoch." if count != 1 else "1 room has another epoch."
        )
