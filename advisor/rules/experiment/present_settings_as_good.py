"""EX006."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import confirmed, noise_of, objective_text, shown, start_loss
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Confidence, Judgement, detected, inconclusive, not_applicable, not_detected
from advisor.utils.numbers import number, share

_SIGMAS = 2.0
_LEARNED = 4.0
_Z80 = 1.2816


class PresentSettingsAsGood(ProbeRule):
    """The settings in use do as well as the advised ones in the same run.

    ## What it reads
    The settings in use, exactly as they are, and the best run with the advised batch size; same length, same seed,
    same initial weights, same number of examples. Where a short run cannot part them, a longer one decides.

    ## Why it matters
    A change is worth its trouble only if it does better than what is there, by more than the seed does. Where it
    does not, the advice is to keep what you have, and the config that is written is the present one.

    ## Sources
    P-VAR adopts a change only beyond the variance between trials; S-D4 lets short runs speak for long ones.

    ## Known limits
    A constant rate is cut short here while a cycle is run to its end, which favours the cycle. Settings that only
    pay late in a long run are judged too early.
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
        """Detected, and kept, if the gain is within twice the noise."""
        if not evidence.current_given:
            return not_applicable("the file has no settings to compare with")
        pair = confirmed(evidence)
        if pair is None:
            return inconclusive("no run with the advised settings under that seed and of that length")
        present, advised = (evidence.cost(arm) for arm in pair)
        gain, noise = present - advised, noise_of(evidence)
        half = _Z80 * math.sqrt(2.0) * noise
        values = {
            "present": shown(evidence, present), "advised": shown(evidence, advised), "gain": gain,
            "gain_low": gain - half, "gain_high": gain + half, "length": pair[0].length, "noise": evidence.noise,
        }  # fmt: skip
        said = "diverged" if not math.isfinite(present) else number(shown(evidence, present))
        text = (
            f"{objective_text(evidence)} after {share(pair[0].length)}: present settings {said}, advised "
            f"{number(shown(evidence, advised))}"
        )
        if math.isfinite(gain) and noise > 0:
            text += f", a gain of {number(gain)} ({number(gain - half)} to {number(gain + half)})"
        longer = RoundName.CONFIRM_LONG if not evidence.of_round(RoundName.CONFIRM_LONG) else None
        sure: Confidence = "high" if longer is None and pair[0].length >= 0.2 else "medium"
        if gain > _SIGMAS * noise:
            return not_detected(text, values=values, confidence=sure, requests_round=longer)
        if evidence.objective.is_loss and start_loss(evidence, pair[1]) - advised < _LEARNED * noise:
            return inconclusive(
                f"{text}; neither has learned enough to be told apart", values=values, requests_round=longer
            )
        return detected(
            f"{text}: within the noise",
            values=values,
            confidence=sure,
            requests_round=longer,
            keep_current=not evidence.overfits,
            advice="Shorten the run as advised; the other changes are not shown to matter."
            if evidence.overfits
            else "Keep what you have: no change is shown to do better than the noise.",
        )
