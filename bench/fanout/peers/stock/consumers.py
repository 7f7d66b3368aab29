"""The stock chat's consumer: a group for the room, an event for each frame, encoded by each connection."""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

LOBBY = "lobby"


class ChatConsumer(AsyncWebsocketConsumer):
    """One connection."""

    name: str | None = None

    async def connect(self) -> None:
        """Let the client in and ask for a name."""
        self.client_id = self.scope["url_route"]["kwargs"]["client_id"]
        await self.accept()
        await self.send(text_data=json.dumps({"type": "request_name"}))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take the name first, and messages from then on."""
        frame = json.loads(text_data or "{}")
        if self.name is None:
            self.name = frame.get("name", f"User-{self.client_id[:4]}")
            await self.channel_layer.group_add(LOBBY, self.channel_name)
            await self._notify(f"{self.name} присоединился к чату", "success")
        elif frame["type"] == "message":
            await self._tell_everybody(
                {
                    "type": "message",
                    "sender": self.name,
                    "sender_id": self.client_id,
                    "message": frame["message"],
                    "timestamp": frame.get("timestamp"),
                }
            )

    async def disconnect(self, code: int) -> None:
        """The client is gone."""
        if self.name is not None:
            await self.channel_layer.group_discard(LOBBY, self.channel_name)
            await self._notify(f"{self.name} покинул чат", "warning")

    async def chat_frame(self, event: dict[str, Any]) -> None:
        """The group has heard a frame: send it on."""
        await self.send(text_data=json.dumps(event["frame"]))

    async def _notify(self, sentence: str, color: str) -> None:
        await self._tell_everybody({"type": "notification", "message": sentence, "color": color})

    async def _tell_everybody(self, frame: dict[str, Any]) -> None:
        await self.channel_layer.group_send(LOBBY, {"type": "chat.frame", "frame": frame})
