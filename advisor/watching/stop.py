"""How a run is ended by a fault."""

from advisor.schema.finding import Finding


class StopTraining(Exception):
    """Raised by ``Watch.step`` and ``Watch.validation`` under ``stop_on="fault"``, once, when a fault was said.

    It leaves the training loop like any other exception; catch it around the ``with`` block to go on after it.

    Attributes:
        finding: The fault.
        step: The step at which it was said.
        hint: Which weights to keep; empty if nothing is known.
    """

    def __init__(self, finding: Finding, step: int, hint: str) -> None:
        rest = f"; {hint}" if hint else ""
        super().__init__(
            f"step {step}: {finding.code} {finding.title}: {finding.evidence.text}. {finding.advice}{rest}"
        )
        self.finding, self.step, self.hint = finding, step, hint
