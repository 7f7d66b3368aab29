"""What can be asked for, as plain synchronous functions; nothing is written but through them."""
