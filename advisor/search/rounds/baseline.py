"""The user's present settings in the same short run: what is the whole change worth?"""

from advisor.config.schedule import stretched
from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import confirmed, noise_of, paired_with, shown
from advisor.evidence.round_name import RoundName
from advisor.records.spec import ProbeSpec
from advisor.search.rounds.base import close
from advisor.search.runner import Lab


def present_settings(evidence: Evidence, lab: Lab, length: float) -> ProbeSpec:
    """One run of the present settings, paired with the first seed."""
    current = evidence.current
    steps, full = (lab.steps(part, current.batch_size) for part in (length, 1.0))
    return ProbeSpec(
        kind="cycle",
        optimizer=current.optimizer,
        schedule=stretched(current.schedule, steps / full) if current.schedule else None,
        batch_size=current.batch_size,
        steps=steps,
        seed=lab.seed,
        eval_steps=(steps,),
        eval_examples=lab.eval_examples,
        clip_grad_norm=current.clip_grad_norm,
        amp=current.amp,
        task=lab.fingerprint,
        label="present settings",
    )


class ConfirmRound:
    """The configuration in use, as it is, at the length of the ladder."""

    name = RoundName.CONFIRM
    purpose = "your present settings in the same short run: what is the change worth?"
    typical = (1, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """One run of the present settings, paired with the first seed."""
        if evidence.of_round(self.name) or not evidence.current_given or not evidence.of_round(RoundName.LADDER):
            return []
        return [present_settings(evidence, lab, lab.short)]

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs it and compares."""
        return compare(evidence, lab, self.name, self.specs(evidence, lab))


class ConfirmLongRound:
    """The present settings once more, at the greatest affordable length that the search has run as well.

    Args:
        only_if_close: Whether it is run only where a short run could not part them.
    """

    name = RoundName.CONFIRM_LONG
    purpose = "present settings in the longest affordable run"
    typical = (0, 0.0)

    def __init__(self, only_if_close: bool) -> None:
        self.only_if_close = only_if_close

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """One run, if a longer one than before is affordable."""
        done = evidence.of_round(RoundName.CONFIRM)
        if not done or evidence.of_round(self.name):
            return []
        if self.only_if_close and not _close(evidence):
            return []
        lengths = sorted({arm.length for arm in paired_with(evidence, lab.seed)}, reverse=True)
        longer = [present_settings(evidence, lab, length) for length in lengths if length > 1.5 * done[0].length]
        return next(([spec] for spec in longer if lab.affordable([spec])), [])

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs it and compares."""
        return compare(evidence, lab, self.name, self.specs(evidence, lab))


def _close(evidence: Evidence) -> bool:
    pair = confirmed(evidence)
    return pair is not None and evidence.cost(pair[0]) - evidence.cost(pair[1]) <= 2.0 * noise_of(evidence)


def compare(evidence: Evidence, lab: Lab, name: RoundName, specs: list[ProbeSpec]) -> Evidence:
    """Runs the present settings and says what the advised ones reached at that length."""
    before = lab.full_runs
    arms = lab.run(name, specs)
    known = evidence.with_(arms=(*evidence.arms, *arms))
    pair = confirmed(known)
    outcome = "no run with the advised settings to compare with"
    if pair is not None:
        present, advised = (shown(known, known.cost(arm)) for arm in pair)
        outcome = f"present settings {present:.4g}, advised ones {advised:.4g}"
    return close(
        evidence,
        lab,
        arms,
        before,
        name=name,
        goal="see what the change is worth: present settings against advised ones",
        scientific="all settings together",
        nuisance="none",
        fixed="length of the run, seed, weights",
        outcome=outcome,
    )
