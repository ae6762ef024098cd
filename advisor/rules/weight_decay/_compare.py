"""Comparisons on the weight-decay grid, shared by the rules."""

from advisor.evidence.evidence import Evidence
from advisor.evidence.queries import figures_of, noise_text
from advisor.evidence.weight_decay import decay_costs
from advisor.rules.finding import Judgement, detected, inconclusive, not_detected
from advisor.utils.numbers import number, share


def better_beside(evidence: Evidence, *, smaller: bool) -> Judgement:
    """Detected if a smaller (or larger) weight decay than the current one ends lower beyond the noise."""
    found = decay_costs(evidence)
    present = evidence.current_settings.weight_decay
    if found is None or present not in found.costs:
        return inconclusive("the current weight decay was not among the runs that finished")
    rivals = {v: cost for v, cost in found.costs.items() if (v < present if smaller else v > present)}
    if not rivals:
        return inconclusive(f"no weight decay {'below' if smaller else 'above'} {present:g} was compared")
    best = min(rivals, key=rivals.__getitem__)
    gain = found.costs[present] - rivals[best]
    values = {"weight_decay": present, "better": best, "gain": gain, "noise": evidence.noise}
    text = f"weight decay {best:g} against {present:g} at {share(found.length)}: "
    figures = figures_of(evidence, "weight_decay")
    if gain <= found.noise:
        return not_detected(f"{text}no gain beyond the noise{noise_text(evidence)}", values=values, figures=figures)
    return detected(
        f"{text}{number(gain)} better{noise_text(evidence)}",
        values=values,
        figures=figures,
        advice=f"{'Lower' if smaller else 'Raise'} weight decay from {present:g} (WD003 says to which value).",
    )
