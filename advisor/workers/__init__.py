"""Worker processes: the protocol, the pool, time limits and supervision."""
