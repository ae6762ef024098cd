"""Base classes of rules: one class per code, with checks on probes, on logs, or on a run in progress."""

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
    """Declarations common to all rules. A rule derives from one or several of ``ProbeRule``, ``LogRule``, ``LiveRule``.

    Attributes:
        code: Never reused, e.g. ``LR003``.
        title: One line for the verdict "detected".
        passed: One line for the verdict "not detected".
        neutral: The question in one line, for inconclusive and not applicable findings; it claims nothing.
        severity: ``fault`` (training is broken), ``advice`` (a setting to change), ``info``.
        confidence: Reliability of the heuristic itself, from its sources and our own measurements.
        sources: Heuristic ids of ``advisor.rules.references``.
        counterevidence: What would change the verdict.
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
        """The title for a verdict."""
        return {Verdict.DETECTED: self.title, Verdict.NOT_DETECTED: self.passed}.get(verdict, self.neutral)

    def finding(self, judgement: Judgement) -> Finding:
        """Combines a judgement with the rule's declarations."""
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
        requires: Rounds that must have been run. Otherwise the engine answers "inconclusive" and requests the first
            missing one.
    """

    requires: ClassVar[tuple[RoundName, ...]] = ()

    @abstractmethod
    def check(self, evidence: Evidence) -> Judgement:
        """Judges the evidence. Called only if all rounds in ``requires`` were run."""


class LogRule(Rule):
    """A rule that judges a recorded run.

    Attributes:
        requires_curves: Curves that must have at least four values (``train``, ``val``, ``metric``), or ``lr``.
            Otherwise the engine answers "not applicable".
        while_running: When the check is valid on a run in progress: always, if no scheduler
            changes the rate, or only at the end.
    """

    requires_curves: ClassVar[tuple[CurveName, ...]] = ()
    while_running: ClassVar[WhileRunning] = "at_the_end"

    @abstractmethod
    def check_log(self, evidence: RunEvidence) -> Judgement:
        """Judges a run that has all curves in ``requires_curves``."""


class LiveRule(Rule):
    """A rule with a separate check for a run in progress, on data that logs lack or where a partial run misleads."""

    @abstractmethod
    def check_live(self, evidence: RunEvidence, vitals: Vitals) -> Judgement:
        """Judges a run in progress; ``evidence`` may lack every curve."""
