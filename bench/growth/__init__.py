"""Growth: what a message costs where there are many rooms, many messages and several processes."""
