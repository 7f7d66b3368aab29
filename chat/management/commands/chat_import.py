"""`manage.py chat_import`: a site from the export of it."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from chat.management.find import operator
from chat.services import imports
from chat.services.imports import Broken, NotEmpty


class Command(BaseCommand):
    help = (
        "Restores a site from what `chat_export` has written of it, into a database that was migrated and "
        "in which nothing was said. Users and groups have to be there before, by their names. Everybody "
        "reads the rooms anew. All of the file is kept, or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="JSON Lines of the whole site")
        parser.add_argument(
            "--skip-missing",
            action="store_true",
            help="go on without users and groups that are not there: their people are nobody's then",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with Path(options["file"]).open("rb") as file:
                counts = imports.restore(operator(), _lines(file), skip_missing=options["skip_missing"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except NotEmpty:
            raise CommandError(
                "There is something in this database already: an export is restored into an empty one."
            ) from None
        except Broken as error:
            raise CommandError(str(error)) from None
        for kind, count in counts.items():
            self.stdout.write(f"{count:>8}  {kind}")
        self.stdout.write("The site is restored. Everybody reads its rooms anew.")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file, each as far as it may be long, however long it is."""
    while line := file.readline(imports.LONGEST + 1):
        yield line
