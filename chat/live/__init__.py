"""Who is told, and when: the hub that fans out, the writer that gathers, the threads below them."""

from chat.live.feed import Seat
from chat.live.hub import get_hub, publish, whisper
from chat.live.threads import reading
from chat.live.writer import PATIENCE, Writer

__all__ = ["PATIENCE", "Seat", "Writer", "get_hub", "publish", "reading", "whisper"]
