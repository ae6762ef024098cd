"""The exception that ends a run after a fault."""

from advisor.schema.finding import Finding


class StopTraining(Exception):
    """Raised once by ``Watch.step`` and ``Watch.validation`` under ``stop_on="fault"``, when a fault is reported.

    It leaves the training loop like any other exception; catch it around the ``with`` block to continue afterwards.

    Attributes:
        finding: The fault.
        step: The step at which it was reported.
        hint: Which checkpoint to keep; empty if unknown.
    """

    def __init__(self, finding: Finding, step: int, hint: str) -> None:
        rest = f"; {hint}" if hint else ""
        super().__init__(
            f"step {step}: {finding.code} {finding.title}: {finding.evidence.text}. {finding.advice}{rest}"
        )
        self.finding, self.step, self.hint = finding, step, hint
