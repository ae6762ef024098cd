"""The outcome of a comparison: variants with their paired differences to the first."""

import math
from dataclasses import dataclass, replace
from statistics import mean, stdev
from typing import Any

from advisor.app.run_dir import RunDir
from advisor.schema import comparison as schema
from advisor.schema.base import Facts, checked
from advisor.schema.comparison import CompareCost, ComparisonReport
from advisor.schema.responses import RatesAtLength
from advisor.utils.lazy_scipy import student_quantile

LEVEL = 0.98
"""Level of the interval that must exclude zero: at most one false alarm in fifty comparisons."""
PAGE = "compare.html"


@dataclass(frozen=True, slots=True)
class Variant:
    """One compared value.

    Attributes:
        value: The value as given.
        lr: Its own best rate, from its own ladder.
        losses: Objective for each fresh seed; infinity where it diverged.
        difference: Mean paired difference to the first variant (negative is better); NaN for the first.
        low: Lower end of its interval.
        high: Upper end.
        verdict: ``reference``, ``better``, ``worse``, ``no difference beyond the noise`` or ``fails``.
        rates: Its ladder; None if it was not run.
    """

    value: Any
    lr: float
    losses: tuple[float, ...]
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    verdict: str = "reference"
    rates: RatesAtLength | None = None

    def as_part(self) -> schema.Variant:
        """The variant as in compare.json."""
        fields = {name: getattr(self, name) for name in Variant.__dataclass_fields__}
        return checked(schema.Variant, fields)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome of a comparison.

    Attributes:
        name: Name of the varied argument or setting.
        variants: In the order given; the first is the reference.
        length: Length of the probes, as a fraction of a full run.
        fixed: What was held fixed, in words.
        objective: Name of the objective.
        full_runs: Cost in full runs.
        folder: Folder of compare.json.
        provenance: Task, versions, device and command.
    """

    name: str
    variants: tuple[Variant, ...]
    length: float
    fixed: str
    objective: str
    full_runs: float
    folder: RunDir
    provenance: Facts

    @property
    def report(self) -> ComparisonReport:
        """The comparison as in compare.json."""
        return ComparisonReport(
            name=self.folder.path.parent.name,
            run=self.folder.path.name,
            varied=self.name,
            variants=tuple(variant.as_part() for variant in self.variants),
            length=self.length,
            fixed=self.fixed,
            objective=self.objective,
            level=LEVEL,
            cost=CompareCost(full_runs=self.full_runs),
            provenance=self.provenance,
        )

    def lines(self) -> list[str]:
        """The result as plain text."""
        out = [f"{self.name}: {self.objective} after {self.length:.2g} of a full run, each at its own best rate"]
        for variant in self.variants:
            finite = [loss for loss in variant.losses if math.isfinite(loss)]
            shown = f"{mean(finite):.4g}" if finite else "diverged"
            told = variant.verdict
            if math.isfinite(variant.difference):
                told += f" ({variant.difference:+.3g}, {variant.low:+.3g} to {variant.high:+.3g})"
            out.append(f"  {variant.value!s:<12} lr {variant.lr:<8.2g} {shown:<10} {told}")
        page = self.folder.path / PAGE
        return [*out, f"  fixed: {self.fixed}", f"  cost {self.full_runs:.2f} full runs; {page}"]


def judged(reference: Variant, variant: Variant) -> Variant:
    """Adds the paired difference to the reference: Student's t over seeds at ``LEVEL``.

    Positive losses are compared as logarithms, because losses of short runs vary in proportion to their size; the
    interval is converted back to the loss's unit at the reference's geometric mean.
    """
    if not all(map(math.isfinite, variant.losses)):
        return replace(variant, verdict="fails")
    if not all(map(math.isfinite, reference.losses)):
        return replace(variant, verdict="better")
    positive = min(*variant.losses, *reference.losses) > 0
    told = math.log if positive else float
    pairs = [told(mine) - told(other) for mine, other in zip(variant.losses, reference.losses, strict=True)]
    centre, spread = mean(pairs), stdev(pairs) / math.sqrt(len(pairs))
    half = student_quantile((1 + LEVEL) / 2, len(pairs) - 1) * spread
    low, high = centre - half, centre + half
    verdict = "better" if high < 0 else "worse" if low > 0 else "no difference beyond the noise"
    if positive:
        unit = math.exp(mean(math.log(loss) for loss in reference.losses))
        centre, low, high = (unit * math.expm1(value) for value in (centre, low, high))
    return replace(variant, difference=centre, low=low, high=high, verdict=verdict)
