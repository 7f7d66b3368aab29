"""Programs beside the site: `ledger` and `faults` prove it, `soak` waits for it, `fanout` compares it."""
