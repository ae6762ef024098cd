"""Plain data that probes leave: specifications, traces, preflight results."""
