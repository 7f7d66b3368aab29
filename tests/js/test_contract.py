"""The protocol's two ends: what Python declares, the page reads, and what the page says, Python reads."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import to_builtins

from chat import conf
from chat.core import emojis, protocol
from chat.core.codes import CloseCode
from chat.core.errors import ChatError
from chat.services import reading
from tests.js import declared
from tests.programs import NODE

HERE = Path(__file__).parent
OUTBOX = HERE.parent.parent / "chat" / "static" / "chat" / "js" / "outbox.js"
TEMPLATES = HERE.parent.parent / "templates"

#: Asks the page something by its name, see contract.mjs.
Page = Callable[..., Any]

# What the page puts into a command. Keyboards leave half an emoji behind, which is no JSON to the server.
TEXT = st.text(st.characters(exclude_categories=[]), max_size=200)
REF = st.from_regex(r"\A[0-9a-f]{16}\Z")
SLUG = st.from_regex(r"\A[a-z0-9-]{1,50}\Z")
NUMBER = st.integers(0, 2**53 - 1)
ID = st.from_regex(r"\A[A-Za-z0-9._~-]{1,64}\Z")
EMOJI = st.text(min_size=1, max_size=32)
REASON = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)


def keys(**values: Any) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(values)


def change(kind: str, **details: Any) -> SearchStrategy[dict[str, Any]]:
    return keys(type=st.just(kind), ref=REF, room=SLUG, at=NUMBER, **details)


CURSOR = keys() | keys(epoch=st.text(max_size=40), after=NUMBER)
#: As Python writes it back.
MOMENT = st.datetimes(timezones=st.just(UTC)).map(to_builtins)
WHERE = keys() | keys(before=NUMBER) | keys(after=NUMBER) | keys(around=NUMBER) | keys(at=MOMENT)
QUERY = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=protocol.QUERY_LIMIT)
CHANGE = st.one_of(
    change("message", message=TEXT, timestamp=declared.MOMENTS),
    change("message", message=TEXT, timestamp=declared.MOMENTS, reply_to=NUMBER),
    change("edit", id=NUMBER, message=TEXT),
    change("delete", id=NUMBER),
    change("react", id=NUMBER, emoji=EMOJI, on=st.booleans()),
)
NEW_ROOM = keys(
    title=st.text(min_size=1, max_size=100),
    topic=st.text(max_size=200),
    mode=st.sampled_from(["open", "users", "read_only", "members"]),
)
MINUTES = st.integers(1, protocol.MINUTES_LIMIT)


def deed(tag: str, maybe: dict[str, SearchStrategy[Any]], **details: Any) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(tag), **details}, optional=maybe)


DEED = st.one_of(
    deed("report", {}, id=NUMBER, reason=REASON),
    deed("delete", {"reason": REASON}, id=NUMBER),
    deed("restore", {"reason": REASON}, id=NUMBER),
    deed(
        "sanction",
        {"room": SLUG, "minutes": MINUTES, "reason": REASON, "address": st.booleans()},
        kind=st.sampled_from(["mute", "kick", "ban"]),
        id=ID,
    ),
    deed("lift", {"room": SLUG, "reason": REASON}, kind=st.sampled_from(["mute", "ban"]), id=ID),
    deed("warn", {"room": SLUG}, id=ID, reason=REASON.filter(bool)),
    deed("purge", {"room": SLUG, "minutes": MINUTES, "reason": REASON}, id=ID),
    deed(
        "run",
        {
            "topic": st.text(max_size=200),
            "mode": st.sampled_from(["open", "users", "read_only", "members", "archived"]),
            "slow": st.integers(0, 86_400),
            "reason": REASON,
        },
        room=SLUG,
    ),
    deed("pin", {}, room=SLUG, id=st.none() | NUMBER),
    deed("announce", {}, room=SLUG, message=TEXT),
    deed(
        "decide",
        {"reason": REASON},
        kind=st.sampled_from(["report", "held"]),
        id=NUMBER,
        accept=st.booleans(),
    ),
)
COMMAND = st.one_of(
    st.tuples(st.just("command"), CHANGE),
    st.tuples(st.just("history"), SLUG, WHERE),
    st.tuples(st.just("search"), QUERY, st.none() | SLUG, keys() | keys(before=NUMBER)),
    st.tuples(st.just("enter"), SLUG, CURSOR, st.booleans()),
    st.tuples(st.just("leave"), SLUG),
    st.tuples(st.just("rename"), TEXT),
    st.tuples(st.just("typing"), SLUG),
    st.tuples(st.just("read"), SLUG, NUMBER),
    st.tuples(st.just("members"), SLUG, st.just("") | ID),
    st.tuples(st.just("rooms")),
    st.tuples(st.just("create"), NEW_ROOM),
    st.tuples(st.just("direct"), ID),
    st.tuples(st.just("member"), SLUG, ID, st.sampled_from(["member", "moderator", "owner", None])),
    st.tuples(st.just("moderation"), DEED, REF),
    st.tuples(st.just("queue"), keys(after=st.text(max_size=40), limit=st.integers(1, 50))),
    st.tuples(st.just("ping"), NUMBER),
)
INTRODUCTION = keys(
    name=st.none() | TEXT,
    token=st.none() | st.text(),
    lang=st.sampled_from(["en", "ru"]),
    rooms=st.dictionaries(SLUG, CURSOR, max_size=3),
)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """The page's modules in one node for all tests of this file."""
    with subprocess.Popen(
        [NODE, str(HERE / "contract.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as node:

        def ask(name: str, *details: Any) -> Any:
            assert node.stdin
            assert node.stdout
            node.stdin.write(json.dumps([name, *details]) + "\n")
            node.stdin.flush()
            return json.loads(node.stdout.readline())

        yield ask


@pytest.mark.parametrize("kind", get_args(protocol.AnyEvent), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(deadline=None)
def test_the_page_reads_every_event(page: Page, kind: type[protocol.Event], data: st.DataObject) -> None:
    event = data.draw(declared.events(kind))

    found = page("types", protocol.encode(event))

    around = [message for item in getattr(event, "items", []) for message in [*item.before, *item.after]]
    within = [message.__struct_config__.tag for message in [*getattr(event, "messages", []), *around]]
    assert found == [[kind.__struct_config__.tag, *within]]


@given(question=COMMAND)
@settings(deadline=None)
def test_the_server_reads_every_command_of_the_page(page: Page, question: tuple[Any, ...]) -> None:
    text = page(*question)

    command = to_builtins(protocol.parse(text, dialect=2))

    # A key that no command has would be passed over in silence.
    said = json.loads(text)
    assert {key: command[key] for key in said} == said


@given(introduction=INTRODUCTION)
@settings(deadline=None)
def test_the_server_reads_how_the_page_introduces_itself(page: Page, introduction: dict[str, Any]) -> None:
    text = page("reply", introduction)

    reply = protocol.parse_reply(text)

    assert (reply.v, reply.lang) == (2, introduction["lang"])
    if introduction["name"] is None:  # a reader, who is nobody
        assert (reply.reader, reply.name, reply.token) == (True, None, None)
    else:
        assert (reply.reader, reply.token) == (None, introduction["token"])
        assert isinstance(reply.name, str)
    rooms = introduction["rooms"].items()
    assert protocol.cursors(reply) == {slug: protocol.Cursor(**cursor) for slug, cursor in rooms}


@pytest.mark.parametrize("code", CloseCode)
def test_the_page_comes_back_by_itself_after_a_close_that_is_not_final(page: Page, code: CloseCode) -> None:
    assert page("isFinal", code) == code.is_final


def test_the_words_that_the_page_looks_for_are_declared(page: Page) -> None:
    words = page("words")
    hints = get_type_hints(protocol.Notified)
    [events, _none] = get_args(hints["event"])

    assert set(words["colors"]) == set(get_args(hints["color"]))
    assert set(words["events"]) == set(get_args(events))
    assert set(words["codes"]) <= set(error_codes())
    assert words["roles"] == list(get_args(protocol.Role))
    assert set(words["modes"]) == set(get_args(protocol.RoomMode))
    assert set(words["acts"]) == set(get_args(get_args(hints["act"])[0]))
    assert words["rights"] == list(get_args(protocol.Right))
    assert words["many"] == reading.MANY
    assert words["quoted"] == protocol.QUOTE_LIMIT
    assert words["closes"] == {name: CloseCode[name.upper()] for name in words["closes"]}


@pytest.mark.parametrize("tone", ["", "🏻", "🏿"])
def test_the_server_takes_every_emoji_of_the_page_as_a_reaction(page: Page, tone: str) -> None:
    symbols = page("emoji", tone)

    assert len(symbols) > 1000
    assert [symbol for symbol in symbols if emojis.spelled_out(symbol) != symbol] == []


def test_the_errors_that_the_page_has_words_for_are_declared() -> None:
    template = (TEMPLATES / "chat/parts/connection_line.html").read_text(encoding="utf-8")

    codes = re.findall(r'data-why="(\w+)"', template)

    assert codes
    assert set(codes) <= set(error_codes())


def error_codes(base: type[ChatError] = ChatError) -> Iterator[str]:
    for error in base.__subclasses__():
        if hasattr(error, "code"):
            yield error.code
        yield from error_codes(error)


def test_the_server_knows_what_was_done_for_longer_than_the_page_keeps_what_it_asks() -> None:
    [days] = re.findall(r"^export const KEPT_DAYS = (\d+);", OUTBOX.read_text(), re.MULTILINE)

    assert int(days) == conf.KEPT_DAYS
    assert conf.Conf().refs_days > conf.KEPT_DAYS
