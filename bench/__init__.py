"""Programs beside the site: `ledger` and `faults` prove it, `soak` waits, `fanout` and `throughput` measure."""
