"""How it is kept: the log, the writer that gathers, the readers, and what databases do differently."""
