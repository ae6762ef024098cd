"""EX006."""

import math

from advisor.evidence.comparison import Comparison, comparison
from advisor.evidence.evidence import Evidence
from advisor.evidence.learned import learned, tells
from advisor.evidence.queries import confirmed, noise_of, objective_text, shown, was_run
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Confidence, Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, share

_SURE = 0.24
_LEAST = 0.01
"""Part of the objective that a gain on one copy, under one seed, must be at least."""


class PresentSettingsAsGood(ProbeRule):
    """The settings in use do as well as the advised ones in the same run.

    ## What it reads
    The settings in use, exactly as they are, and the advised ones, on all data, of one length, under the same seeds:
    the longest such comparison that the budget paid for. Where none could be paid for, both on one copy of the run.

    ## Why it matters
    A change is worth its trouble only if it does better than what is there, by more than the seed does. Where it
    does not, or fails under a seed, the rate is lowered and measured again; if that does not hold either, the advice is
    to keep what you have, and the config that is written is the present one.

    ## Sources
    P-VAR adopts a change only beyond the variance between trials; S-D4 lets short runs speak for long ones.

    ## Known limits
    In a run that is much shorter than the full one a constant rate is cut short while a cycle is run to its end, which
    favours the cycle. Settings that only pay late in a long run are judged too early.
    """

    code = "EX006"
    title = "Your present settings do as well in the same run"
    passed = "The advised settings beat the present ones in the same run"
    neutral = "Advised against current settings in the same run"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.CONFIRM,)
    sources = ("P-VAR", "S-D4")
    counterevidence = "a comparison of both at full length, under several seeds"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected, and kept, where what is advised did not hold."""
        if not evidence.current_given:
            return not_applicable("the file has no settings to compare with")
        if not tells(evidence):
            if learned(evidence, list(evidence.present_arms)):
                return detected(
                    "no copy of the run clearly learned more than a constant prediction; given the time, the settings "
                    "in use do",
                    keep_current=True,
                    advice="Keep what you have: short runs cannot tell other settings apart on this task.",
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
            f"{objective_text(evidence)} after {share(found.length)}: present settings {_said(evidence, found.current)}"
            f", advised {_said(evidence, found.advised)}"
        )
        if math.isfinite(found.gain):
            text += f", a gain of {number(found.gain)}" + (f" (give or take {number(doubt)})" if doubt > 0 else "")
        sure: Confidence = "high" if found.length >= _SURE else "medium"
        if not evidence.keep:
            return not_detected(text, values=values, confidence=sure)
        return detected(f"{text}: {_why(found)}", values=values, confidence=sure, keep_current=True,
            advice="Keep what you have: no change is shown to do better than the noise.")  # fmt: skip


def _why(found: Comparison) -> str:
    return "the advised ones fail under a seed" if found.failed else "no better than what is not sure"


def _said(evidence: Evidence, losses: dict[int, float]) -> str:
    return ", ".join("failed" if not math.isfinite(x) else number(shown(evidence, x)) for x in losses.values())


def _on_copies(evidence: Evidence) -> Judgement:
    """What the copies say, where no comparison on all data could be paid for."""
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
        f"{objective_text(evidence)} on one copy of the run ({share(pair[0].length)}): present settings {said}, best "
        f"rate {number(shown(evidence, advised))}"
    )
    if gain > max(noise_of(evidence), _LEAST * abs(present)) or not math.isfinite(present):
        return not_detected(text, values=values, confidence="low", requests_round=requested)
    return detected(f"{text}: no better", values=values, confidence="low", requests_round=requested, keep_current=True,
        advice="Keep what you have: no change is shown to do better.")  # fmt: skip
