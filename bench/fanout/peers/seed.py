"""The seed's design: a dictionary of connections and a loop that sends to each, on FastAPI."""

import os
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
connections: dict[str, WebSocket] = {}
#: Whether everybody hears who comes and goes, as the seed has it, or only who comes.
is_told = os.environ.get("NOTICES") != "0"
#: What is awaited before a message is told. Nothing: the seed keeps none.
before_telling: Callable[[dict[str, object]], Awaitable[None]] | None = None


async def chat(websocket: WebSocket, client_id: str) -> None:
    """Serve one connection."""
    await websocket.accept()
    await websocket.send_json({"type": "request_name"})
    reply = await websocket.receive_json()
    name = reply.get("name", f"User-{client_id[:4]}")
    connections[client_id] = websocket
    try:
        await notify(websocket, f"{name} присоединился к чату", "success")
        while True:
            said = await websocket.receive_json()
            if said["type"] == "message":
                frame = {
                    "type": "message",
                    "sender": name,
                    "sender_id": client_id,
                    "message": said["message"],
                    "timestamp": said.get("timestamp"),
                }
                if before_telling:
                    await before_telling(frame)
                await tell_everybody(frame)
    except WebSocketDisconnect:
        del connections[client_id]
        if is_told:
            await notify(websocket, f"{name} покинул чат", "warning")


async def notify(websocket: WebSocket, sentence: str, color: str) -> None:
    """Tell everybody that somebody has come or gone, or only them."""
    frame: dict[str, object] = {"type": "notification", "message": sentence, "color": color}
    if is_told:
        await tell_everybody(frame)
    else:
        await websocket.send_json(frame)


async def tell_everybody(frame: dict[str, object]) -> None:
    """Send a frame to each connection in turn, encoded anew for each, as the seed does."""
    # The seed goes over the dictionary itself and so falls when somebody joins meanwhile, and its
    # sender falls with a receiver that has just gone. It would not live through a thousand newcomers.
    for connection in list(connections.values()):
        try:  # noqa: SIM105  # `suppress` would cost each delivery 0.6 µs that the seed does not spend
            await connection.send_json(frame)
        except (RuntimeError, WebSocketDisconnect):
            pass


app.add_api_websocket_route("/ws/{client_id}", chat)
