"""The settings of the chat: what may stand in `settings.CHAT`, and what holds where nothing does."""

from typing import Annotated

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class Conf(Struct, frozen=True, forbid_unknown_fields=True, rename="upper"):
    """One field a setting. 0 lifts a limit; `LIMITS = False` lifts them all, for benchmarks."""

    limits: bool = True
    #: How long a newcomer may take to say a name.
    name_timeout: Seconds = 120
    #: The bad frame of one minute that closes the connection.
    bad_frames_per_minute: Count = 20
    #: The most connections of one process, and of one address to it.
    connections: Count = 10_000
    connections_per_address: Count = 100
    #: The size of a room up to which everybody hears of each who comes or goes, by name.
    notices_up_to: Count = 100
    #: How many messages a page finds on opening.
    history: Annotated[int, Meta(ge=1, le=100)] = 50


_known: tuple[object, Conf] | None = None


def current() -> Conf:
    """The settings that hold now. Raises ImproperlyConfigured, with the name of what is wrong."""
    global _known
    given = settings.CHAT
    if _known is None or _known[0] is not given:
        _known = given, _converted(given)
    return _known[1]


def _converted(given: object) -> Conf:
    try:
        conf = msgspec.convert(given, Conf)
    except msgspec.ValidationError as error:
        raise ImproperlyConfigured(f"settings.CHAT: {error}") from None
    if conf.limits:
        return conf
    return msgspec.structs.replace(
        conf, name_timeout=0, bad_frames_per_minute=0, connections=0, connections_per_address=0
    )
