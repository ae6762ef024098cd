"""``advisor mcp``: the advisor as tools of the Model Context Protocol, for coding agents."""
