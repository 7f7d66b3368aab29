"""What runs the chat from outside, in processes of its own, for the tests and for bench/ alike."""
