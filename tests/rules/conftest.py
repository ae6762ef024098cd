"""Curves with a known truth, as the readers of logs make them."""

from tests.logs.conftest import codes, events, make, nan, shapes, table

__all__ = ["codes", "events", "make", "nan", "shapes", "table"]
