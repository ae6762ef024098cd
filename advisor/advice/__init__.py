"""From findings to the recommendation and the report."""
