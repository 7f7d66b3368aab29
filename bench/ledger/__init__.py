"""The proof: the promises of docs/PROTOCOL.md hold under faults."""
