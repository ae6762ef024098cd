"""Logs written for a test, as the readers of logs take them."""

from tests.logs.conftest import codes, events, make, nan, shapes, table

__all__ = ["codes", "events", "make", "nan", "shapes", "table"]
