"""A connection to the application of this process, without a network."""

from typing import Any

from channels.testing import WebsocketCommunicator

#: How long whatever has to come may take, in seconds: Channels' own second is short where others work too.
PATIENCE = 10


class Communicator(WebsocketCommunicator):
    """Channels' own, with more patience."""

    async def receive_output(self, timeout: float = PATIENCE) -> Any:  # noqa: ASYNC109
        return await super().receive_output(max(timeout, PATIENCE))

    async def wait(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        await super().wait(max(timeout, PATIENCE))
