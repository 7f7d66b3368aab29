"""What a person can do, as plain synchronous functions; nothing else writes a row."""
