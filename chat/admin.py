"""The moderator's view: rooms, people and messages, to read and to find, not to forge."""
