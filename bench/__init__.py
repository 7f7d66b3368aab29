"""Programs beside the site: `ledger` and `faults` prove it; `soak`, `fanout`, `throughput` measure it."""
