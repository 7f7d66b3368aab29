"""The wire."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.core.errors import BadFrame, BadJSON, ChatError, FrameTooLarge
from chat.core.protocol import (
    FRAME_LIMIT,
    MessagePosted,
    NameRequested,
    Notified,
    PostMessage,
    encode,
    parse,
    parse_reply,
)


def test_a_message_is_understood() -> None:
    frame = '{"type":"message","message":"hi","timestamp":"12:00","colour":"unknown keys are no fault"}'

    assert parse(frame) == PostMessage(message="hi", timestamp="12:00")


@pytest.mark.parametrize("timestamp", ["12:00", 1763848800, 1763848800.5, 1763848800123456789, None])
def test_a_timestamp_is_handed_back_as_it_came(timestamp: object) -> None:
    command = parse(json.dumps({"type": "message", "message": "hi", "timestamp": timestamp}))

    assert command
    assert (command.timestamp, type(command.timestamp)) == (timestamp, type(timestamp))


@pytest.mark.parametrize(
    "type", ["typing", "", "Message", "websocket.send", "websocket.disconnect", "hear"]
)
def test_an_unknown_type_is_no_command(type: str) -> None:
    assert parse(json.dumps({"type": type, "message": 5})) is None


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ("", BadJSON),
        ("hello", BadJSON),
        ("{", BadJSON),
        ('{"type":"message","message":"\\ud800"}', BadJSON),  # a lone surrogate, escaped
        ('{"type":"message","message":"\ud800"}', BadJSON),  # and as it is
        ('{"type":"message","message":"hi","timestamp":NaN}', BadJSON),
        (None, BadFrame),  # binary
        ("5", BadFrame),
        ("null", BadFrame),
        ('["message"]', BadFrame),
        ("{}", BadFrame),
        ('{"message":"no type"}', BadFrame),
        ('{"type":5}', BadFrame),
        ('{"type":null,"message":"hi"}', BadFrame),
        ('{"type":"message"}', BadFrame),
        ('{"type":"message","message":5}', BadFrame),
        ('{"type":"message","message":null}', BadFrame),
        ('{"type":"message","message":["hi"]}', BadFrame),
        ('{"type":"message","message":"hi","timestamp":{}}', BadFrame),
        ('{"type":"message","message":"hi","timestamp":1e999}', BadFrame),
        ('{"type":"message","message":"hi","timestamp":%s}' % ("9" * 400), BadFrame),
        ('{"type":"message","message":"hi","timestamp":"%s"}' % ("9" * 400), BadFrame),
        ('{"type":"x","deep":' + "[" * 20_000, BadFrame),
        ("x" * (FRAME_LIMIT + 1), FrameTooLarge),
        ('"' + "я" * (FRAME_LIMIT // 2) + '"', FrameTooLarge),
    ],
)
def test_a_bad_frame_is_refused_with_its_reason(frame: str | None, error: type[ChatError]) -> None:
    with pytest.raises(error):
        parse(frame)


@given(
    st.text(st.characters(codec=None))
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(str)
)
def test_no_text_breaks_the_parser(text: str) -> None:
    for read in (parse, parse_reply):
        try:
            read(text)
        except ChatError as error:
            error.sentence % error.details  # a person can be told


def test_a_frame_may_be_as_large_as_the_limit() -> None:
    filling = "я" * ((FRAME_LIMIT - 30) // 2)

    assert parse(f'{{"type":"x","filling":"{filling}"}}') is None


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ('{"name":"Alice"}', "Alice"),
        ("{}", None),
        ('{"name":5,"type":"whatever"}', 5),
        ('{"name":null}', None),
    ],
)
def test_any_object_is_a_name_reply(frame: str, name: object) -> None:
    assert parse_reply(frame).name == name


@pytest.mark.parametrize("frame", ["[]", '"Alice"', "Alice", "", None, "null", '{"name":"\\ud800"}'])
def test_what_is_no_object_is_no_name_reply(frame: str | None) -> None:
    with pytest.raises((BadFrame, BadJSON)):
        parse_reply(frame)


def test_every_event_has_the_keys_of_the_seed() -> None:
    posted = MessagePosted(
        sender="Alice",
        sender_id="a",
        message="hi",
        timestamp=None,
        room="lobby",
        id=1,
        sent_at="2026-11-22T10:00:00Z",
    )

    assert json.loads(encode(NameRequested()))["type"] == "request_name"
    assert json.loads(encode(Notified(message="hi", color="danger"))) == {
        "type": "notification",
        "message": "hi",
        "color": "danger",
    }
    assert (
        json.loads(encode(posted)).items()
        >= {
            "type": "message",
            "sender": "Alice",
            "sender_id": "a",
            "message": "hi",
            "timestamp": None,
        }.items()
    )
