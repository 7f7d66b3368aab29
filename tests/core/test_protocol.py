"""The wire."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.core.errors import BadFrame, BadJSON, ChatError, FrameTooLarge, UnknownType
from chat.core.protocol import (
    FRAME_LIMIT,
    Cursor,
    DeleteMessage,
    EditMessage,
    EnterRoom,
    LeaveRoom,
    MessagePosted,
    NameRequested,
    Notified,
    Ping,
    PostMessage,
    React,
    ReadHistory,
    cursors,
    encode,
    pack,
    parse,
    parse_reply,
)


def test_a_message_is_understood() -> None:
    frame = '{"type":"message","message":"hi","timestamp":"12:00","colour":"unknown keys are no fault"}'

    assert parse(frame, 1) == PostMessage(message="hi", timestamp="12:00")


@pytest.mark.parametrize("timestamp", ["12:00", 1763848800, 1763848800.5, 1763848800123456789, None])
def test_a_timestamp_is_handed_back_as_it_came(timestamp: object) -> None:
    command = parse(json.dumps({"type": "message", "message": "hi", "timestamp": timestamp}), 1)

    assert isinstance(command, PostMessage)
    assert (command.timestamp, type(command.timestamp)) == (timestamp, type(timestamp))


@pytest.mark.parametrize(
    "type", ["writing", "", "Message", "websocket.send", "websocket.disconnect", "hear"]
)
def test_an_unknown_type_is_no_command(type: str) -> None:
    frame = json.dumps({"type": type, "message": 5, "ref": "7"})

    assert parse(frame, 1) is None
    with pytest.raises(UnknownType) as refused:
        parse(frame, 2)
    assert refused.value.ref == "7"


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
        ('{"type":"message","message":"hi","timestamp":"12:00\\u0000"}', BadFrame),
        ('{"type":"message","message":"hi","timestamp":1e999}', BadFrame),
        ('{"type":"message","message":"hi","timestamp":%s}' % ("9" * 400), BadFrame),
        ('{"type":"message","message":"hi","timestamp":"%s"}' % ("9" * 400), BadFrame),
        ('{"type":"x","deep":' + "[" * 20_000, BadFrame),
        ("x" * (FRAME_LIMIT + 1), FrameTooLarge),
        ('"' + "я" * (FRAME_LIMIT // 2) + '"', FrameTooLarge),
    ],
)
def test_a_bad_frame_is_refused_with_its_reason(frame: str | None, error: type[ChatError]) -> None:
    for dialect in (1, 2):
        if '"type":"x"' in (frame or "") and dialect == 2:
            continue
        with pytest.raises(error):
            parse(frame, dialect)


@given(
    st.text(st.characters(codec=None))
    | st.recursive(st.none() | st.floats() | st.text(), st.lists).map(str)
)
def test_no_text_breaks_the_parser(text: str) -> None:
    for read in (partial(parse, dialect=1), partial(parse, dialect=2), parse_reply):
        try:
            read(text)
        except ChatError as error:
            error.sentence % error.details  # a person can be told


def test_a_frame_may_be_as_large_as_the_limit() -> None:
    filling = "я" * ((FRAME_LIMIT - 30) // 2)

    assert parse(f'{{"type":"x","filling":"{filling}"}}', 1) is None


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
        version=1,
        role="guest",
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


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        ('{"type":"message","message":"hi","ref":"1"}', PostMessage(message="hi", ref="1")),
        (
            '{"type":"message","message":"hi","ref":"1","room":"lounge","reply_to":7,"timestamp":1}',
            PostMessage(message="hi", ref="1", room="lounge", reply_to=7, timestamp=1),
        ),
        ('{"type":"edit","id":7,"message":"ho","ref":"1"}', EditMessage(id=7, message="ho", ref="1")),
        ('{"type":"delete","id":7,"ref":"1"}', DeleteMessage(id=7, ref="1")),
        (
            '{"type":"react","id":7,"emoji":"👍","on":true,"ref":"1"}',
            React(id=7, emoji="👍", on=True, ref="1"),
        ),
        ('{"type":"react","id":7,"emoji":"👍","on":false}', React(id=7, emoji="👍", on=False)),
        (
            '{"type":"history","room":"lobby","before":7,"limit":5}',
            ReadHistory(room="lobby", before=7, limit=5),
        ),
        ('{"type":"enter","room":"lounge"}', EnterRoom(room="lounge")),
        ('{"type":"leave","room":"lounge"}', LeaveRoom(room="lounge")),
        ('{"type":"ping","n":5}', Ping(n=5)),
    ],
)
def test_v2_has_more_commands(frame: str, command: object) -> None:
    assert parse(frame, 2) == command


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"message","message":"no ref"}',
        '{"type":"message","message":"hi","ref":""}',
        '{"type":"message","message":"hi","ref":5}',
        '{"type":"message","message":"hi","ref":"%s"}' % ("x" * 65),
        '{"type":"message","message":"hi","ref":"\\u0000"}',
        '{"type":"enter","room":"\\u0000"}',
        '{"type":"edit","id":"7","message":"ho","ref":"1"}',
        '{"type":"delete","id":-1,"ref":"1"}',
        '{"type":"delete","id":9223372036854775808,"ref":"1"}',
        '{"type":"react","id":7,"emoji":"","on":true,"ref":"1"}',
        '{"type":"react","id":7,"emoji":"👍","on":1,"ref":"1"}',
        '{"type":"history","room":"lobby","limit":101}',
        '{"type":"history","room":"lobby","limit":0}',
        '{"type":"history"}',
        '{"type":"enter"}',
        '{"type":"ping","n":"1"}',
    ],
)
def test_a_bad_v2_frame_is_refused(frame: str) -> None:
    with pytest.raises(BadFrame):
        parse(frame, 2)


def test_the_refusal_of_a_bad_frame_has_its_ref() -> None:
    with pytest.raises(BadFrame) as refused:
        parse('{"type":"edit","id":"7","message":"ho","ref":"1"}', 2)

    assert refused.value.ref == "1"


def test_a_v2_reply_names_rooms_and_how_far_each_was_read() -> None:
    reply = parse_reply('{"v":2,"rooms":{"lobby":{"epoch":"e","after":5},"lounge":{}}}')

    assert cursors(reply) == {"lobby": Cursor(after=5, epoch="e"), "lounge": Cursor()}
    assert cursors(parse_reply('{"v":2}')) == {}


@pytest.mark.parametrize(
    "rooms",
    ["[]", '"lobby"', '{"\\u0000":{}}', '{"lobby":5}', '{"lobby":{"after":-1}}', '{"lobby":{"after":"5"}}'],
)
def test_bad_cursors_are_refused(rooms: str) -> None:
    with pytest.raises(BadFrame, match="rooms"):
        cursors(parse_reply(f'{{"v":2,"rooms":{rooms}}}'))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40).map(json.dumps), max_size=40))
def test_packing_keeps_every_frame_in_order(texts: list[str]) -> None:
    heard: list[object] = []
    for packed in pack(texts):
        frame = json.loads(packed)
        heard += frame if isinstance(frame, list) else [frame]

    assert heard == [json.loads(text) for text in texts]


def test_packed_frames_are_as_large_as_a_frame_may_be() -> None:
    texts = ['"' + "я" * 2000 + '"'] * 50

    packed = list(pack(texts))

    assert all(len(text.encode()) <= FRAME_LIMIT for text in packed)
    assert len(packed) == 4
    assert list(pack([texts[0]])) == [texts[0]]
    assert list(pack([])) == []
