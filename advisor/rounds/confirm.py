"""The user's present settings in the same short run: what is the whole change worth?"""

from advisor.lab import Lab
from advisor.probes.spec import ProbeSpec
from advisor.rounds.base import close
from advisor.rules.evidence import Evidence
from advisor.rules.reading import CONFIRM, confirmed, shown


class ConfirmRound:
    """The configuration in use, as it is, at the length of the ladder."""

    name = CONFIRM
    purpose = "your present settings in the same short run: what is the change worth?"
    typical = (1, 1 / 16)

    def specs(self, evidence: Evidence, lab: Lab) -> list[ProbeSpec]:
        """One run of the present settings, paired with the first seed."""
        if evidence.of_round(self.name) or not evidence.current_given or not evidence.of_round("ladder"):
            return []
        current = evidence.current
        steps = lab.steps(lab.short, current.batch_size)
        return [
            ProbeSpec(
                kind="cycle",
                optimizer=current.optimizer,
                schedule=current.schedule,
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
        ]

    def run(self, evidence: Evidence, lab: Lab) -> Evidence:
        """Runs it and compares."""
        before = lab.full_runs
        arms = lab.run(self.name, self.specs(evidence, lab))
        known = evidence.with_(arms=(*evidence.arms, *arms))
        pair = confirmed(known)
        outcome = "no short run with the advised settings to compare with"
        if pair is not None:
            present, advised = (shown(known, known.cost(arm)) for arm in pair)
            outcome = f"present settings {present:.4g}, advised ones {advised:.4g}"
        return close(
            evidence,
            lab,
            arms,
            before,
            name=self.name,
            goal="see what the change is worth: present settings against advised ones",
            scientific="all settings together",
            nuisance="none",
            fixed="length of the run, seed, weights",
            outcome=outcome,
        )
