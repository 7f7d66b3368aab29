"""Reading what was said, page by page."""

import json
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection

from chat import frames
from chat.actors import PROGRAM, guest
from chat.core.errors import NotFound
from chat.core.protocol import (
    FRAME_LIMIT,
    DeleteMessage,
    EditMessage,
    HistoryRead,
    PostMessage,
    React,
    ReadHistory,
    encode,
)
from chat.models import Message, Mode, Person, Room
from chat.services import commands, history, messages
from chat.services.history import LatestPage, LatestPages
from chat.storage.accepted_command import AcceptedCommand


def texts(page: HistoryRead) -> list[str]:
    return [str(event.message) for event in page.messages]


@pytest.fixture
def talk(alice: Person, lounge: Room) -> list[int]:
    """Ten messages in the lounge, by id, and as many elsewhere between them."""
    other = Room.objects.create(slug="other", title="Other")
    ids = []
    for number in range(10):
        ids.append(messages.post(guest(alice), lounge, str(number)).pk)
        messages.post(guest(alice), other, "elsewhere")
    return ids


def test_the_latest_page_is_the_end_of_the_talk(lounge: Room, talk: list[int]) -> None:
    assert texts(history.latest(PROGRAM, lounge, 3)) == ["7", "8", "9"]
    assert history.latest(PROGRAM, lounge, 3).more
    assert texts(history.latest(PROGRAM, lounge, 10)) == [str(number) for number in range(10)]
    assert not history.latest(PROGRAM, lounge, 10).more


def test_a_page_from_a_moment_on(lounge: Room, talk: list[int]) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for minutes, key in enumerate(talk):  # two and two at one moment, and what is said elsewhere
        Message.objects.filter(pk__gte=key).update(sent_at=noon + timedelta(minutes=minutes // 2))

    def page(at: datetime) -> tuple[list[str], bool]:
        found = history.page(PROGRAM, lounge, ReadHistory(room="lounge", at=at, limit=3))
        return texts(found), found.more

    assert page(noon + timedelta(minutes=1)) == (["2", "3", "4"], True)
    assert page(noon + timedelta(seconds=61)) == (["4", "5", "6"], True)
    assert page(noon + timedelta(minutes=4)) == (["8", "9"], False)
    assert page(noon - timedelta(days=9)) == (["0", "1", "2"], True)
    assert page(noon + timedelta(days=1)) == ([], False)
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    assert page(datetime.min.replace(tzinfo=east)) == (["0", "1", "2"], True)
    assert page(datetime.max.replace(tzinfo=west)) == ([], False)


def test_a_page_before_after_or_around_a_message(lounge: Room, talk: list[int]) -> None:
    def page(**wanted: Any) -> tuple[list[str], bool]:
        found = history.page(PROGRAM, lounge, ReadHistory(room="lounge", **wanted))
        return texts(found), found.more

    assert page(before=talk[5], limit=3) == (["2", "3", "4"], True)
    assert page(before=talk[2], limit=3) == (["0", "1"], False)
    assert page(after=talk[5], limit=3) == (["6", "7", "8"], True)
    assert page(after=talk[7], limit=3) == (["8", "9"], False)
    assert page(around=talk[5], limit=4) == (["3", "4", "5", "6"], True)
    assert page(around=talk[0], limit=4) == (["0", "1", "2", "3"], False)
    assert page(around=talk[2], limit=4) == (["0", "1", "2", "3"], False)
    assert page(around=talk[0], limit=1) == (["0"], False)
    assert page(around=talk[1], limit=1) == (["1"], True)
    assert page(before=0) == ([], False)
    assert page(after=2**62) == ([], False)


def test_a_page_never_outgrows_a_frame(alice: Person, lounge: Room) -> None:
    for number in range(30):
        messages.post(guest(alice), lounge, f"{number:02} " + "я" * 3990)

    newest = history.latest(PROGRAM, lounge, 100)
    oldest = history.page(PROGRAM, lounge, ReadHistory(room="lounge", after=0, limit=100))

    middle = history.page(
        PROGRAM, lounge, ReadHistory(room="lounge", around=oldest.messages[0].id + 15, limit=30)
    )

    assert any(text.startswith("15") for text in texts(middle))
    for page in (newest, oldest, middle):
        assert FRAME_LIMIT - 10_000 < len(encode(page).encode()) <= FRAME_LIMIT
        assert page.more
    assert texts(newest)[-1].startswith("29")
    assert texts(oldest)[0].startswith("00")
    assert json.loads(encode(newest))["messages"][0]["type"] == "update"


@pytest.mark.parametrize("wanted", [{}, {"before": 9**9}, {"after": 0}, {"around": 5}])
def test_reading_a_page_takes_few_queries(
    lounge: Room,
    talk: list[int],
    django_assert_max_num_queries: pytest.FixtureRequest,
    wanted: dict[str, Any],
) -> None:
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        history.page(PROGRAM, lounge, ReadHistory(room="lounge", **wanted))


@pytest.fixture
def bombs(alice: Person, lounge: Room) -> list[int]:
    """Rows as an earlier version let in, or as somebody has written them by hand."""
    reactions = {"👍" + "\u200d" * 31 + str(number): [f"{number:064}"] for number in range(500)}
    rows: list[dict[str, Any]] = [
        {"text": "x" * 4000, "reactions": reactions},
        {"text": "\N{GRINNING FACE}" * 300_000},
        {"text": "x", "timestamp": json.dumps("z" * 100_000)},
        {"text": "x", "timestamp": json.dumps(["z" * 100_000])},
        {"text": "x", "timestamp": "no JSON"},
        {"text": "x" * 60_000, "reactions": {"👍": ["y" * 64] * 2000}},
        {"text": '"\\\x01' * 30_000},
    ]
    if connection.vendor == "sqlite":  # which keeps to no length
        rows.append({"name": "x" * 100_000, "ref": "x" * 100_000})
    ids = []
    for row in rows:
        message = messages.post(guest(alice), lounge, "hi")
        Message.objects.filter(pk=message.pk).update(**row)
        ids.append(message.pk)
    return ids


def test_no_frame_is_larger_than_promised_whatever_stands_in_the_row(bombs: list[int]) -> None:
    for message in Message.objects.select_related("room"):
        for event in (frames.posted(message), frames.updated(message), frames.since(message, 0)):
            assert len(encode(event).encode()) <= FRAME_LIMIT
            assert event.message


def test_what_fits_is_told_whole(alice: Person, lounge: Room) -> None:
    message = messages.post(guest(alice), lounge, "\N{GRINNING FACE}" * 4000, timestamp='"' * 128)
    reactions = {"👍": [f"{number:064}" for number in range(300)]}
    Message.objects.update(reactions=reactions)

    event = frames.updated(Message.objects.select_related("room").get(pk=message.pk))

    assert event.message == "\N{GRINNING FACE}" * 4000
    assert event.reactions == reactions
    assert event.timestamp == '"' * 128


def test_every_page_of_history_moves_on(bombs: list[int], lounge: Room) -> None:
    """Back to the beginning, and forth again."""
    seen: list[int] = []
    page = history.latest(PROGRAM, lounge, 100)
    while True:
        assert page.messages
        assert len(encode(page).encode()) <= FRAME_LIMIT
        seen = [event.id for event in page.messages] + seen
        if not page.more:
            break
        page = history.page(PROGRAM, lounge, ReadHistory(room="lounge", before=seen[0]))
    assert seen == bombs

    page = history.page(PROGRAM, lounge, ReadHistory(room="lounge", after=0))
    forth = [event.id for event in page.messages]
    while page.more:
        page = history.page(PROGRAM, lounge, ReadHistory(room="lounge", after=forth[-1]))
        assert page.messages
        forth += [event.id for event in page.messages]
    assert forth == bombs
    around = history.page(PROGRAM, lounge, ReadHistory(room="lounge", around=bombs[1]))
    assert bombs[1] in [event.id for event in around.messages]


def test_of_a_page_no_more_is_read_than_a_frame_holds(alice: Person, lounge: Room) -> None:
    for number in range(50):
        messages.post(guest(alice), lounge, str(number))
    Message.objects.update(text="x" * 500_000)

    tracemalloc.start()
    page = history.latest(PROGRAM, lounge, 50)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert page.messages
    assert most < 12 << 20


def test_the_latest_page_is_made_once_while_nothing_changes(alice: Person, lounge: Room) -> None:
    said = messages.post(guest(alice), lounge, "hi")
    pages = LatestPages()

    def page() -> LatestPage:
        return pages.get(guest(alice), Room.objects.get(pk=lounge.pk), 50)

    first = page()
    assert page() is first

    for change in (
        EditMessage(id=said.pk, message="ho", ref="1"),
        React(id=said.pk, emoji="👍", on=True, ref="2"),
        DeleteMessage(id=said.pk, ref="3"),
        PostMessage(message="ha", ref="4"),
    ):
        before, room = page(), lounge.pk if isinstance(change, PostMessage) else None
        commands.run([AcceptedCommand(PROGRAM if change.ref == "3" else guest(alice), change, room=room)])
        assert page().text != before.text
        assert page().version == Room.objects.get(pk=lounge.pk).version
    Room.objects.update(epoch="another")
    assert page() is not before


def test_a_page_that_is_kept_is_not_for_who_may_not_read_the_room(alice: Person, lounge: Room) -> None:
    lounge.mode = Mode.MEMBERS
    member = guest(alice, frozenset({(lounge.pk, "member")}))
    pages = LatestPages()
    first = pages.get(member, lounge, 50)

    assert pages.get(PROGRAM, lounge, 50) is first
    with pytest.raises(NotFound):
        pages.get(guest(alice), lounge, 50)


def test_of_many_rooms_the_latest_pages_of_some_are_kept(
    alice: Person, lounge: Room, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LatestPages, "_MOST", 1)
    pages = LatestPages()

    first = pages.get(PROGRAM, lounge, 50)
    pages.get(PROGRAM, lobby, 50)

    assert pages.get(PROGRAM, lounge, 50) is not first
