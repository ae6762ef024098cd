"""Which probes are run within the budget, and the store of their results."""
