"""From findings to one recommendation, and its forms."""
