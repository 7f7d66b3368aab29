"""Who is told, and when: the hub that fans out, the writer that gathers, the threads below them."""

from chat.live.feed import Seat
from chat.live.hub import get_hub, look, publish, settle, whisper
from chat.live.line import GONE, Line
from chat.live.supervisor import supervise
from chat.live.threads import Gathered, reading
from chat.live.writer import PATIENCE, Writer

__all__ = [
    "GONE",
    "PATIENCE",
    "Gathered",
    "Line",
    "Seat",
    "Writer",
    "get_hub",
    "look",
    "publish",
    "reading",
    "settle",
    "supervise",
    "whisper",
]
