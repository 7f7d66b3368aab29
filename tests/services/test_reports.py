"""What people report, the queue that moderators look at, and what they decide."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from chat import actors
from chat.actors import PROGRAM, Actor, guest
from chat.core.errors import AlreadyReported, BadFrame, Forbidden, Held, NotFound
from chat.core.protocol import FRAME_LIMIT, DeleteMessage, encode
from chat.models import (
    Directory,
    FilterRule,
    HeldMessage,
    Message,
    ModerationAct,
    Notice,
    Person,
    Report,
    Room,
)
from chat.services import commands, filters, messages, queue, reports
from chat.storage.accepted_command import AcceptedCommand
from tests.conftest import arrive
from tests.people import person_of


@pytest.fixture
def carol(lounge: Room) -> Actor:
    """Carol, who moderates the lounge."""
    return guest(arrive("carol", "Carol"), frozenset({(lounge.pk, "moderator")}))


@pytest.fixture
def said(alice: Person, lounge: Room) -> Message:
    """What Alice has said in the lounge."""
    return messages.post(guest(alice), lounge, "tea is bad")


def site_moderator() -> Actor:
    user = User.objects.create_user("dan")
    return actors.of_user(person_of(user), user, "moderator", frozenset())


def held(author: Person, room: Room, **fields: object) -> HeldMessage:
    values = {"name": author.name, "text": "hm", "digest": "d", **fields}
    return HeldMessage.objects.create(author=author, room=room, **values)


def test_a_message_is_reported_once_by_each(said: Message, bob: Person, carol: Actor) -> None:
    version = Directory.current().version

    report = reports.report(guest(bob), said, "rude")
    with pytest.raises(AlreadyReported):
        reports.report(guest(bob), said, "again")
    reports.report(carol, said)

    assert (report.reason, report.state) == ("rude", "open")
    assert reports.report(guest(bob), said, "rude", at=report.at) == report  # the writer asks once more
    assert Report.objects.count() == 2
    assert Directory.current().version == version, "or anybody could have all rights read anew"


def test_only_what_one_may_read_and_others_have_said_is_reported(
    said: Message, alice: Person, bob: Person, carol: Actor, lounge: Room
) -> None:
    with pytest.raises(Forbidden):
        reports.report(guest(alice), said)
    with pytest.raises(Forbidden):
        reports.report(PROGRAM, said)
    Room.objects.update(mode="members")
    said.refresh_from_db()
    with pytest.raises(NotFound):
        reports.report(guest(bob), said)
    messages.delete(carol, [said])
    said.refresh_from_db()
    with pytest.raises(NotFound):
        reports.report(carol, said)

    assert not Report.objects.exists()


def test_what_is_right_is_deleted_and_whoever_has_reported_it_is_told(
    said: Message, bob: Person, carol: Actor, lounge: Room
) -> None:
    reports.report(guest(bob), said, "rude")
    reports.report(guest(arrive("dan", "Dan")), said)

    act = reports.decide(carol, said, True, "yes")

    said.refresh_from_db()
    assert said.deleted_at is not None
    assert said.is_removed
    assert set(Report.objects.values_list("state", flat=True)) == {"accepted"}
    assert {(one.person_id, one.act, one.reason) for one in Notice.objects.all()} == {
        ("bob", "accept_report", "yes"),
        ("dan", "accept_report", "yes"),
    }
    assert (act.kind, act.message, act.person, act.actor) == ("accept_report", said.pk, "alice", "carol")
    assert list(ModerationAct.objects.all()) == [act]
    with pytest.raises(NotFound):
        reports.decide(carol, said, True)


def test_what_a_moderator_deletes_anyway_needs_no_decision_any_more(
    said: Message,
    alice: Person,
    bob: Person,
    carol: Actor,
    lounge: Room,
    django_capture_on_commit_callbacks: Any,
) -> None:
    taken_back = messages.post(guest(alice), lounge, "my own")
    for message in (said, taken_back):
        reports.report(guest(bob), message)

    before = Directory.current().version
    with django_capture_on_commit_callbacks(execute=True):
        messages.delete(carol, [said], "rude")
    assert Directory.current().version == before + 1  # with which every process finds what bob is to hear
    commands.run([AcceptedCommand(guest(alice), DeleteMessage(id=taken_back.pk, ref="x"))])

    assert set(Report.objects.values_list("message", "state")) == {
        (said.pk, "accepted"),
        (taken_back.pk, "open"),
    }
    told = Notice.objects.get()
    assert (told.person_id, told.act, told.reason) == ("bob", "accept_report", "rude")
    assert queue.count(carol) == 1


def test_what_is_not_right_stays(said: Message, bob: Person, carol: Actor) -> None:
    reports.report(guest(bob), said)

    act = reports.decide(carol, said, False)

    said.refresh_from_db()
    assert said.deleted_at is None
    assert Report.objects.get().state == "dismissed"
    assert (Notice.objects.get().act, act.kind) == ("dismiss_report", "dismiss_report")


def test_what_its_author_has_taken_back_can_be_decided_all_the_same(
    said: Message, bob: Person, carol: Actor
) -> None:
    reports.report(guest(bob), said)
    Message.objects.update(deleted_at=timezone.now())

    assert [item.message for item in queue.items(carol).items] == ["tea is bad"]
    reports.decide(carol, said, True)

    said.refresh_from_db()
    assert not said.is_removed
    assert Report.objects.get().state == "accepted"


def test_nobody_else_decides(said: Message, alice: Person, bob: Person) -> None:
    reports.report(guest(bob), said)

    for actor in (guest(alice), guest(bob, frozenset({(said.room_id, "member")}))):
        with pytest.raises(Forbidden):
            reports.decide(actor, said, True)
        with pytest.raises(Forbidden):
            queue.items(actor)
        assert queue.count(actor) == 0

    assert Report.objects.get().state == "open"


def test_the_queue_shows_what_waits_in_ones_rooms_with_its_context(
    said: Message, alice: Person, bob: Person, carol: Actor, lounge: Room
) -> None:
    elsewhere = Room.objects.create(slug="elsewhere", title="Elsewhere")
    others = messages.post(guest(alice), elsewhere, "rude")
    for text in ("one", "two", "three"):
        messages.post(guest(alice), lounge, text)
    middle = Message.objects.get(text="two")
    reports.report(guest(bob), middle, "bad")
    reports.report(guest(bob), others)
    reports.report(carol, middle, "very bad")
    held(bob, lounge, why="a word: hm")
    held(bob, elsewhere)
    held(bob, lounge, is_refused=True)

    page = queue.items(carol)

    assert page.count == queue.count(carol) == 2
    reported, waiting = page.items
    assert (reported.kind, reported.id, reported.message) == ("report", middle.pk, "two")
    assert (reported.reports, reported.reasons) == (2, ["bad", "very bad"])
    assert [one.message for one in reported.before] == ["tea is bad", "one"]
    assert [one.message for one in reported.after] == ["three"]
    assert (waiting.kind, waiting.sender_id, waiting.reasons) == ("held", "bob", ["a word: hm"])
    assert queue.count(site_moderator()) == queue.count(PROGRAM) == 4
    messages.delete(carol, [middle])  # without deciding
    assert queue.count(carol) == 1


def test_pages_of_the_queue_miss_nothing_and_repeat_nothing(
    alice: Person, bob: Person, carol: Actor, lounge: Room
) -> None:
    now = timezone.now()
    for number in range(4):  # all at the same moment
        held(bob, lounge, at=now, ref=str(number))
        said = messages.post(guest(alice), lounge, str(number))
        reports.report(guest(bob), said, at=now)
    held(bob, lounge, at=now - timedelta(seconds=1))

    for size in (1, 2, 3, 50):
        found, after, turns = [], "", 0
        while turns < 20:
            page = queue.items(carol, after, size)
            found += [(item.kind, item.id) for item in page.items]
            turns += 1
            if not isinstance(page.next, str):
                break
            after = page.next
        assert len(found) == len(set(found)) == 9
        assert found[0] == ("held", HeldMessage.objects.latest("pk").pk)
    for nonsense in ("x", "1.held", "1.held.x", "1.other.2", "9" * 30 + ".held.1", "1.held." + "9" * 30):
        with pytest.raises(BadFrame):
            queue.items(carol, nonsense)


def test_a_page_of_the_queue_fits_into_a_frame(
    alice: Person, bob: Person, carol: Actor, lounge: Room
) -> None:
    long = "😀" * 4000
    for _number in range(7):
        said = messages.post(guest(alice), lounge, long)
    reports.report(guest(bob), said)
    reports.report(guest(bob), Message.objects.earliest("pk"))
    for number in range(5):
        held(bob, lounge, text=long, ref=str(number))

    found, after = 0, ""
    while True:
        page = queue.items(carol, after)
        assert len(encode(page).encode()) <= FRAME_LIMIT
        found += len(page.items)
        if not isinstance(page.next, str):
            break
        after = page.next

    assert found == 7


def test_of_a_conversation_of_two_the_site_sees_what_was_reported_there_and_no_more(
    alice: Person, bob: Person, lounge: Room
) -> None:
    Room.objects.filter(pk=lounge.pk).update(direct="1:2", mode="members")
    lounge.refresh_from_db()
    alices, bobs = (guest(one, frozenset({(lounge.pk, "member")})) for one in (alice, bob))
    messages.post(alices, lounge, "between us")
    said = messages.post(alices, lounge, "rude")
    reports.report(bobs, said)
    moderator = site_moderator()

    [item] = queue.items(moderator).items
    assert (item.message, item.before, item.after) == ("rude", [], [])
    with pytest.raises(Forbidden):
        reports.decide(bobs, said, True)
    reports.decide(moderator, said, True)

    said.refresh_from_db()
    assert said.is_removed


def test_what_a_filter_of_theirs_has_held_is_in_the_queue(
    alice: Person, bob: Person, carol: Actor, lounge: Room
) -> None:
    filters.keep(carol, FilterRule(kind="word", value="hm", action="hold", room=lounge, note="no hm"))

    with pytest.raises(Held):
        messages.post(guest(bob), lounge, "hm")

    assert [item.reasons for item in queue.items(carol).items] == [["no hm"]]
