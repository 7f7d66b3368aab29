"""Two programs beside the site: `ledger` proves it under faults, `fanout` compares it with others."""
