"""EX006."""

import math

from advisor.evidence.comparison import Comparison, comparison, confirmed
from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import learned, tells
from advisor.evidence.queries import noise_of, objective_text, shown, was_run
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Confidence, Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, share

_SURE = 0.24
_LEAST = 0.01
"""Relative gain of the objective that counts on one copy, under one seed."""


class PresentSettingsAsGood(ProbeRule):
    """The settings in use do as well as the recommended ones in the same run.

    ## What it reads
    The settings in use, unmodified, and the recommended ones, on all data, of one length, under the same seeds:
    the longest such comparison within the budget. If there is none, both on one copy of the run.

    ## Why it matters
    A change is worthwhile only if it improves the result by more than the noise between seeds. If it
    does not, or fails under a seed, the rate is lowered and measured again; if that does not hold either, the advice is
    to keep the current settings, and they are written to the config.

    ## Sources
    P-VAR adopts a change only beyond the variance between trials; S-D4 lets short runs stand for long ones.

    ## Known limits
    In a run that is much shorter than the full one a constant rate is cut short while a cycle is completed, which
    favours the cycle. Settings that only pay off late in a long run are judged too early.
    """

    code = "EX006"
    title = "Your current settings do as well in the same run"
    passed = "The advised settings beat the current ones in the same run"
    neutral = "Advised against current settings in the same run"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.CONFIRM,)
    sources = ("P-VAR", "S-D4")
    counterevidence = "a comparison of both at full length, under several seeds"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected, with the current settings kept, if the recommendation did not hold."""
        if not evidence.current_given:
            return not_applicable("the file has no settings to compare with")
        if not tells(evidence):
            if learned(evidence, list(evidence.present_arms)):
                return detected(
                    "no copy of the run clearly learned more than a constant prediction; given the time, the settings "
                    "in use do",
                    keep_current=True,
                    advice="Keep your settings: short runs cannot distinguish other settings on this task.",
                )
            return inconclusive(
                "nothing that was affordable learned more than a constant prediction, so that no setting is better "
                "than another; a larger --budget would tell",
                keep_current=True,
                requests_round=None if was_run(evidence, RoundName.CONFIRM_LONG) else RoundName.CONFIRM_LONG,
            )
        found = comparison(evidence)
        if found is None or not found.current:
            return _on_copies(evidence)
        doubt = found.spread if math.isfinite(found.spread) else noise_of(evidence)
        values = {
            "present": [shown(evidence, loss) for loss in found.current.values()],
            "advised": [shown(evidence, loss) for loss in found.advised.values()],
            "gain": found.gain, "spread": doubt, "length": found.length, "steps_down": evidence.steps_down,
        }  # fmt: skip
        text = (
            f"{objective_text(evidence)} after {share(found.length)}: current settings {_said(evidence, found.current)}"
            f", advised {_said(evidence, found.advised)}"
        )
        if math.isfinite(found.gain):
            text += f", a gain of {number(found.gain)}" + (f" (± {number(doubt)})" if doubt > 0 else "")
        sure: Confidence = "high" if found.length >= _SURE else "medium"
        if not evidence.keep:
            return not_detected(text, values=values, confidence=sure)
        return detected(f"{text}: {_why(found)}", values=values, confidence=sure, keep_current=True,
            advice="Keep your settings: no change improves on them beyond the noise.")  # fmt: skip


def _why(found: Comparison) -> str:
    return "the advised ones fail under a seed" if found.failed else "not better beyond the uncertainty"


def _said(evidence: Evidence, losses: dict[int, float]) -> str:
    return ", ".join("failed" if not math.isfinite(x) else number(shown(evidence, x)) for x in losses.values())


def _on_copies(evidence: Evidence) -> Judgement:
    """The comparison on copies, if none on all data was affordable."""
    requested = None if was_run(evidence, RoundName.CONFIRM_LONG) else RoundName.CONFIRM_LONG
    pair = confirmed(evidence)
    if pair is None:
        return inconclusive(
            "no run with the advised settings under that seed and of that length", requests_round=requested
        )
    present, advised = (evidence.cost(arm) for arm in pair)
    gain = present - advised
    values = {"present": shown(evidence, present), "advised": shown(evidence, advised), "gain": gain,
              "length": pair[0].length, "noise": evidence.noise}  # fmt: skip
    said = "diverged" if not math.isfinite(present) else number(shown(evidence, present))
    text = (
        f"{objective_text(evidence)} on one copy of the run ({share(pair[0].length)}): current settings {said}, best "
        f"rate {number(shown(evidence, advised))}"
    )
    if gain > max(noise_of(evidence), _LEAST * abs(present)) or not math.isfinite(present):
        return not_detected(text, values=values, confidence="low", requests_round=requested)
    return detected(f"{text}: no better", values=values, confidence="low", requests_round=requested, keep_current=True,
        advice="Keep your settings: no change improves on them.")  # fmt: skip
