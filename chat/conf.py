"""The settings of the chat: what may stand in `settings.CHAT`, and what holds where nothing does."""

import ipaddress
from typing import Annotated, Any, Literal

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from msgspec import Meta, Struct

from chat.core.limits import Rate
from chat.core.reactions import Limits as ReactionLimits

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
#: For how many days anything is kept at most that is not kept for ever: a hundred years.
DAYS_LIMIT = 36_500
Days = Annotated[int, Meta(ge=0, le=DAYS_LIMIT)]

KIB, MIB = 1 << 10, 1 << 20
#: The connections to the database that a process has for its own threads, beside those that pages share:
#: one writes, one reads for whoever asks, one for the hub, one searches, and now and then there is one for
#: the chores.
OWN_CONNECTIONS = 5


class Conf(Struct, frozen=True, forbid_unknown_fields=True, rename="upper"):
    """One field a setting. 0 lifts a limit; `LIMITS = False` lifts them all, for benchmarks.

    A rate is written "3/20": 3 a second after a burst of 20. docs/SETTINGS.md says what each is for.
    """

    limits: bool = True
    #: How many messages a page finds on opening.
    history: Annotated[int, Meta(ge=1, le=100)] = 50
    #: The size of a room up to which everybody hears of each who comes or goes, by name.
    notices_up_to: Count = 100
    #: What somebody may do who is no user of the site: speak, read, or not even come in.
    guests: Literal["speak", "read", "none"] = "speak"
    #: What a user of the site is called, and what they are ("member" or "moderator"): dotted paths of
    #: functions of the user. Empty: their full name, or else the username; and what their permissions say.
    name: str = ""
    role: str = ""
    #: Names that no guest has, nor one that looks like them, beside those of the site's users.
    reserved_names: tuple[str, ...] = (
        "admin",
        "administrator",
        "administration",
        "sysadmin",
        "webmaster",
        "moderator",
        "mod",
        "owner",
        "staff",
        "support",
        "system",
        "root",
        "bot",
        "админ",
        "администратор",
        "администрация",
        "сисадмин",
        "адмін",
        "модератор",
        "модер",
        "владелец",
        "поддержка",
        "система",
        "бот",
    )
    #: Who may make rooms: those with Django's permission alone, or every user of the site.
    rooms_by: Literal["staff", "users"] = "staff"
    #: The size of a room up to which everybody sees who is writing.
    typing_up_to: Count = 50
    #: Where the limits of people and of addresses are counted for the whole site, and what the names of
    #: the counters there begin with. Empty: each process counts for itself.
    redis_url: str = ""
    redis_prefix: str = "chat"
    #: For how many days a change is known by its `ref`, so that it is not made again.
    refs_days: Days = 90
    #: For how many days is known from which addresses somebody came, by their hashes; addresses that are
    #: banned are so for no longer. 0: not at all.
    address_days: Days = 30
    #: Networks that are never banned, beside private ones: of proxies, of the own house.
    shared_addresses: tuple[str, ...] = ()
    #: How long what was said is kept, and how much of it in each room; a room may say otherwise.
    keep_days: Days = 0
    keep_messages: Count = 0

    # What one person may do, in however many connections.

    #: Messages and edits, by number and by bytes of text.
    messages: Rate = Rate(3, 20)
    message_bytes: Rate = Rate(8 * KIB, 64 * KIB)
    #: Deletions, reactions, and what is changed in no room's log: rooms, their members, markers, names.
    changes: Rate = Rate(3, 20)
    #: Other names: each is told in every room that somebody is in.
    renames: Rate = Rate(0.05, 3)
    #: Messages that are reported to the moderators.
    reports: Rate = Rate(0.02, 5)
    #: Bytes of history and of what was missed.
    reads: Rate = Rate(64 * KIB, 512 * KIB)
    #: Searches, each of which may take the database a second.
    searches: Rate = Rate(0.5, 10)
    #: WebSockets open at one time.
    connections_per_person: Count = 10
    #: Rooms that a user has made in the chat and that are still there, whoever owns them now.
    rooms_per_user: Count = 50

    # What one message may hold.

    #: Reactions of all people together, kinds of them, and kinds of one person's.
    reactions: Count = 500
    reaction_kinds: Count = 20
    reaction_kinds_per_person: Count = 8

    # What one connection may do.

    #: Frames of any kind, pings and parts of messages among them; each whole 4 KiB count as one more.
    frames: Rate = Rate(50, 100)
    #: The parts that a message may come in.
    fragments: Count = 128
    #: The command refused by a limit, within one minute, that closes the connection; and the bad frame.
    refusals_per_minute: Count = 120
    bad_frames_per_minute: Count = 20
    #: How long a newcomer may take to say a name.
    name_timeout: Seconds = 120

    # What one address may do: an IPv4 address, or 64 bits of an IPv6 one.

    address_frames: Rate = Rate(500, 1500)
    address_messages: Rate = Rate(30, 300)
    address_message_bytes: Rate = Rate(64 * KIB, MIB)
    address_reads: Rate = Rate(512 * KIB, 16 * MIB)
    address_searches: Rate = Rate(2, 40)
    #: WebSockets opened, and people who were never here before.
    handshakes: Rate = Rate(5, 120)
    newcomers: Rate = Rate(1, 60)
    #: HTTP requests.
    requests: Rate = Rate(50, 3000)
    #: WebSockets open at one time, and connections of any kind.
    connections_per_address: Count = 100
    tcp_connections_per_address: Count = 400

    # What one process takes from all together.

    #: WebSockets open at one time, and those that are opened: more wait for their turn.
    connections: Count = 10_000
    arrivals: Rate = Rate(100, 10)
    #: Bytes of request bodies on their way; of each body, 64 KiB are not counted.
    bodies: Count = 32 * MIB
    #: How long a request may take to arrive, without its body and with it.
    request_timeout: Seconds = 20
    body_timeout: Seconds = 60

    @property
    def reaction_limits(self) -> ReactionLimits:
        """How many reactions one message holds."""
        return ReactionLimits(self.reactions, self.reaction_kinds, self.reaction_kinds_per_person)


#: The settings that limit nothing.
_NO_LIMITS = (
    "limits",
    "history",
    "notices_up_to",
    "guests",
    "name",
    "role",
    "reserved_names",
    "rooms_by",
    "typing_up_to",
    "refs_days",
    "address_days",
    "shared_addresses",
    "keep_days",
    "keep_messages",
    "redis_url",
    "redis_prefix",
)
#: For how many days a page sends by itself what it could not send before (outbox.js).
KEPT_DAYS = 30
#: The names of the settings that are words, of those that are rates or lists of words, and of those that
#: are numbers.
WORDS = frozenset({"GUESTS", "NAME", "ROLE", "ROOMS_BY"})
RATES = frozenset(field.encode_name for field in msgspec.structs.fields(Conf) if field.type is Rate)
LISTS = frozenset({"RESERVED_NAMES", "SHARED_ADDRESSES"})
_OTHERS = {"LIMITS", *LISTS, "REDIS_URL", "REDIS_PREFIX"}
NUMBERS = frozenset(Conf.__struct_encode_fields__) - RATES - WORDS - _OTHERS

_known: Conf | None = None


def current() -> Conf:
    """The settings that hold now. Raises ImproperlyConfigured, with the name of what is wrong."""
    global _known
    known = _known  # another thread may forget it meanwhile
    if known is None:
        known = _known = _converted(settings.CHAT)
    return known


def _forget(*, setting: str, **_others: object) -> None:
    """A test has others, and Django says so: to look at its settings is dearer than most questions."""
    global _known
    if setting == "CHAT":
        _known = None


setting_changed.connect(_forget)


def _converted(given: object) -> Conf:
    try:
        conf = msgspec.convert(_with_rates(given), Conf)
    except msgspec.ValidationError as error:
        raise ImproperlyConfigured(f"settings.CHAT: {error}") from None
    if 0 < conf.refs_days <= KEPT_DAYS:
        raise ImproperlyConfigured(
            f"settings.CHAT: REFS_DAYS is {conf.refs_days}: use more than {KEPT_DAYS}, because a page may "
            "ask again for so long, or 0 for ever."
        )
    for network in conf.shared_addresses:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ImproperlyConfigured(f"settings.CHAT: SHARED_ADDRESSES: {error}.") from None
    if conf.limits:
        return conf
    lifted: dict[str, Any] = {
        field.name: Rate(0, 0) if field.type is Rate else 0
        for field in msgspec.structs.fields(Conf)
        if field.name not in _NO_LIMITS
    }
    return msgspec.structs.replace(conf, **lifted)


def _with_rates(given: object) -> object:
    """What was given, with the rates taken apart."""
    if not isinstance(given, dict):
        return given
    return {key: _rate(key, value) if key in RATES else value for key, value in given.items()}


def _rate(key: str, value: object) -> Rate:
    try:
        return Rate.of(str(value))
    except ValueError as error:
        raise ImproperlyConfigured(f"settings.CHAT: {key} is {error}.") from None
