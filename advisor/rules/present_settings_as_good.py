"""EX006."""

import math

from advisor.rules.base import Rule
from advisor.rules.evidence import Evidence
from advisor.rules.finding import Judgement, cannot_tell, detected, not_applicable, not_detected
from advisor.rules.reading import confirmed, number, objective_text, share, shown


class PresentSettingsAsGood(Rule):
    """The settings in use do as well as the advised ones in a short run.

    ## What it reads
    One short run with the settings in use, exactly as they are, and the best short run with the advised batch size;
    same seed, same initial weights, same number of examples.

    ## Why it matters
    A change is worth its trouble only if it does better than what is there, by more than the seed does. Where it
    does not, the honest advice is to keep what you have.

    ## Sources
    P-VAR adopts a change only beyond the variance between trials; S-D4 lets short runs speak for long ones.

    ## Known limits
    A constant rate is cut short here while a cycle is run to its end, which favours the cycle. Settings that only
    pay late in a long run are judged too early.
    """

    code = "EX006"
    title = "Your present settings do as well in a short run"
    passed = "The advised settings beat the present ones in the same short run"
    severity = "info"
    confidence = "medium"
    requires = ("confirm",)
    sources = ("P-VAR", "S-D4")
    doubt = "a comparison of both at full length, under several seeds"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if the gain is within the noise."""
        if not evidence.current_given:
            return not_applicable("the file has no settings to compare with")
        pair = confirmed(evidence)
        if pair is None:
            return cannot_tell("no short run with the advised settings under that seed")
        present, advised = (evidence.cost(arm) for arm in pair)
        noise = evidence.noise if math.isfinite(evidence.noise) else 0.0
        values = {"present": present, "advised": advised, "noise": evidence.noise}
        said = "diverged" if not math.isfinite(present) else number(shown(evidence, present))
        best = number(shown(evidence, advised))
        text = f"{objective_text(evidence)} after {share(pair[0].length)}: present settings {said}, advised {best}"
        if present - advised > 2 * noise:
            return not_detected(text, values=values)
        return detected(text + f" (noise {noise:.2g})", values=values, advice="Keep what you have, or test longer.")
