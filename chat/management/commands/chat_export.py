"""`manage.py chat_export`: a room, a person or the whole site as lines of JSON or CSV."""

import contextlib
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from chat.management.find import operator, person_with, room_at
from chat.services import exports


class Command(BaseCommand):
    help = (
        "Writes all there is of a room, of a person, or of the whole site. The site goes on meanwhile; "
        "what is written is as it was at one moment. From the JSON Lines of the whole site `chat_import` "
        "restores it. CSV has the messages alone, for a spreadsheet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--room", metavar="SLUG", help="the address of a room")
        what.add_argument("--person", metavar="ID", help="the id of a person")
        parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
        parser.add_argument("--output", metavar="FILE", help="where to; without it to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        room = room_at(options["room"]) if options["room"] else None
        person = person_with(options["person"]) if options["person"] else None
        export = exports.jsonl if options["format"] == "jsonl" else exports.csv
        with _opened(options["output"]) as file:
            for chunk in export(operator(), room=room, person=person):
                file.write(chunk)


@contextlib.contextmanager
def _opened(name: str | None) -> Iterator[IO[bytes]]:
    """Where to write. A file is there once it is whole, and nobody else reads it."""
    if name is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.flush()
        except BrokenPipeError:  # whoever reads has enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    path = Path(name)
    draft = path.with_name(f"{path.name}.part")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
