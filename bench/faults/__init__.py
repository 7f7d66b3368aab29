"""The faults: what may befall a site, one recipe each, with a promise that is held against it."""
