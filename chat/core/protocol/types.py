"""What frames are made of: their limits, and the values that stand in several of them."""

from typing import Annotated, Literal

from msgspec import Meta, UnsetType

#: The longest frame a client may send, and the server sends, in bytes of UTF-8.
FRAME_LIMIT = 65536
#: The longest message, in characters (code points).
MESSAGE_LIMIT = 4000
#: The longest name, in characters (code points).
NAME_LIMIT = 32
#: The longest title and topic of a room, and the longest reason that a moderator gives, in characters.
TITLE_LIMIT, TOPIC_LIMIT, REASON_LIMIT = 100, 200, 200
#: The longest wait between two messages in a slow room, in seconds: a day.
SLOW_LIMIT = 86_400
#: The longest sanction that ends, in minutes: ten years. Who is stopped for longer is stopped for good.
MINUTES_LIMIT = 10 * 366 * 24 * 60
#: The largest page of history, in messages.
HISTORY_LIMIT = 100
#: The longest question to the search, in characters, and the most that one answer brings.
QUERY_LIMIT, FOUND_LIMIT = 200, 50
#: How much of a message is quoted where another answers it, in characters.
QUOTE_LIMIT = 200
#: How many people one message mentions at most.
MENTIONS_LIMIT = 20
#: How many of those who are in a room a frame names at most; `online` counts them all.
MEMBERS_LIMIT = 200
#: The most of a queue that one frame brings.
QUEUE_LIMIT = 50
#: What a client_id looks like: the unreserved characters of RFC 3986, section 2.3.
CLIENT_ID = r"[A-Za-z0-9._~-]{1,64}"

#: A client's own note of the time, handed back as it came. Whole numbers have to fit into 64 bits.
Timestamp = (
    Annotated[str, Meta(max_length=128, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
    | Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    | float
    | None
)
#: The client's own name for a command, so that sending it again changes nothing.
#: PostgreSQL keeps no NUL.
Ref = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[^\x00]*\Z")]
RoomSlug = Annotated[str, Meta(max_length=64, pattern=r"\A[^\x00]*\Z")]
MessageId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Version = Annotated[int, Meta(ge=0, le=2**63 - 1)]
#: What somebody is on the site, and in a room. A member is a user of the site, or belongs to the room.
Role = Literal["guest", "member", "moderator", "owner"]
#: Who may read and speak in a room. Nobody speaks in one that is archived.
RoomMode = Literal["open", "users", "read_only", "members", "archived"]
#: What somebody may be stopped by.
SanctionKind = Literal["mute", "kick", "ban"]
#: What a moderator may do in a room, or on the whole site: delete messages, mute, kick and warn; ban; run
#: the room (slow mode, topic, mode, pin, announce).
Right = Literal["moderate", "ban", "run"]
#: What waits for moderators: a message that was reported, or one that a filter has held.
QueueKind = Literal["report", "held"]
#: Why something is done, in the moderator's words.
Reason = Annotated[str, Meta(max_length=REASON_LIMIT, pattern=r"\A[^\x00-\x1f\x7f]*\Z")]
#: What a room is called, by the code of the language.
Titles = dict[str, str]
#: Why a name is not the one that was asked for: somebody is called so, or it is not for guests.
NameWas = Literal["taken", "reserved"] | UnsetType

# What the server says, a page has to read: JavaScript has no larger whole numbers that it tells apart.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Seconds = Annotated[float, Meta(ge=0)]
#: ISO 8601 in UTC, by the server's clock.
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
