"""What the migrations do with rows that are there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.models import Message, ProcessedCommand

pytestmark = pytest.mark.django_db(transaction=True)

DIGEST = "0123456789abcdef0123456789abcdef"


def migrate(name: str) -> Any:
    """The models as they are after the migration of this name."""
    executor = MigrationExecutor(connection)
    executor.migrate([("chat", name)])
    return MigrationExecutor(connection).loader.project_state([("chat", name)]).apps


@pytest.fixture
def back() -> Iterator[None]:
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("chat"))


@pytest.mark.usefixtures("back")
def test_what_was_said_notes_its_own_ref_and_edits_keep_theirs() -> None:
    before = migrate("0004_processed_command")
    room = before.get_model("chat", "Room").objects.create(slug="old", title="Old", version=3)
    alice = before.get_model("chat", "Person").objects.create(id="alice", name="Alice")
    said = [
        before.get_model("chat", "Message").objects.create(
            room=room,
            author=alice,
            ref=ref,
            name="Alice",
            text="hi",
            version=version,
            first_version=version,
        )
        for version, ref in ((1, "r1"), (2, None))
    ]
    for ref, version in (("r1", 1), ("edit", 3)):
        before.get_model("chat", "ProcessedCommand").objects.create(
            author=alice, ref=ref, digest=DIGEST, message=said[0], version=version
        )

    migrate("0005_leaner_rows")

    assert list(Message.objects.order_by("id").values_list("ref", "digest")) == [
        ("r1", DIGEST[:16]),
        (None, None),
    ]
    assert list(ProcessedCommand.objects.values_list("ref", "digest")) == [("edit", DIGEST[:16])]

    old = migrate("0004_processed_command").get_model("chat", "ProcessedCommand")

    assert set(old.objects.values_list("ref", "version")) == {("r1", 1), ("edit", 3)}
