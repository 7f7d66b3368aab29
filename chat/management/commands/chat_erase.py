"""`manage.py chat_erase`: forget a person."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.core.errors import ChatError
from chat.management.find import operator, person_with
from chat.services import erasure


class Command(BaseCommand):
    help = (
        "Forgets a person: names, addresses, sanctions, memberships, markers, notices, reactions and "
        "mentions go; "
        "what they said stays as nobody's, or goes as well. Every screen follows; their sockets are "
        "closed. It cannot be undone. Interrupted, it is run again. A user of the site stays one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="the id of the person, as `sender_id` on the wire")
        parser.add_argument(
            "--messages",
            choices=("keep", "delete"),
            default="keep",
            help="what becomes of what they said: kept as said by someone, or its text gone for good",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how much there is")

    def handle(self, *args: Any, **options: Any) -> None:
        actor, person = operator(), person_with(options["id"])
        try:
            if options["dry_run"]:
                found = erasure.plan(actor, person)
            else:
                found = erasure.erase(actor, person, options["messages"])
        except ChatError as error:
            raise CommandError(str(error)) from None
        for what, count in found.items():
            self.stdout.write(f"{count:>8}  {what}")
        self.stdout.write("Nothing was changed." if options["dry_run"] else "The person is erased.")
