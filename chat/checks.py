"""What `manage.py check` and `migrate` find out about a site before it serves anybody."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connection

from chat import conf


def connections(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Whether the database admits as many connections as one process may take."""
    pool = connection.settings_dict["OPTIONS"].get("pool")
    if "default" not in (databases or ()) or not isinstance(pool, dict):
        return []
    wanted = conf.OWN_CONNECTIONS + pool["max_size"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - "
            "current_setting('superuser_reserved_connections')::int"
        )
        [admitted] = cursor.fetchone() or [0]
    if wanted <= admitted:
        return []
    return [
        checks.Warning(
            f"The database admits {admitted} connections, and one process may take {wanted}.",
            hint="Give a smaller DATABASE_CONNECTIONS, or raise max_connections of PostgreSQL: it has to "
            "have as many for each process, and some for manage.py.",
            id="chat.W001",
        )
    ]
