"""MO004."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, not_applicable, not_detected

_LOW, _HIGH = 0.9, 0.99


class MomentumLowAtConstantRate(ProbeRule):
    """The rate is constant, so momentum should be constant as well, between 0.9 and 0.99.

    ## What it reads
    The current schedule and momentum of an SGD-like optimizer.

    ## Why it matters
    Without a cycle there is nothing to vary momentum against; a large constant value does about as well, and below 0.9
    training is slower without a gain.

    ## Sources
    S-M1 compares constants from 0.9 to 0.99; S-M4 finds the best constant about as good as a cycle.

    ## Known limits
    Judged by the settings, not by a run: which value trains best is MO002's question.
    """

    code = "MO004"
    title = "Momentum is unusual for a constant rate"
    passed = "Momentum is constant and between 0.9 and 0.99, as suits a constant rate"
    neutral = "Momentum under a constant rate"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.PREFLIGHT,)
    sources = ("S-M1", "S-M4")
    counterevidence = "short runs at another momentum that do no better (MO002)"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for a constant rate with a momentum outside 0.9 to 0.99."""
        if evidence.current.schedule is not None or not evidence.current_given:
            return not_applicable("the rate in use is not constant, or no settings were given")
        momentum = evidence.current_settings.momentum
        if momentum is None:
            return not_applicable("the optimizer has no momentum")
        values = {"momentum": momentum}
        if _LOW <= momentum <= _HIGH:
            return not_detected(f"constant rate, momentum {momentum:g}", values=values)
        return detected(f"constant rate, momentum {momentum:g}: outside {_LOW:g} to {_HIGH:g}", values=values)
