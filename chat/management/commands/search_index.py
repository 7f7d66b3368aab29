"""`manage.py search_index`: the index of words by which the admin searches all messages, on PostgreSQL."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

#: What the admin asks for, letter for letter: Django's icontains. New words wait for their place in the
#: index and are put there 256 KiB at a time (by default 4 MiB): somebody who speaks has to wait for that.
INDEX = """
    CREATE INDEX CONCURRENTLY message_search ON chat_message
    USING gin (upper(text) gin_trgm_ops, upper(name::text) gin_trgm_ops) WITH (gin_pending_list_limit = 256)
"""


class Command(BaseCommand):
    help = (
        "Has the admin search all messages, and not the newest alone, by an index of their words. The site "
        "may go on meanwhile. Each message costs more from then on: docs/SETTINGS.md. For PostgreSQL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--drop", action="store_true", help="do without it again")

    def handle(self, *args: Any, drop: bool, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "Only PostgreSQL has such an index; with SQLite the admin searches the newest."
            )
        with connection.cursor() as cursor:
            # Also what is left of an attempt that was interrupted, and not used.
            cursor.execute("DROP INDEX CONCURRENTLY IF EXISTS message_search")
            if drop:
                return
            try:
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            except DatabaseError as error:
                raise CommandError(
                    "PostgreSQL does not let this user have the extension pg_trgm. Ask its owner for "
                    f"CREATE EXTENSION pg_trgm; and try again. ({str(error).strip()})"
                ) from None
            cursor.execute(INDEX)
