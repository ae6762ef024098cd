"""Figures of the report: one module each, all pure functions of the report."""

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
from advisor.schema.report import Report

__all__ = ["Figure", "figures"]
_MOST_RESPONSES = 16


def figures(report: Report) -> list[Figure]:
    """All figures of a report in reading order; those without data have a sentence instead of a drawing."""
    series = report.series
    knobs = {knob.name: knob for knob in report.knobs}
    goal, upwards = objective(report.objective), report.objective.higher_is_better
    level = report.prediction.level if report.prediction else None
    reach, rate = _advised_length(report), knobs.get("lr")
    result = []
    if series.comparison is not None:
        result.append(comparison_figure(report, series.comparison, goal, "fig-comparison"))
    result.append(range_figure(series, rate, "fig-range"))
    if series.rates is not None:
        result.append(rates_figure(series.rates, rate, reach, goal, "fig-rates", upwards))
    forecast = forecast_figure(series.forecast, reach, level, "fig-forecast")
    shown = {name for figure in (*result, forecast) for name in figure.shows}
    taken = {"fig-range", "fig-rates", "fig-both", "fig-batch", "fig-curves", "fig-forecast", "fig-comparison"}
    for response in series.responses[:_MOST_RESPONSES]:
        if f"response-{response.id}" not in shown:
            anchor = _unique(f"fig-response-{slug(response.id)}", taken)
            result.append(response_figure(response, knobs.get(response.knob), goal, anchor, upwards))
    if series.both is not None:
        result.append(both_figure(series.both, "fig-both"))
    if report.profile.batch is not None:
        result.append(batch_figure(report.profile, report.profile.batch, knobs.get("batch_size"), "fig-batch"))
    result.append(curves_figure(report, "fig-curves"))
    return [*result, forecast]


def _unique(name: str, taken: set[str]) -> str:
    candidate, again = name, 2
    while candidate in taken:
        candidate, again = f"{name}-{again}", again + 1
    taken.add(candidate)
    return candidate


def _advised_length(report: Report) -> float:
    """Recommended epochs as a share of the user's epochs."""
    advised, now = report.recommended, report.current
    return advised.epochs / now.epochs if advised and advised.epochs > 0 and now.epochs > 0 else 1.0
