"""The transaction of a batch: one of Django's, which on SQLite begins and ends past most of its layers."""

from types import TracebackType
from typing import Any

from django.db.transaction import Atomic

from chat.storage import vendor


class Transaction(Atomic):
    """As `transaction.atomic()`, at a third of its price where nothing stands against that.

    Django asks again and again whether the connection is there, whose it is and who looks at its
    statements: on SQLite that is dearer than to begin and to commit. It is left to Django where there is
    a transaction already, where anybody looks at statements, and where something has to be rolled back.
    What goes on within finds what it would find there: savepoints, and calls after the commit.
    """

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __enter__(self) -> None:
        mine = vendor.here()
        if vendor.is_postgresql() or not _is_plain(mine):
            super().__enter__()
            return
        with mine.wrap_database_errors:
            mine.connection.execute(f"BEGIN {mine.transaction_mode or ''}")
        mine.commit_on_exit, mine.needs_rollback = True, False
        mine.autocommit, mine.in_atomic_block = False, True
        mine.atomic_blocks.append(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        mine = vendor.here()
        if vendor.is_postgresql() or kind is not None or not _is_sound(mine):
            super().__exit__(kind, error, traceback)
            return
        try:
            with mine.wrap_database_errors:
                mine.connection.commit()
        except BaseException as failed:  # whatever it is: or the next one would be taken for a part of this
            super().__exit__(type(failed), failed, failed.__traceback__)
            raise
        mine.atomic_blocks.pop()
        mine.in_atomic_block, mine.autocommit = False, True
        mine.errors_occurred = False
        if mine.run_on_commit:
            mine.run_and_clear_commit_hooks()


def _is_plain(mine: Any) -> bool:
    """Whether a connection is in no transaction, and nobody looks at its statements."""
    if mine.connection is None or vendor.is_watched(mine):
        return False
    return bool(mine.autocommit and not mine.in_atomic_block)


def _is_sound(mine: Any) -> bool:
    """Whether it is the outermost transaction that ends, with nothing but to be committed."""
    if mine.needs_rollback or mine.closed_in_transaction or vendor.is_watched(mine):
        return False
    return bool(mine.commit_on_exit and not mine.savepoint_ids)
