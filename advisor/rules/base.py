"""What a rule is. One rule a file, named after the fault it finds; its docstring is its manual."""

import inspect
from abc import ABC, abstractmethod
from typing import ClassVar

from advisor.evidence.evidence import Evidence
from advisor.rules.finding import Confidence, Finding, Judgement, Severity


class Described(ABC):
    """What every rule says of itself, whatever it reads.

    Attributes:
        code: Never reused, e.g. ``LR003``.
        title: The state in one line when it is detected.
        passed: The state in one line when it is not.
        severity: ``fault`` (training is broken or misled), ``advice`` (a setting to change), ``info``.
        confidence: How far the heuristic itself can be trusted, from its sources and our own measurements.
        requires: What must be there before the rule is asked.
        sources: Heuristic ids of ``advisor.rules.references``.
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

    @property
    def family(self) -> str:
        """The letters of the code."""
        return self.code.rstrip("0123456789")

    @property
    def manual(self) -> str:
        """The docstring without its indentation, as ``advisor rule`` prints it."""
        return inspect.cleandoc(type(self).__doc__ or "No manual.")

    def finding(self, judgement: Judgement) -> Finding:
        """A judgement with everything a reader needs beside it."""
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


class Rule(Described):
    """Base of the rules over probes.

    ``requires`` names rounds that must have run (``preflight`` or names in ``advisor.search.rounds``); until then the
    engine answers "cannot tell" and asks for the first that is missing.
    """

    @abstractmethod
    def check(self, evidence: Evidence) -> Judgement:
        """Judges what was measured. Called only when everything in ``requires`` is there."""
