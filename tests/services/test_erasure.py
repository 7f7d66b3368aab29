"""Somebody is forgotten."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone

from chat import actors
from chat.actors import PROGRAM, VISITOR, guest
from chat.core.errors import Forbidden, NotFound, Outranked
from chat.core.person_ids import ERASED
from chat.models import (
    ActKind,
    HeldMessage,
    Membership,
    Message,
    ModerationAct,
    Notice,
    Person,
    PersonAddress,
    ProcessedCommand,
    ReadMarker,
    Report,
    Room,
    Sanction,
)
from chat.models.moderation_act import Unchangeable
from chat.services import audit, erasure, exports, history, messages
from tests.conftest import arrive
from tests.people import person_of
from tests.services import archived
from tests.services.archived import delete, react, say

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "PAUSE", 0)


@pytest.fixture
def site() -> dict[str, Any]:
    """Something of everything."""
    return archived.people_a_site()


def everything() -> str:
    return b"".join(exports.jsonl(PROGRAM)).decode()


def test_what_somebody_said_is_nobodys(site: dict[str, Any]) -> None:
    before = {one.pk: (one.text, one.version) for one in Message.objects.filter(author="bob")}
    versions = dict(Room.objects.values_list("slug", "version"))

    found = erasure.erase(PROGRAM, site["bob"])

    assert found["messages"] == len(before) == 2
    for one in Message.objects.filter(pk__in=before):
        assert (one.text, one.author_id, one.ref, one.digest, one.key) == (
            before[one.pk][0],
            ERASED,
            None,
            None,
            None,
        )
        assert one.version > versions["lobby"]
    assert not Person.objects.filter(pk="bob").exists()
    left = everything()
    # But for the refs, of which nobody says what they were for.
    rest = [line for line in left.splitlines() if '"kind":"receipt"' not in line]
    assert "bob" not in "".join(rest).lower()
    receipts = [json.loads(line) for line in left.splitlines() if '"kind":"receipt"' in line]
    theirs = [one for one in receipts if one["author"] == "bob"]
    assert {(one["ref"], one["message"], one["version"], one["digest"]) for one in theirs} >= {
        ("b1", 0, 0, None),
        ("b2", 0, 0, None),
    }


def test_what_somebody_said_is_gone_for_good(site: dict[str, Any]) -> None:
    Report.objects.create(message=Message.objects.get(text="v1"), reporter=site["alice"])
    erasure.erase(PROGRAM, site["bob"], "delete")

    for one in Message.objects.filter(author=ERASED):
        assert (one.text, one.reactions, one.is_removed, one.timestamp) == ("", {}, False, None)
        assert one.deleted_at
        assert messages.restore(PROGRAM, [one]) == []
    assert "=cmd()" not in everything()
    assert not Report.objects.filter(message__author=ERASED).exists()


def test_nothing_is_left_that_is_theirs_alone(site: dict[str, Any]) -> None:
    bob, lobby = site["bob"], site["lobby"]
    ReadMarker.objects.create(person=bob, room=lobby, message=1)
    Membership.objects.create(person=bob, room=lobby)
    second = say(site["alice"], lobby, "x", "x")
    Report.objects.create(message_id=second.id, reporter=bob, state="accepted", reason="old")

    erasure.erase(PROGRAM, bob)

    for rows in (
        HeldMessage.objects.filter(author="bob"),
        Membership.objects.filter(person="bob"),
        Notice.objects.filter(person="bob"),
        PersonAddress.objects.filter(person="bob"),
        ReadMarker.objects.filter(person="bob"),
        Sanction.objects.all(),
    ):
        assert not rows.exists()
    assert all("bob" not in json.dumps(one.reactions) for one in Message.objects.all())
    assert list(Message.objects.filter(mentions__isnull=False).values_list("mentions", flat=True)) == [
        ["alice"]
    ]
    [report] = Report.objects.all()  # what is not decided still is to be
    assert (report.reporter_id, report.reason, report.state) == (ERASED, "", "open")


def test_a_retry_changes_nothing(site: dict[str, Any]) -> None:
    """Whoever comes again under the id is somebody new, with what their page could not send yet."""
    erasure.erase(PROGRAM, site["bob"])
    count = Message.objects.count()
    bob = arrive("bob", "Bob")

    assert say(bob, site["lobby"], "=cmd()", "b1").is_repeat
    assert react(bob, Message.objects.first().pk, "👍", "b2").is_repeat  # type: ignore[union-attr]
    assert Message.objects.count() == count
    assert not say(bob, site["lobby"], "new", "b99").is_repeat


def test_refs_are_forgotten_in_time(alice: Person, lounge: Room) -> None:
    old, new = say(alice, lounge, "old", "1"), say(alice, lounge, "new", "2")
    Message.objects.filter(pk=old.id).update(sent_at=timezone.now() - timedelta(days=91))

    erasure.erase(PROGRAM, alice)

    assert [(one.ref, one.at.date()) for one in ProcessedCommand.objects.all()] == [("2", new.at.date())]


def test_the_audit_names_nobody_and_still_says_what_was_done(site: dict[str, Any]) -> None:
    before = list(ModerationAct.objects.order_by("pk").values_list("pk", "kind", "at", "room"))

    erasure.erase(PROGRAM, site["bob"])
    erasure.erase(PROGRAM, site["alice"])

    acts = ModerationAct.objects.order_by("pk")
    assert list(acts.values_list("pk", "kind", "at", "room"))[: len(before)] == before
    for act in acts:
        said = json.dumps([act.person, act.person_name, act.actor, act.actor_name, act.details, act.reason])
        assert not any(name in said.lower() for name in ("bob", "alice", "noise"))
    assert [act.kind for act in acts][-2:] == ["erase", "erase"]
    assert acts[len(before)].details["messages"] == "keep"
    with pytest.raises(Unchangeable):
        acts.update(reason="x")


def test_the_log_of_the_admin_names_nobody(site: dict[str, Any]) -> None:
    staff = User.objects.create_user("staff")
    sanction, said = Sanction.objects.first(), Message.objects.get(text="v1")
    assert sanction
    for row in (site["bob"], sanction, said, site["alice"]):
        LogEntry.objects.create(
            user=staff,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
            change_message="why",
        )

    erasure.erase(PROGRAM, site["bob"], "delete")

    entries = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")
    assert list(entries) == [("", ""), ("", ""), ("", ""), ("Alice", "why")]


def test_a_user_of_the_site_stays_one(site: dict[str, Any]) -> None:
    anna = site["anna"]
    person, talk = Person.objects.get(user=anna), Room.objects.get(slug="direct-1")
    Room.objects.filter(pk=talk.pk).update(title="Anna, Boris")
    talk.refresh_from_db()
    audit.note(PROGRAM, ActKind.DELETE, room=talk)
    audit.note(actors.of_admin(anna), ActKind.EXPORT)  # from where they are nobody of the chat

    erasure.erase(PROGRAM, person)

    anna.refresh_from_db()
    assert not hasattr(User.objects.get(pk=anna.pk), "chat_person")
    talk = Room.objects.get(slug="direct-1")
    assert (talk.title, talk.maker) == (Person.objects.get(pk=ERASED).name, None)
    assert [one.room for one in Membership.objects.filter(user=anna)] == [talk]
    assert not ModerationAct.objects.filter(room_title__contains="Anna").exists()
    assert not ModerationAct.objects.filter(actor_name=anna.get_username()).exists()


def test_nobody_takes_their_own_name_from_the_audit(site: dict[str, Any]) -> None:
    anna, root = site["anna"], User.objects.create_superuser("root")
    clerk = User.objects.create_user("clerk", is_staff=True)
    for user, names in ((clerk, ["export"]), (anna, ["export", "moderate"])):
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
    User.objects.filter(pk=anna.pk).update(is_staff=True)
    mod = Person.objects.get(user=anna)

    for user in (anna, clerk):
        actor = actors.of_admin(User.objects.get(pk=user.pk))
        with pytest.raises(Outranked):
            erasure.erase(actor, mod)
        with pytest.raises(Outranked):
            erasure.erase(actor, person_of(user))
    erasure.erase(actors.of_admin(clerk), site["bob"])
    erasure.erase(actors.of_admin(root), mod)


def test_the_plan_changes_nothing_and_says_it_all(site: dict[str, Any]) -> None:
    before = archived.comparable(exports.jsonl(PROGRAM))

    plan = erasure.plan(PROGRAM, site["bob"])

    assert archived.comparable(exports.jsonl(PROGRAM)) == before
    assert plan == {
        "messages": 2,
        "reactions": 1,
        "mentions": 1,
        "held messages": 1,
        "memberships": 0,
        "sanctions": 2,
        "reports": 1,
        "notices": 1,
        "read markers": 0,
        "addresses": 0,
        "receipts": 1,
        "acts of moderators": 3,
    }
    assert erasure.erase(PROGRAM, site["bob"]) == plan


def test_an_id_in_another_spelling_is_another(alice: Person, bob: Person, lounge: Room) -> None:
    """SQLite looks for letters of either case."""
    loud = arrive("ALICE", "Loud")
    said = say(bob, lounge, "hi", "1")
    react(loud, said.id, "👍", "2")
    version = react(alice, said.id, "❤️", "3").version

    assert erasure.plan(PROGRAM, alice)["reactions"] == 1
    erasure.erase(PROGRAM, alice)

    assert Message.objects.get().reactions == {"👍": ["ALICE"]}
    assert erasure.plan(PROGRAM, arrive("Alice", "A"))["reactions"] == 0
    assert Room.objects.get(slug="lounge").version == version + 1


def test_much_goes_in_portions(alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "AT_A_TIME", 2)
    ids = [say(alice, lounge, f"{number}", f"{number}").id for number in range(7)]
    react(alice, ids[3], "👍", "r")
    delete(alice, ids[0], "d")

    erasure.erase(PROGRAM, alice)

    assert set(Message.objects.values_list("author", flat=True)) == {ERASED}
    page = history.latest(PROGRAM, lounge, 50)
    assert [event.sender_id for event in page.messages] == [ERASED] * 7
    lounge.refresh_from_db()
    assert sorted(event.version for event in page.messages)[-1] == lounge.version


def test_what_was_interrupted_is_done_again(
    alice: Person, lounge: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, lounge, "1", "1")

    def fail(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "_remove", fail)
        with pytest.raises(KeyboardInterrupt):
            erasure.erase(PROGRAM, alice)
    assert Person.objects.filter(pk="alice").exists()
    assert not ModerationAct.objects.exists()

    erasure.erase(PROGRAM, alice)

    assert not Person.objects.filter(pk="alice").exists()
    assert say(arrive("alice", "A"), lounge, "1", "1").is_repeat


def test_who_may_not_erases_nobody(alice: Person, bob: Person, lounge: Room) -> None:
    erasure.erase(PROGRAM, bob)
    for actor in (VISITOR, guest(alice)):
        with pytest.raises(Forbidden):
            erasure.erase(actor, alice)
        with pytest.raises(Forbidden):
            erasure.plan(actor, alice)
    with pytest.raises(NotFound):
        erasure.erase(PROGRAM, Person.objects.get(pk=ERASED))
    assert Person.objects.count() == 2


def test_the_command_says_first_what_it_would_do(alice: Person, lounge: Room, capsys: Any) -> None:
    say(alice, lounge, "1", "1")

    call_command("chat_erase", "alice", "--dry-run")
    assert "1  messages" in capsys.readouterr().out
    assert Person.objects.filter(pk="alice").exists()
    call_command("chat_erase", "alice", "--messages", "delete")

    assert "The person is erased." in capsys.readouterr().out
    assert Message.objects.get().text == ""
    assert ModerationAct.objects.get(kind=ActKind.ERASE).via == "command"
    with pytest.raises(CommandError, match="no person alice"):
        call_command("chat_erase", "alice")
