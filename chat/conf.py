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
    #: How many messages a page finds on opening.
    history: Annotated[int, Meta(ge=1, le=100)] = 50


def current() -> Conf:
    """The settings that hold now. Raises ImproperlyConfigured, with the name of what is wrong."""
    try:
        conf = msgspec.convert(settings.CHAT, Conf)
    except msgspec.ValidationError as error:
        raise ImproperlyConfigured(f"settings.CHAT: {error}") from None
    if conf.limits:
        return conf
    return msgspec.structs.replace(conf, name_timeout=0, bad_frames_per_minute=0)
