"""A chat on Channels as its tutorial builds one: groups, and a layer inside the process."""
