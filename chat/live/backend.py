"""The backend: the channel layer of the settings, opened for the hub alone, closed, and opened again."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.core.exceptions import ImproperlyConfigured

from chat.live.event import History, event, site_event, site_group
from chat.live.subscription import EncodedFrame
from chat.models import Directory

logger = logging.getLogger(__name__)

#: How long a layer is waited for that does not answer, in seconds.
PATIENCE = 1.0


def opened() -> Any:
    """A channel layer of one's own, which may be closed; only what lives in this process is shared.

    Raises ImproperlyConfigured where the settings have none.
    """
    shared = _shared()
    if is_inside(shared):
        return shared
    return channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)


def is_inside(layer: Any) -> bool:
    """Whether it lives in this process: then there is no connection, and others may use it as well."""
    return isinstance(layer, InMemoryChannelLayer)


def is_alone(layer: Any, group: str, channel: str) -> bool:
    """Whether nobody but this channel hears what a group is told; False where that is not known."""
    if type(layer) is not InMemoryChannelLayer:
        return False
    return bool(layer.groups.get(group, {}).keys() <= {channel})


def is_only_one(layer: Any, group: str, channel: str) -> bool:
    """Whether this channel is in a group, and no other is; False where that is not known."""
    return type(layer) is InMemoryChannelLayer and layer.groups.get(group, {}).keys() == {channel}


async def reopened(layer: Any) -> Any:
    """The layer after its connections were closed, or another one where they cannot be."""
    if is_inside(layer) or await closed(layer):
        return layer
    return opened()


async def closed(layer: Any) -> bool:
    """Close the connections of a layer; False where that takes too long. It opens others when it is used.

    Whoever waits in it has to be cancelled in the meantime.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            if isinstance(layer, RedisPubSubChannelLayer):
                await layer.flush()  # of this process alone; other layers would empty all of Redis
            elif hasattr(layer, "close_pools"):
                await layer.close_pools()
    except Exception as error:  # whatever a layer's driver may raise: its connections are broken
        logger.debug("The channel layer could not be closed: %r", error)
        return False
    return True


def send_from_outside(histories: Iterable[History], frames: Sequence[EncodedFrame]) -> None:
    """Tell every process, from one that serves nobody (a command of manage.py). Waits for the layer."""
    try:
        async_to_sync(_send)([(history.group, event(history, frames, "")) for history in histories])
    except Exception as error:  # it is committed: whoever listens hears of it by the poll
        logger.warning("The channel layer takes no events: %r", error)


def send_to_site_from_outside(kind: str, data: Any) -> None:
    """As send_from_outside, what concerns no one room."""
    site = Directory.current().site
    try:
        async_to_sync(_send)([(site_group(site), site_event(site, kind, data, ""))])
    except Exception as error:  # it is told at most once
        logger.warning("The channel layer takes no events: %r", error)


async def _send(events: Iterable[tuple[str, dict[str, Any]]]) -> None:
    layer = _shared()
    for group, sent in events:
        async with asyncio.timeout(PATIENCE):
            await layer.group_send(group, sent)


def _shared() -> Any:
    layer = get_channel_layer()
    if layer is None:
        raise ImproperlyConfigured('CHANNEL_LAYERS has no "default"; the chat needs one to tell anybody.')
    return layer
