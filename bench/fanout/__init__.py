"""The comparison: what it costs to tell everybody in a room, here and with other servers."""
