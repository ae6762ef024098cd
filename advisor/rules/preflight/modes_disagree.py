"""PF018."""

import math

from advisor.evidence.evidence import Evidence
from advisor.evidence.round_name import RoundName
from advisor.records.looks import NormLook
from advisor.rules.base import ProbeRule
from advisor.rules.finding import Judgement, detected, inconclusive, not_applicable, not_detected

_MEAN, _SPREAD = 0.5, math.log(2.0)
_STALE = 0.3
_FORGETS = 0.5


class ModesDisagree(ProbeRule):
    """Batch norm uses other statistics in evaluation than in training.

    ## What it reads
    The inputs of each batch norm in one pass in training mode: how often it is called, and how far the statistics of
    its uses differ; its momentum against the number of steps of the full run.

    ## Why it matters
    In evaluation mode one set of running statistics is used for all calls. If a layer is shared by places with
    different activations it fits none of them; with a momentum near zero it stays that of the untrained model, with one
    above one half it is that of the last batch. The
    training loss is then good, and every evaluation of the same examples is bad.

    ## Sources
    T-BN: evaluation uses running statistics, new = (1 - momentum) * old + momentum * batch.

    ## Known limits
    One layer over two inputs of the same kind (a siamese net) is not reported. Very small batches, whose statistics are
    noise, are not judged.
    """

    code = "PF018"
    title = "Training mode and evaluation mode disagree: batch norm statistics"
    passed = "Batch norm sees the same statistics in both modes"
    neutral = "Whether training and evaluation mode agree"
    severity = "fault"
    confidence = "high"
    requires = (RoundName.PREFLIGHT,)
    sources = ("T-BN",)
    counterevidence = "running statistics that are replaced or loaded before evaluation"

    def check(self, evidence: Evidence) -> Judgement:
        """Detected for uses half a deviation or a factor of two apart, and for statistics that stay at their start."""
        seen = evidence.preflight
        if seen is None:
            return inconclusive("nothing was measured before training")
        norms = seen.looks.norms
        if not norms:
            return not_applicable("no batch norm with running statistics")
        shared = [norm for norm in norms if norm.uses > 1 and _apart(norm)]
        if shared:
            norm = shared[0]
            return detected(
                f"{norm.name} is used {norm.uses} times in one pass, on activations whose means are "
                f"{norm.mean_apart:.2g} standard deviations and whose variances are a factor of "
                f"{math.exp(norm.spread_apart):.2g} apart: in evaluation mode its running statistics fit none",
                values={"uses": norm.uses, "mean_apart": norm.mean_apart, "spread_apart": norm.spread_apart},
                advice="Use a separate batch norm in each place.",
                blocking=True,
            )
        steps = evidence.full_run_examples / max(1, evidence.current.batch_size)
        stale = [norm for norm in norms if norm.fresh and (1.0 - norm.momentum) ** (steps * norm.uses) > _STALE]
        if stale:
            left = (1.0 - stale[0].momentum) ** (steps * stale[0].uses)
            return detected(
                f"after all {steps:.0f} steps, {left:.0%} of the running statistics of {stale[0].name} are those of "
                "the "
                f"start (momentum {stale[0].momentum:g}), and evaluation mode uses them",
                values={"momentum": stale[0].momentum, "steps": steps, "left": left},
                advice="In PyTorch momentum is the share of the new batch: 0.1 is usual, not 0.9 or 0.999 taken as the "
                "share that stays.",
            )
        hasty = [norm for norm in norms if norm.momentum > _FORGETS]
        if hasty:
            return detected(
                f"the running statistics of {hasty[0].name} are {hasty[0].momentum:.0%} those of the last batch "
                f"(momentum {hasty[0].momentum:g}), and evaluation mode uses them",
                values={"momentum": hasty[0].momentum},
                advice="In PyTorch momentum is the share of the new batch: 0.1 is usual, not 0.9 or 0.99 taken as the "
                "share that stays.",
            )
        return not_detected(f"{len(norms)} batch norm layers, each used for one kind of activation")


def _apart(norm: NormLook) -> bool:
    return norm.mean_apart > _MEAN or norm.spread_apart > _SPREAD
