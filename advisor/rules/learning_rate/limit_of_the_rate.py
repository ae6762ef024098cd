"""LR011."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.length import limit_text
from advisor.evidence.limit import LATE_GAIN, STEEP, read_limit
from advisor.evidence.queries import figures_of
from advisor.evidence.round_name import RoundName
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected


class LimitOfTheRate(ProbeRule):
    """The best rate is limited by what the run can fit, not by divergence.

    ## What it reads
    Copies of the run on a part of the data. Above the best rate: how fast the training loss falls with the rate, and
    how much the second part of the run still lowers the validation loss.

    ## Why it matters
    The two limits scale differently. Fit-limited runs memorise before they end: rate times steps stays constant, and
    half or a quarter of the length does as well. Stability-limited ones keep their rate at any length, benefit from
    every doubling of it, and gain from half the batch, which doubles the steps.

    ## Sources
    P-TR asks which findings transfer from short to long runs; S-D3 reads overfitting from a rising validation loss.
    The scaling laws were measured on small tasks (docs/method.md).

    ## Known limits
    A copy memorises sooner than the whole run. Tasks whose copies learn late look stability-limited. Across data sizes
    the law of fit-limited runs holds for texts and sequences, less reliably for tables.
    """

    code = "LR011"
    title = "The best rate is fit-limited: a shorter run does as well"
    passed = "The best rate is stability-limited: length pays"
    neutral = "Which limit applies to the best rate"
    severity = "info"
    confidence = "medium"
    requires = (RoundName.LADDER,)
    sources = ("P-TR", "S-D3")
    counterevidence = "runs of half and all of the length, each at its best rate, that show the opposite"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected if fit-limited; inconclusive if no copy above the best rate finished."""
        reading = read_limit(evidence)
        text = limit_text(evidence, reading)
        values = {"limit": reading.limit, "slope": reading.slope, "late_gain": reading.late,
                  "steep": STEEP, "least_late_gain": LATE_GAIN}  # fmt: skip
        figures = figures_of(evidence, "lr")
        if reading.limit is None:
            return inconclusive(text, values=values)
        if reading.limit == "stability":
            return not_detected(text, values=values, figures=figures)
        return detected(text, values=values, figures=figures)
