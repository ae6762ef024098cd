"""What a rule over a recorded run is. Codes mean what they mean in ``advisor.rules``; what is read differs."""

from abc import ABC, abstractmethod
from typing import ClassVar

from advisor.read.evidence import RunEvidence
from advisor.rules.finding import Confidence, Finding, Judgement, Severity, not_applicable

_WORDS = {
    "train": "training loss",
    "val": "validation loss",
    "metric": "validation metric such as accuracy",
    "lr": "learning rate",
}


class RunRule(ABC):
    """Base of the rules over recorded runs.

    Attributes:
        code: The code of the catalogue.
        title: The state in one line when it is detected.
        passed: The state in one line when it is not.
        severity: ``fault``, ``advice`` or ``info``.
        confidence: How far the heuristic can be trusted.
        requires: Curves that must be there with four points or more (``train``, ``val``, ``metric``) or ``lr``.
        sources: Heuristic ids of ``advisor.rules.sources`` or ``advisor.read.rules.sources``.
        doubt: What would change our mind.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    passed: ClassVar[str]
    severity: ClassVar[Severity]
    confidence: ClassVar[Confidence]
    requires: ClassVar[tuple[str, ...]]
    sources: ClassVar[tuple[str, ...]]
    doubt: ClassVar[str]

    @abstractmethod
    def check(self, evidence: RunEvidence) -> Judgement:
        """Judges a run that has everything in ``requires``."""

    @property
    def family(self) -> str:
        """The letters of the code."""
        return self.code.rstrip("0123456789")

    def finding(self, evidence: RunEvidence) -> Finding:
        """The judgement with everything a reader needs beside it."""
        missing = [name for name in self.requires if not evidence.has(name)]
        if missing:
            judgement = not_applicable(f"needs at least four values of a {_WORDS[missing[0]]}")
        else:
            judgement = self.check(evidence)
        return Finding(
            code=self.code,
            family=self.family,
            title=self.title if judgement.verdict == "detected" else self.passed,
            severity=self.severity,
            confidence=judgement.confidence or self.confidence,
            judgement=judgement,
            doubt=self.doubt,
            sources=self.sources,
        )
