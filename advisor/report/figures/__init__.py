"""Figures of the report: one module each, all pure functions of report.json's series."""

from typing import Any

from advisor.report.figures.base import Figure
from advisor.report.figures.batch import batch_figure
from advisor.report.figures.both import both_figure
from advisor.report.figures.comparison import comparison_figure
from advisor.report.figures.curves import curves_figure
from advisor.report.figures.forecast import forecast_figure
from advisor.report.figures.ranges import range_figure
from advisor.report.figures.rates import rates_figure
from advisor.report.figures.responses import response_figure
from advisor.report.formatting import objective, slug
from advisor.report.lenient import finite, mapping, mappings

__all__ = ["Figure", "figures"]
_MOST_RESPONSES = 16


def figures(report: dict[str, Any]) -> list[Figure]:
    """Every figure of a report in reading order; those without data carry a sentence instead of a drawing."""
    series = mapping(report.get("series"))
    knobs = {str(knob.get("name")): knob for knob in mappings(report.get("knobs"))}
    goal, upwards = objective(report), mapping(report.get("objective")).get("higher_is_better") is True
    level = finite(mapping(report.get("prediction")).get("level"))
    reach, rate = _advised_length(report), knobs.get("lr", {})
    result = [
        *([comparison_figure(report, goal, "fig-comparison")] if series.get("comparison") else []),
        range_figure(series, finite(rate.get("recommended")), "fig-range"),
        *([rates_figure(series, rate, reach, goal, "fig-rates", upwards)] if series.get("rates") else []),
    ]
    forecast = forecast_figure(series, reach, level, "fig-forecast")
    shown = {name for figure in (*result, forecast) for name in figure.shows}
    taken = {"fig-range", "fig-rates", "fig-both", "fig-batch", "fig-curves", "fig-forecast", "fig-comparison"}
    for response in mappings(series.get("responses"))[:_MOST_RESPONSES]:
        if f"response-{response.get('id')}" in shown:
            continue
        anchor = _unique(f"fig-response-{slug(response.get('id'))}", taken)
        result.append(response_figure(response, knobs.get(str(response.get("knob")), {}), goal, anchor, upwards))
    if series.get("both"):
        result.append(both_figure(series, "fig-both"))
    if mapping(report.get("profile")).get("batch"):
        result.append(batch_figure(report, knobs.get("batch_size", {}), "fig-batch"))
    result.append(curves_figure(report, "fig-curves"))
    return [*result, forecast]


def _unique(name: str, taken: set[str]) -> str:
    candidate, again = name, 2
    while candidate in taken:
        candidate, again = f"{name}-{again}", again + 1
    taken.add(candidate)
    return candidate


def _advised_length(report: dict[str, Any]) -> float:
    """Epochs advised as a share of the user's epochs."""
    advised = finite(mapping(report.get("recommended")).get("epochs"))
    now = finite(mapping(report.get("current")).get("epochs"))
    return advised / now if advised and now and advised > 0 and now > 0 else 1.0
