"""The rules of the chat in plain Python: no Django, no Channels, no clock, no I/O."""
