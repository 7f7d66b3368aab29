"""A chat for any Django site: rooms, people, messages, and everybody told at once."""
