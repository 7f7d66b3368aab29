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


@pytest.mark.usefixtures("back")
def test_what_was_there_before_moderation_stays_and_what_has_no_place_goes_on_the_way_back() -> None:
    before = migrate("0007_people_and_rooms")
    room = before.get_model("chat", "Room").objects.create(slug="old", title="Old", version=3)
    alice = before.get_model("chat", "Person").objects.create(id="alice", name="Alice")
    messages = before.get_model("chat", "Message").objects
    said = {"room": room, "author": alice, "name": "Alice", "text": "hi"}
    first = messages.create(**said, ref="r1", version=1, first_version=1).pk
    answer = messages.create(**said, ref="r2", version=2, first_version=2, reply_to_id=first).pk
    before.get_model("chat", "ProcessedCommand").objects.create(
        author=alice, ref="edit", digest=DIGEST[:16], message_id=answer, version=3
    )

    now = migrate("0008_moderation")
    rooms, said_now, receipts = (
        now.get_model("chat", name).objects for name in ("Room", "Message", "ProcessedCommand")
    )

    [old] = rooms.filter(slug="old")
    assert (old.slow, old.pinned, old.keep_days, old.keep_messages) == (0, None, None, None)
    assert not said_now.filter(is_removed=True).exists()
    assert receipts.get().ref == "edit"
    # As pruning and erasing leave it.
    rooms.filter(slug="old").update(mode="users")
    said_now.filter(pk=first).delete()
    for number, (message, author) in enumerate(((first, "alice"), (answer, "gone"), (answer, "alice"))):
        receipts.create(author_id=author, ref=f"{number}", message_id=message, version=1)

    after = migrate("0007_people_and_rooms")

    assert after.get_model("chat", "Message").objects.get().reply_to is None
    assert after.get_model("chat", "ProcessedCommand").objects.get().ref == "edit"
    assert after.get_model("chat", "Room").objects.get(slug="old").mode == "read_only"


@pytest.mark.usefixtures("back")
@pytest.mark.parametrize(
    ("title", "titles"),
    [("Общая комната", {"en": "Lobby"}), ("Lobby", {"ru": "Общая комната"}), ("Kitchen", {})],
)
def test_the_lobby_that_kept_its_title_is_called_so_in_each_language(
    title: str, titles: dict[str, str]
) -> None:
    before = migrate("0009_page")
    before.get_model("chat", "Room").objects.update_or_create(slug="lobby", defaults={"title": title})

    after = migrate("0010_lobby_titles")

    lobby = after.get_model("chat", "Room").objects.get(slug="lobby")
    assert (lobby.title, lobby.titles) == (title, titles)
