"""What a connection does: coming in, listening, saying, being refused, being closed. One noun a file."""
