"""WD004."""

from advisor.evidence.evidence import Evidence
from advisor.rules.base import Rule
from advisor.rules.finding import Judgement, cannot_tell, detected


class DecayGridUnexplained(Rule):
    """Says which weight decays were compared, and why these.

    ## What it reads
    Depth and size of the model; number, effective rank and difficulty of the data (errors of a linear model
    and of nearest neighbours); the values that were run.

    ## Why it matters
    A grid in the wrong decade finds the better of two bad values.

    ## Sources
    S-WD2: larger values for small data and shallow models, smaller ones for the rest. S-WD1 gives the steps.

    ## Known limits
    Two classes of task only, by number of examples and depth. Decoupled decay (AdamW) is multiplied by the
    rate and is about a hundred times larger for the same effect.
    """

    code = "WD004"
    title = "The weight-decay grid follows the measured size of data and model"
    passed = "No weight-decay grid was needed"
    severity = "info"
    confidence = "low"
    requires = ("decay",)
    sources = ("S-WD1", "S-WD2")
    doubt = "a best value at the edge of the grid"

    def check(self, evidence: Evidence) -> Judgement:
        """Always explains; there is nothing to find."""
        response = evidence.response("weight_decay")
        tried = [point.value for point in response.points] if response else []
        if not tried:
            return cannot_tell("no weight decay was compared")
        model, data = evidence.profile.get("model", {}), evidence.profile.get("data", {})
        parts = [f"{data.get('examples', 'unknown')} examples"]
        if data.get("effective_rank") is not None:
            parts.append(f"effective rank {data['effective_rank']:.3g} of {data.get('features')} features")
        if data.get("linear_probe_error") is not None:
            parts.append(
                f"a linear model leaves {data['linear_probe_error']:.1%} and nearest neighbours "
                f"{data['nearest_neighbour_error']:.1%} ({data['error_kind']})"
            )
        parts.append(f"a model of {model.get('depth', 'unknown')} weight layers and {model.get('parameters')} weights")
        values = {"grid": tried, "examples": data.get("examples"), "depth": model.get("depth"),
                  "effective_rank": data.get("effective_rank")}  # fmt: skip
        return detected(f"{', '.join(parts)}: compared {', '.join(f'{value:g}' for value in tried)}", values=values)
