"""Fixtures of the logs that are read."""

from tests.read.conftest import events, table

__all__ = ["events", "table"]
