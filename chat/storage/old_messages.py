"""Messages that are too old: deleted by statements of the database's own, since a room waits meanwhile."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from chat.storage import search_index, vendor

#: A receipt takes the place of each that may still be sent again.
_KEEP_REFS = (
    "INSERT INTO chat_processedcommand (author_id, ref, digest, message_id, version, at) "
    "SELECT author_id, ref, digest, id, first_version, sent_at FROM chat_message "
    "WHERE id IN ({keys}) AND ref IS NOT NULL {since} ORDER BY id ON CONFLICT DO NOTHING"
)
#: What depends on a message, and then the message. What answers it stays as it is.
_DELETE = (
    "DELETE FROM chat_report WHERE message_id IN ({keys})",
    "UPDATE chat_heldmessage SET reply_to_id = NULL WHERE reply_to_id IN ({keys})",
    "DELETE FROM chat_message WHERE id IN ({keys})",
)


def delete(keys: Collection[int], refs_since: datetime | None) -> int:
    """Delete the messages with these keys, in a transaction; how many there were.

    What came of their commands is noted, of those that were said since a moment or, without one, of all.
    """
    wanted, parameter = vendor.keys(keys)
    since = "" if refs_since is None else "AND sent_at >= %s"
    moment = [] if refs_since is None else [connection.ops.adapt_datetimefield_value(refs_since)]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_REFS.format(keys=wanted, since=since), [parameter, *moment])
        for statement in _DELETE:
            cursor.execute(statement.format(keys=wanted), [parameter])
        count = int(cursor.rowcount)
    search_index.remove(keys)
    return count
