"""All there is, as a file; and a site from such a file."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from chat.actors import PROGRAM, VISITOR, Actor, guest
from chat.core.errors import Forbidden, NotFound
from chat.models import (
    ActKind,
    Directory,
    FilterRule,
    Membership,
    Message,
    ModerationAct,
    Person,
    Room,
    Sanction,
)
from chat.services import archives, exports, imports
from chat.services.imports import Broken, NotEmpty
from tests.conftest import arrive
from tests.databases import Database
from tests.services import archived
from tests.services.archived import comparable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(lobby: Room) -> dict[str, Any]:
    """Something of everything."""
    return archived.people_a_site()


def rows(export: Iterable[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in b"".join(export).splitlines()]


def restore(lines: Iterable[bytes], **options: Any) -> Any:
    return imports.restore(PROGRAM, b"".join(lines).splitlines(keepends=True), **options)


def test_a_site_is_restored_as_it_was_and_no_bookmark_lies(site: dict[str, Any]) -> None:
    lines = list(exports.jsonl(PROGRAM))
    epochs, name = set(Room.objects.values_list("epoch", flat=True)), Directory.current().site
    archived.wipe()

    counts = restore(lines)

    assert counts["message"] == 4
    assert comparable(exports.jsonl(PROGRAM)) == comparable(lines)
    assert epochs.isdisjoint(Room.objects.values_list("epoch", flat=True))
    assert Directory.current().site != name
    assert ModerationAct.objects.filter(kind=ActKind.RESTORE_EXPORT).count() == 1
    assert set(Sanction.objects.values_list("version", flat=True)) == {Directory.current().version}


def test_a_restored_site_goes_on_where_it_was(site: dict[str, Any]) -> None:
    """No key is given twice, not even that of what is gone; versions follow; a retry changes nothing."""
    last = Message.objects.latest("pk").pk
    Message.objects.filter(pk=last).delete()
    lines = list(exports.jsonl(PROGRAM))
    archived.wipe()
    restore(lines)

    lobby, alice = Room.objects.get(slug="lobby"), Person.objects.get(pk="alice")
    said = archived.say(alice, lobby, "again", "a9")
    ModerationAct.objects.create(kind=ActKind.WARN, via="program")

    assert said.id > last
    assert said.version == lobby.version + 1
    assert archived.say(alice, lobby, "Привет\n=1+1", "a1").is_repeat
    assert archived.react(alice, Message.objects.get(text="=cmd()").pk, "👍", "a3").is_repeat


def test_users_are_found_by_their_names(site: dict[str, Any]) -> None:
    lines = list(exports.jsonl(PROGRAM))
    archived.wipe()
    User.objects.all().delete()
    for name in ("carol", "boris", "anna"):  # whose keys are others now
        User.objects.create_user(name)

    restore(lines)

    talk = Room.objects.get(slug="direct-1")
    anna, boris = User.objects.get(username="anna"), User.objects.get(username="boris")
    assert (talk.direct, talk.maker) == (Room.direct_key(anna.pk, boris.pk), anna)
    assert {one.user_id for one in Membership.objects.filter(room=talk)} == {anna.pk, boris.pk}
    assert Person.objects.get(user=anna).name == "Anna"


def test_users_who_are_not_there_are_missed(site: dict[str, Any]) -> None:
    lines = list(exports.jsonl(PROGRAM))
    archived.wipe()
    User.objects.filter(username="anna").delete()

    with pytest.raises(Broken, match="users that this site does not have, such as anna"):
        restore(lines)
    assert list(Room.objects.values_list("slug", flat=True)) == ["lobby"]

    counts = restore(lines, skip_missing=True)

    assert counts["memberships left out"] == 2
    assert Person.objects.get(name="Anna").user is None
    boris = User.objects.get(username="boris")
    talk = Room.objects.get(slug="direct-1")
    assert talk.other_user(boris.pk) not in {str(key) for key in User.objects.values_list("pk", flat=True)}


def without(kind: str) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [line for line in lines if f'"kind":"{kind}"'.encode() not in line]


def changed(before: bytes, after: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [line.replace(before, after, 1) for line in lines]


#: What may have happened to a file, and what is said of it.
DAMAGES: list[tuple[Callable[[list[bytes]], list[bytes]], str]] = [
    (lambda _lines: [], "empty"),
    (lambda lines: lines[:-1], "no end"),
    (lambda lines: [*lines, lines[-1]], "follows the end"),
    (lambda lines: [*lines[:5], *lines[6:]], "other rows than its end says"),
    (lambda lines: [*lines[:5], lines[5][:20] + b"\n", *lines[6:]], "Line 6 is broken"),
    (lambda lines: [*lines[:5], b"\xff\n", *lines[6:]], "Line 6 is broken"),
    (lambda lines: [*lines[:5], b"x" * (imports.LONGEST + 1), *lines[6:]], "Line 6 is longer"),
    (lambda lines: [*lines[:5], lines[0], *lines[5:]], "Line 6: the header"),
    (without("header"), "the header is the first line"),
    (without("person"), "a part of it is missing"),
    (changed(b'"format":1', b'"format":2'), "format 2"),
    (changed(b'"scope":"site"', b'"scope":"room"'), "export of a room"),
    (changed(b'"author":"alice"', b'"author":"nobody"'), "cannot be kept"),
    (changed(b',"first_version"', b'99,"first_version"'), "later version than its room"),
    (changed(b'"is_owned":true', b'"is_owned":7'), "Expected `bool`"),
    (changed(b'"slug":"lounge"', b'"slug":"lobby"'), "cannot be kept"),
    (changed(b'"last_message":', b'"last_message":999999999999999999'), "broken"),
    # What would be kept, and then stop whoever reads or speaks.
    (changed(b'"mode":"open"', b'"mode":"ajar"'), "Invalid enum value 'ajar'"),
    (changed(b'"value":"spam"', b'"value":"(spam"'), "is none: This is no pattern of RE2"),
    (changed(b'"details":{', b'"details":' + b"[" * 100_000 + b"{"), "is broken"),
]


def test_a_file_that_is_broken_leaves_nothing(site: dict[str, Any]) -> None:
    FilterRule.objects.create(room=site["lounge"], kind="pattern", value="spam")
    lines = b"".join(exports.jsonl(PROGRAM)).splitlines(keepends=True)
    archived.wipe()
    before = (list(Room.objects.values()), list(Directory.objects.values()))

    for damage, complaint in DAMAGES:
        with pytest.raises(Broken, match=complaint):
            imports.restore(PROGRAM, damage(lines))

        assert (list(Room.objects.values()), list(Directory.objects.values())) == before, complaint
        assert not Message.objects.exists()
        assert not Person.objects.exists()

    imports.restore(PROGRAM, lines)


@pytest.mark.parametrize("there", [lambda _lobby: arrive("x", "X"), Room.save])
def test_nothing_is_restored_over_what_is_there(lobby: Room, there: Callable[[Room], object]) -> None:
    lines = list(exports.jsonl(PROGRAM))
    ModerationAct.objects.all()._raw_delete("default")
    lobby.slug = "mine"
    there(lobby)

    with pytest.raises(NotEmpty):
        restore(lines)


def test_what_is_read_is_as_it_was_at_one_moment(
    site: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody who writes waits for it, nor is there more of it in memory than a little."""
    monkeypatch.setattr(exports, "CHUNK", 1)
    export = exports.jsonl(PROGRAM)
    found = [next(export)]
    with Database(connection.settings_dict) as database:
        database.execute("UPDATE chat_message SET text = 'changed meanwhile'")
        database.execute("UPDATE chat_room SET title = 'changed meanwhile'")

    found += list(export)

    assert len(found) > 20
    assert b"changed meanwhile" not in b"".join(found)
    assert b"changed meanwhile" in b"".join(exports.jsonl(PROGRAM))


def test_a_room_is_exported_without_what_was_deleted_and_without_accounts(site: dict[str, Any]) -> None:
    found = rows(exports.jsonl(PROGRAM, room=site["lounge"]))

    assert list(dict.fromkeys(row["kind"] for row in found)) == [
        *("header", "room", "somebody", "membership", "message", "sanction", "filter", "held", "act", "end")
    ]
    assert {row["id"] for row in found if row["kind"] == "somebody"} == {"alice", "bob", f"u.{7:032x}"}
    [message] = [row for row in found if row["kind"] == "message"]
    assert (message["text"], message["digest"]) == ("", None)
    assert "anna" not in json.dumps(found)
    assert (found[0]["scope"], found[0]["of"]) == ("room", "lounge")
    members = [(row["person"], row["user"], row["group"]) for row in found if row["kind"] == "membership"]
    assert members == [(None, None, "Editors"), ("alice", None, None), (f"u.{7:032x}", None, None)]


def test_a_person_is_exported_with_what_is_theirs(site: dict[str, Any]) -> None:
    found = rows(exports.jsonl(PROGRAM, person=site["bob"]))

    assert {row["kind"] for row in found} == {
        *("header", "room", "person", "message", "report", "sanction", "held", "notice", "reaction", "end")
    }
    assert [row["text"] for row in found if row["kind"] == "message"] == ["", "v1"]
    assert [row["emoji"] for row in found if row["kind"] == "reaction"] == ["👍"]
    assert {row["address"] for row in found if row["kind"] == "sanction"} == {""}
    assert not {row["author"] for row in found if row["kind"] == "message"} - {"bob"}


def test_a_spreadsheet_carries_nothing_out(site: dict[str, Any]) -> None:
    text = b"".join(exports.csv(PROGRAM)).decode("utf-8-sig")

    found = list(csv.DictReader(io.StringIO(text, newline="")))

    assert [row["text"] for row in found] == ["Привет\n=1+1", "'=cmd()", "to be deleted", "v1"]
    assert [row["name"] for row in found] == ["Alice", "'=Bob", "Alice", "'=Bob"]
    assert [row["room"] for row in found] == ["lobby", "lobby", "lounge", "lobby"]
    only = b"".join(exports.csv(PROGRAM, room=site["lounge"])).decode("utf-8-sig")
    assert [row["text"] for row in csv.DictReader(io.StringIO(only))] == [""]


@pytest.mark.parametrize("words", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1"])
def test_a_formula_is_words(words: str) -> None:
    assert exports.cell(words) == f"'{words}"


def test_who_may_not_export_gets_nothing(site: dict[str, Any]) -> None:
    alice = site["alice"]
    owner = Actor("guest", alice, memberships=frozenset({(site["lounge"].pk, "owner")}))
    moderator = Actor("guest", alice, memberships=frozenset({(site["lounge"].pk, "moderator")}))
    before = ModerationAct.objects.count()

    for actor, what in (
        (VISITOR, {}),
        (guest(alice), {"person": alice}),
        (owner, {}),
        (owner, {"person": site["bob"]}),
        (owner, {"room": site["lobby"]}),
        (moderator, {"room": site["lounge"]}),
        (owner, {"room": site["talk"]}),
    ):
        for export in (exports.jsonl, exports.csv):
            with pytest.raises((Forbidden, NotFound)):
                export(actor, **what)
    assert ModerationAct.objects.count() == before

    assert list(exports.jsonl(owner, room=site["lounge"]))
    act = ModerationAct.objects.get(kind=ActKind.EXPORT)
    assert (act.actor, act.room, act.details) == ("alice", site["lounge"], {"format": "jsonl"})


#: What is kept and is in no export of a site: what is of a moment, secret, or said by users' accounts.
NOT_EXPORTED = {
    *(
        "AddressKey",
        "Directory",
        "PersonAddress",
        "Presence",
        "Process",
        "SearchMark",
        "SlowMark",
        "UserName",
    ),
}


def test_whatever_is_kept_is_exported_or_said_to_be_not() -> None:
    """So a new table, or a new column, is not forgotten."""
    tables = {table.model: table for table in archives.SITE}
    kept = set(apps.get_app_config("chat").get_models())

    assert {model.__name__ for model in kept - tables.keys()} == NOT_EXPORTED
    left_out = {
        model.__name__: columns
        for model, table in tables.items()
        if (
            columns := {field.name for field in model._meta.concrete_fields}
            - {table.field(name) for name in table.line.__struct_fields__}
        )
    }
    assert left_out == {"Sanction": {"version"}}
