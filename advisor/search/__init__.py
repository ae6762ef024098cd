"""Which probes are run, within the budget, and where their results are kept."""
