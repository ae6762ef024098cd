"""``advisor carry``: rate and batch size for a large run, from a table of small ones."""

from pathlib import Path

from advisor.errors import UsageError
from advisor.fits.carry import Size, carry
from advisor.fits.carry_laws import BATCH, RATE, RATE_AT_BATCH, TOTAL_DECAY
from advisor.fits.optimum import Optimum, best_of
from advisor.fits.types import Estimate, FitFailed
from advisor.logs.sweeps import read_sweeps
from advisor.rules.references import SOURCES
from advisor.schema.base import checked
from advisor.schema.carrying import CarryReport, SizeOptimum
from advisor.schema.finding import Source
from advisor.schema.responses import Estimate as Shown
from advisor.utils.numbers import number, rate

_FAR = 16.0
"""Largest factor in the data that the law was tested on with small regret (``benchmarks/carry.py``)."""


def carry_table(file: Path, data: float, parameters: float | None = None, keep_batch: bool = False) -> CarryReport:
    """Carries the best settings of each size in a table to a run on ``data`` examples or tokens.

    Args:
        file: A CSV table (``logs.sweeps``). With parameters, runs of all its model sizes count.
        data: Examples or tokens of the large run, in the unit of the table.
        parameters: Its model size; None takes the only one of the table.
        keep_batch: Whether the batch size of the largest runs is kept.

    Raises:
        UsageError: If the table is no such table, or nothing in it can be carried.
    """
    sweeps = read_sweeps(file)
    models = {size.model for size in sweeps}
    if parameters is None and len(models) > 1:
        raise UsageError("--parameters", f"{len(models)} model sizes in {file}", "name the size of the large run")
    known = models != {1.0}
    if parameters is not None and not known:
        raise UsageError("a table with parameters", f"no such column in {file}", "leave out --parameters")
    target = Size(data, next(iter(models), 1.0) if parameters is None else parameters)
    found = [(size, best_of(runs), len(runs)) for size, runs in sweeps.items()]
    optima = [(size, best) for size, best, _ in found if isinstance(best, Optimum)]
    answer = carry(optima, target, keep_batch=keep_batch)
    if isinstance(answer, FitFailed):
        raise UsageError("runs at a size from which settings can be carried", answer.reason, "add finished runs")
    kept = answer.batch.low == answer.batch.high
    laws = (RATE_AT_BATCH, TOTAL_DECAY) if kept else (RATE, BATCH, TOTAL_DECAY)
    ids = dict.fromkeys(
        name for law in laws for exponent in (law.over_data, law.over_model) for name in exponent.sources
    )
    report = CarryReport(
        table=str(file),
        sizes=tuple(
            SizeOptimum(
                data=size.data,
                parameters=size.model if known else None,
                runs=runs,
                rate=_shown(best.rate),
                batch_size=_shown(best.batch) if best.batch else None,
            )
            for size, best, runs in found
            if isinstance(best, Optimum)
        ),
        data=data,
        parameters=target.model if known else None,
        rate=_shown(answer.rate),
        batch_size=_shown(answer.batch),
        rate_over_data=_shown(answer.rate_over_data),
        batch_size_over_data=_shown(answer.batch_over_data),
        batch_size_kept=kept,
        notes=tuple(_notes(optima, target, kept)),
        sources=tuple(Source(**SOURCES[name].as_dict()) for name in [*ids, "CL-BETA2"]),
    )
    return checked(CarryReport, report)


def _shown(value: Estimate) -> Shown:
    return Shown(value=value.value, low=value.low, high=value.high)


def _notes(optima: list[tuple[Size, Optimum]], target: Size, kept: bool) -> list[str]:
    notes = ["weight decay: keep rate × decay × steps"]
    if not kept:
        notes.append("second beta: keep its half-life in examples, beta2 ** (new batch size / old batch size)")
    most = max(size.data for size, _ in optima)
    if target.data > _FAR * most:
        notes.append(
            f"{number(target.data / most, 2)} times the data of the largest runs, further than the law was tested: "
            "check it on a run of intermediate size"
        )
    if any(best.batch is None for _, best in optima):
        notes.append("fewer than three batch sizes at some size, so the batch size of the largest runs was kept")
    return notes


def lines(report: CarryReport) -> list[str]:
    """The report for the terminal."""
    rows = []
    for size in report.sizes:
        name = f"{number(size.data)} data" + (f", {number(size.parameters)} parameters" if size.parameters else "")
        batch = f", batch size {_whole(size.batch_size)}" if size.batch_size else ""
        rows.append(f"  {name}, {size.runs} runs: rate {_rate(size.rate)}{batch}")
    name = f"{number(report.data)} data" + (f", {number(report.parameters)} parameters" if report.parameters else "")
    kept = " (kept)" if report.batch_size_kept else ""
    return [
        "best settings of each size:",
        *rows,
        f"for {name}: rate {_rate(report.rate)}, batch size {_whole(report.batch_size)}{kept}",
        f"  rate as data ** {_exponent(report.rate_over_data)}"
        + ("" if report.batch_size_kept else f", batch size as data ** {_exponent(report.batch_size_over_data)}"),
        *(f"  {note}" for note in report.notes),
        *(f"  source {item.id}: {item.text}" for item in report.sources),
    ]


def _rate(value: Shown) -> str:
    return f"{rate(value.value)} ({rate(value.low or 0.0)} to {rate(value.high or 0.0)})"


def _whole(value: Shown) -> str:
    return f"{value.value:.0f} ({value.low:.0f} to {value.high:.0f})"


def _exponent(value: Shown) -> str:
    return f"{number(value.value, 2)} ({number(value.low, 2)} to {number(value.high, 2)})"
