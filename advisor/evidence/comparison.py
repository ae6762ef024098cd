"""The recommended and the current settings compared seed by seed, in the longest runs on all data."""

import math
from dataclasses import dataclass
from statistics import mean, stdev

from advisor.evidence.evidence import Arm, Evidence
from advisor.evidence.learned import tells
from advisor.evidence.queries import is_as_long
from advisor.evidence.round_name import RoundName

_COLLAPSED = 2.0
_EITHER = 0.5
_LONG = 0.24
SEEDS = 2
"""Seeds of the pairs that decide on second-order settings."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Costs (objective, lower is better) of both, infinite where a run failed.

    Attributes:
        current: Cost of the current settings, by seed.
        advised: Cost of the recommended settings, by seed.
        length: Length of the current settings' runs, as a fraction of the full run.
    """

    current: dict[int, float]
    advised: dict[int, float]
    length: float

    @property
    def failed(self) -> bool:
        """Whether a run with the recommended settings failed, or fell far behind the others, under some seed."""
        losses = list(self.advised.values())
        if not all(map(math.isfinite, losses)):
            return True
        best, worst = min(losses), max(losses)
        known = [loss for loss in self.current.values() if math.isfinite(loss)]
        if known and worst <= min(known):
            return False
        return best > 0 and worst > _COLLAPSED * best

    @property
    def gain(self) -> float:
        """Mean reduction of the cost by the recommended settings, over the seeds that both have."""
        both = [seed for seed in self.advised if seed in self.current]
        if not both:
            return mean(self.current.values()) - mean(self.advised.values()) if self.current else math.nan
        return mean(self.current[seed] - self.advised[seed] for seed in both)

    @property
    def spread(self) -> float:
        """Standard error of the gain over seeds; NaN if either has fewer than two."""
        groups = [[x for x in runs.values() if math.isfinite(x)] for runs in (self.current, self.advised)]
        errors = [stdev(group) ** 2 / len(group) for group in groups if len(group) > 1]
        return math.sqrt(sum(errors)) if errors else math.nan

    def holds(self, noise: float) -> bool:
        """Whether the recommended settings are better than the current ones by more than the uncertainty."""
        if not self.current:
            return not self.failed
        if not any(map(math.isfinite, self.current.values())):
            return not self.failed
        doubt = self.spread if math.isfinite(self.spread) else noise
        return not self.failed and self.gain > _EITHER * (doubt if math.isfinite(doubt) else 0.0)


def long_pairs(evidence: Evidence) -> list[Arm]:
    """Runs of the recommended settings under two seeds, a quarter of the run or longer; empty if there are none."""
    arms = check_arms(evidence)
    return arms[:SEEDS] if len(arms) >= SEEDS and arms[0].length >= _LONG else []


def check_arms(evidence: Evidence) -> list[Arm]:
    """Runs of the recommended settings in their current form: the last rate that was checked."""
    arms = [arm for arm in evidence.of_round(RoundName.CHECK) if arm.trace.status != "failed"]
    if not arms:
        return []
    longest = max(arm.length if not arm.trace.diverged else _asked(evidence, arm) for arm in arms)
    long = [arm for arm in arms if _asked(evidence, arm) > 0.9 * longest]
    return [arm for arm in long if arm.spec.lr == long[-1].spec.lr]


def _asked(evidence: Evidence, arm: Arm) -> float:
    return arm.spec.train_examples / evidence.full_run_examples


def comparison(evidence: Evidence) -> Comparison | None:
    """The longest comparison on all data; None if there is none, or if it was too short for either to learn."""
    current = evidence.of_round(RoundName.CONFIRM_LONG)
    advised = check_arms(evidence)
    if not advised:
        return None
    broke = any(arm.trace.diverged for arm in advised)
    if not broke and not tells(evidence, (*current, *advised)):
        return None
    return Comparison(
        {arm.spec.seed: evidence.cost(arm) for arm in current},
        {arm.spec.seed: evidence.cost(arm) for arm in advised},
        max((_asked(evidence, arm) for arm in current), default=_asked(evidence, advised[0])),
    )


def confirmed(evidence: Evidence) -> tuple[Arm, Arm] | None:
    """The current settings and the best run of the search with the same data, length and seed; the longest such pair.

    Runs on all data take precedence over copies, and pairs in which one learned something over those in which none did.
    """
    pairs = []
    for present in sorted(evidence.present_arms, key=lambda arm: (arm.spec.is_copy, -arm.length)):
        same = [
            arm
            for arm in evidence.cycles
            if math.isfinite(evidence.cost(arm))
            and (arm.spec.seed, arm.spec.data_share) == (present.spec.seed, present.spec.data_share)
            and is_as_long(arm, present.length)
        ]
        if same:
            pairs.append((present, min(same, key=evidence.cost)))
    return next((pair for pair in pairs if tells(evidence, pair)), pairs[0] if pairs else None)
