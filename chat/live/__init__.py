"""Who is told: publishing an event to a room, and the hub that fans it out to those who listen here."""

from chat.live.hub import Hub, Listener, hub, publish

__all__ = ["Hub", "Listener", "hub", "publish"]
