"""The search in dialect v2, through channels' own communicator."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from chat.actors import PROGRAM
from chat.models import Mode, Room, Sanction
from chat.services import indexing, moderation
from chat.services import search as service
from tests.test_consumers_v2 import Client, enter  # noqa: F401


@pytest.fixture
def unhurried(settings: Any) -> None:
    settings.CHAT = {"SEARCHES": "0", "ADDRESS_SEARCHES": "0"}


async def found(client: Client, q: str, **wanted: object) -> dict[str, Any]:
    """What comes of a question."""
    await client.say(type="search", q=q, **wanted)
    while (answer := await client.hear_of("found", "error")).get("command", "search") != "search":
        pass  # why they had to leave a room
    return answer


async def test_what_was_just_said_is_found(enter: Any, lobby: Room, unhurried: None) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    for number in range(3):
        await alice.ask(type="message", message=f"Чайник {number}", ref=f"{number}")

    answer = await found(alice, "чайниками", limit=2)

    assert (answer["q"], answer["more"], answer["before"]) == (
        "чайниками",
        True,
        answer["messages"][-1]["id"],
    )
    assert [message["message"] for message in answer["messages"]] == ["Чайник 2", "Чайник 1"]
    assert {message["type"] for message in answer["messages"]} == {"update"}
    rest = await found(alice, "чайниками", before=answer["before"], room="lobby")
    assert ([message["message"] for message in rest["messages"]], rest["more"]) == (["Чайник 0"], False)


async def test_nobody_finds_what_they_may_not_read(enter: Any, lobby: Room, unhurried: None) -> None:  # noqa: F811
    await Room.objects.acreate(slug="den", title="Den", mode=Mode.MEMBERS)
    alice = await enter("alice", "Alice")
    for slug in ("den", "nowhere"):
        error = await found(alice, "tea", room=slug)
        assert (error["code"], error["command"], error["room"]) == ("not_found", "search", slug)


async def test_who_is_banned_from_a_room_finds_nothing_in_it(
    enter: Any,  # noqa: F811
    lobby: Room,
    unhurried: None,
) -> None:
    lounge = await Room.objects.acreate(slug="lounge", title="Lounge")
    alice = await enter("alice", "Alice", rooms={"lobby": {}, "lounge": {}})
    await alice.hear_of("history")
    await alice.ask(type="message", room="lounge", message="tea", ref="1")
    assert len((await found(alice, "tea"))["messages"]) == 1

    person = await sync_to_async(lambda: lounge.messages.get().author)()
    await sync_to_async(moderation.sanction)(PROGRAM, person, "ban", lounge)
    await alice.hear_of("left")

    assert await Sanction.objects.acount() == 1
    assert (await found(alice, "tea"))["messages"] == []
    assert (await found(alice, "tea", room="lounge"))["code"] == "banned"


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"q": ""},
        {"q": "x" * 201},
        {"q": "a\0b"},
        {"q": 7},
        {"q": "tea", "limit": 51},
        {"q": "tea", "limit": 0},
        {"q": "tea", "before": -1},
    ],
)
async def test_a_bad_question_is_refused(enter: Any, wanted: dict[str, object]) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")

    await alice.say(type="search", **wanted)

    assert (await alice.hear_of("found", "error"))["code"] == "bad_frame"


async def test_hostile_questions_find_what_they_say(enter: Any, unhurried: None) -> None:  # noqa: F811
    alice = await enter("alice", "Alice")
    hostile = [
        "' OR 1 --",
        'x" NEAR y',
        "a:* & !b",
        "(((",
        "words : *",
        "_r1",
        "\\'",
        "%s %(x)s",
        "NOT tea",
        "^tea",
    ]
    for number, text in enumerate(hostile):
        await alice.ask(type="message", message=text, ref=f"{number}")
    await sync_to_async(_index)()
    service.TAIL, before = 0, service.TAIL
    try:
        for text in hostile:
            answer = await found(alice, text)
            # What has no words finds nothing.
            has_words = any(map(str.isalnum, text))
            assert (text in [message["message"] for message in answer["messages"]]) == has_words, text
    finally:
        service.TAIL = before


async def test_searches_are_limited(enter: Any, settings: Any) -> None:  # noqa: F811
    settings.CHAT = {"SEARCHES": "0.01/2"}
    alice = await enter("alice", "Alice")

    answers = [await found(alice, "tea") for _ in range(3)]

    assert [answer["type"] for answer in answers] == ["found", "found", "error"]
    assert (answers[2]["code"], answers[2]["command"]) == ("rate_limited", "search")
    assert answers[2]["retry_after"] > 1


def _index() -> None:
    while indexing.index_some():
        pass
