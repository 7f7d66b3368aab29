"""What proves the promises of docs/PROTOCOL.md under faults, and measures; no part of the site."""
