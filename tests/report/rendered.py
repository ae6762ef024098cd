"""Renderings of a report in plain JSON; equal reports are rendered once."""

import json
from functools import cache
from typing import Any

from advisor.report.figures import Figure, figures
from advisor.report.html import render
from advisor.report.summary import lines
from advisor.schema.files import report_from


def page_of(report: dict[str, Any]) -> str:
    """The HTML page of a report in plain JSON; equal reports are drawn once."""
    return _page_of(json.dumps(report))


@cache
def _page_of(text: str) -> str:
    return render(report_from(json.loads(text)))


def figures_of(report: dict[str, Any]) -> list[Figure]:
    """Its figures; those of equal reports are drawn once."""
    return list(_figures_of(json.dumps(report)))


@cache
def _figures_of(text: str) -> tuple[Figure, ...]:
    return tuple(figures(report_from(json.loads(text))))


def lines_of(report: dict[str, Any], width: int = 80, **paths: str) -> list[str]:
    """Its lines in the terminal."""
    return lines(report_from(report), width, **paths)
