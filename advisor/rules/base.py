"""What a rule is: one class for each code, with a check on probes, on logs, on a run that runs, or on several."""

import inspect
from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.logs.evidence import RunEvidence
from advisor.records.vitals import Vitals
from advisor.rules.finding import Confidence, Finding, Judgement, Severity, Verdict

CurveName = Literal["train", "val", "metric", "lr"]
WhileRunning = Literal["any_time", "level_rate", "at_the_end"]


class Rule(ABC):
    """What every rule declares. A rule derives from one or several of ``ProbeRule``, ``LogRule`` and ``LiveRule``.

    Attributes:
        code: Never reused, e.g. ``LR003``.
        title: One line for the verdict "detected".
        passed: One line for the verdict "not detected".
        neutral: The question in one line, for a finding that is inconclusive or not applicable; it claims nothing.
        severity: ``fault`` (training is broken), ``advice`` (a setting to change), ``info``.
        confidence: How far the heuristic itself can be trusted, from its sources and our own measurements.
        sources: Heuristic ids of ``advisor.rules.references``.
        counterevidence: What would change our mind.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    passed: ClassVar[str]
    neutral: ClassVar[str]
    severity: ClassVar[Severity]
    confidence: ClassVar[Confidence]
    sources: ClassVar[tuple[str, ...]]
    counterevidence: ClassVar[str]

    @property
    def family(self) -> str:
        """The letters of the code."""
        return self.code.rstrip("0123456789")

    @property
    def manual(self) -> str:
        """The docstring without its indentation, as ``advisor rule`` prints it."""
        return inspect.cleandoc(type(self).__doc__ or "No manual.")

    def title_for(self, verdict: Verdict) -> str:
        """The title that a finding with this verdict carries."""
        return {Verdict.DETECTED: self.title, Verdict.NOT_DETECTED: self.passed}.get(verdict, self.neutral)

    def finding(self, judgement: Judgement) -> Finding:
        """A judgement with everything a reader needs beside it."""
        return Finding(
            code=self.code,
            family=self.family,
            title=self.title_for(judgement.verdict),
            neutral=self.neutral,
            severity=self.severity,
            confidence=judgement.confidence or self.confidence,
            judgement=judgement,
            counterevidence=self.counterevidence,
            sources=self.sources,
        )


class ProbeRule(Rule):
    """A rule that judges the probes of a diagnosis.

    Attributes:
        requires: Rounds that must have been run. Until then the engine answers "inconclusive" and requests the first
            that is missing.
    """

    requires: ClassVar[tuple[RoundName, ...]] = ()

    @abstractmethod
    def check(self, evidence: Evidence) -> Judgement:
        """Judges what was measured. Called only when every round in ``requires`` was run."""


class LogRule(Rule):
    """A rule that judges a recorded run.

    Attributes:
        requires_curves: Curves that must be there with four values or more (``train``, ``val``, ``metric``), or ``lr``.
            Without them the engine answers "not applicable".
        while_running: When the same check means something on a run that is not over: at any time, where no scheduler
            changes the rate, or only at the end.
    """

    requires_curves: ClassVar[tuple[CurveName, ...]] = ()
    while_running: ClassVar[WhileRunning] = "at_the_end"

    @abstractmethod
    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Judges a run that has every curve in ``requires_curves``."""


class LiveRule(Rule):
    """A rule with a check of its own for a run that runs: what its log will not hold, or a part of a run misleads."""

    @abstractmethod
    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Judges a run as far as it has come; ``evidence`` may lack every curve."""
