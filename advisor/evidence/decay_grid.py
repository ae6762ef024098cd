"""Which weight decays are worth trying, from the complexity of the data and the depth of the model."""

import math

from advisor.evidence.evidence import Evidence

DECOUPLED = ("AdamW",)
_SHALLOW = 6
_SMALL = 20_000


def decay_grid(evidence: Evidence) -> list[float]:
    """The present value and up to two others (S-WD1, S-WD2): larger ones for small data and shallow models.

    Decoupled decay (AdamW) is about a hundred times larger than L2 decay, as it is multiplied by the rate.
    """
    present = evidence.choice.weight_decay
    model, data = evidence.profile.model, evidence.profile.data
    shallow = (model.depth if model else 0) <= _SHALLOW
    small = (data.examples if data else 0) <= _SMALL
    if evidence.choice.optimizer in DECOUPLED:
        centre = 0.3 if shallow and small else 0.1
    else:
        centre = 1e-3 if shallow and small else 1e-4
    grid = {present, centre}
    if present > 0 and math.isclose(present, centre, rel_tol=0.5):
        grid = {present, 0.0}
    return sorted(grid)
