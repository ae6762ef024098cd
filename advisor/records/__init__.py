"""Plain records of probes: specifications, traces, preflight results."""
