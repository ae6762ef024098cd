"""What a rule over a recorded run is. Codes mean what they mean in ``advisor.rules``; what is read differs."""

from abc import abstractmethod

from advisor.logs.evidence import RunEvidence
from advisor.rules.base import Described
from advisor.rules.finding import Finding, Judgement, not_applicable

_WORDS = {
    "train": "training loss",
    "val": "validation loss",
    "metric": "validation metric such as accuracy",
    "lr": "learning rate",
}


class RunRule(Described):
    """Base of the rules over recorded runs.

    ``requires`` names curves that must be there with four points or more (``train``, ``val``, ``metric``) or ``lr``.
    """

    @abstractmethod
    def check(self, evidence: RunEvidence) -> Judgement:
        """Judges a run that has everything in ``requires``."""

    def read(self, evidence: RunEvidence) -> Finding:
        """What the rule finds in a run."""
        missing = [name for name in self.requires if not evidence.has(name)]
        if missing:
            return self.finding(not_applicable(f"needs at least four values of a {_WORDS[missing[0]]}"))
        return self.finding(self.check(evidence))
