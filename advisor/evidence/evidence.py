"""The measurements so far, as the rules read them. Plain values, no torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from advisor.config.config import Config
from advisor.config.current import CurrentSettings, current_settings
from advisor.config.hparams import HParams
from advisor.config.total_decay import PRIOR
from advisor.evidence.round_name import CURRENT_ROUNDS, RoundName
from advisor.fits import RangeBracket, RangeFit
from advisor.fits.types import FitFailed, Response
from advisor.records.loop import LoopReading
from advisor.records.preflight import PreflightResult
from advisor.records.profile import ProfileResult
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskFacts
from advisor.records.trace import Trace

Limit = Literal["fit", "stability"]
"""What limits the best rate: the run memorises before it ends (fit), or larger rates diverge (stability)."""
_NO_BRACKET = FitFailed("no range test was run")


@dataclass(frozen=True, slots=True)
class Objective:
    """The objective: validation loss, or the user's metric.

    Attributes:
        name: ``val_loss`` or the metric's name.
        higher_is_better: Direction of that number.
        is_loss: Whether it is the validation loss.
        instead_of: The metric that was replaced by the loss, where runs that have learned nothing do best by it.
    """

    name: str = "val_loss"
    higher_is_better: bool = False
    is_loss: bool = True
    instead_of: str = ""

    def cost(self, trace: Trace) -> float:
        """The cost to be minimised; infinity if the probe did not finish."""
        if self.is_loss:
            return trace.final_val_loss
        value = trace.final_metric
        if not math.isfinite(value):
            return math.inf
        return -value if self.higher_is_better else value


@dataclass(frozen=True, slots=True)
class Arm:
    """One probe and its result.

    Attributes:
        spec: The specification.
        trace: The record.
        round: Name of the round it belongs to.
        length: Share of a full run's examples it trained on.
    """

    spec: ProbeSpec
    trace: Trace
    round: RoundName
    length: float


@dataclass(frozen=True, slots=True)
class Round:
    """The record of one round of probes, in the playbook's terms.

    Attributes:
        name: Short name, also the prefix of its TensorBoard runs.
        goal: The question it answers.
        scientific: Knobs compared.
        nuisance: Knobs re-tuned so that the comparison is fair.
        fixed: What was held fixed.
        outcome: The answer.
        length: Length of its probes, or None if they differ.
        keys: Keys of its probes.
        full_runs: Cost in full runs.
    """

    name: RoundName
    goal: str
    scientific: str
    nuisance: str
    fixed: str
    outcome: str
    length: float | None
    keys: tuple[str, ...]
    full_runs: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The state of knowledge after some rounds.

    Attributes:
        facts: Facts about the task.
        profile: Data, model, device and batch sizes as measured before any probe.
        current: The user's configuration.
        current_given: False if defaults were assumed.
        objective: The objective.
        full_run_examples: Examples of one full run.
        preflight: Measurements on the untrained model; None until made.
        arms: All probes so far.
        rounds: All rounds so far.
        ranges: Fitted range tests by probe key.
        bracket: Their combination.
        responses: Fitted responses of knobs, in the order of their rounds.
        noise: Standard deviation of the objective between seeds; NaN until measured.
        choice: The incumbent: the best hyper-parameters so far.
        length: Recommended length, as a fraction of the full run.
        limit: What limits the best rate; None while unknown.
        total_decay: Recommended total decay; None where it is not defined for the optimizer.
        base_decay: Total decay of copies that differ in something else.
        steps_down: How often the recommended rate was halved because a run with it failed or did worse.
        keep: Whether no recommendation held against the current settings, so that these are kept.
        forecast: Predicted loss at that length: value, low, high; None if not known.
        loop: Faults in the source of the user's training loop; None if no loop was read.
    """

    facts: TaskFacts
    profile: ProfileResult
    current: Config
    current_given: bool
    objective: Objective
    full_run_examples: int
    choice: HParams
    preflight: PreflightResult | None = None
    arms: tuple[Arm, ...] = ()
    rounds: tuple[Round, ...] = ()
    ranges: Mapping[str, RangeFit | FitFailed] = field(default_factory=dict)
    bracket: RangeBracket | FitFailed = _NO_BRACKET
    responses: tuple[Response, ...] = ()
    noise: float = math.nan
    length: float = 1.0
    limit: Limit | None = None
    total_decay: float | None = None
    base_decay: float = PRIOR
    steps_down: int = 0
    keep: bool = False
    forecast: tuple[float, float, float] | None = None
    loop: LoopReading | None = None

    def with_(self, **changes: Any) -> "Evidence":
        """A copy with some fields replaced."""
        return replace(self, **changes)

    @property
    def current_settings(self) -> CurrentSettings:
        """The current settings, independent of how they were written."""
        return current_settings(self.current)

    @property
    def overfits(self) -> bool:
        """Whether the run is fit-limited, so that a shorter one is recommended."""
        return self.limit == "fit"

    @property
    def capacity_ratio(self) -> float:
        """Trainable weights per training target (classes or predicted numbers)."""
        shapes, model = self.facts.shapes, self.profile.model
        per_example = math.prod(shapes.outputs) / (shapes.classes or 1) if shapes.outputs else 1.0
        weights = model.trainable if model else 0
        return weights / (self.facts.train_size * max(1.0, per_example))

    @property
    def cycles(self) -> tuple[Arm, ...]:
        """Probes of the search that trained a whole schedule, on all data or on a part of them."""
        return tuple(arm for arm in self.arms if arm.spec.kind == "cycle" and arm.round not in CURRENT_ROUNDS)

    @property
    def present_arms(self) -> tuple["Arm", ...]:
        """Probes of the current settings, longest first."""
        arms = (arm for arm in self.arms if arm.round in CURRENT_ROUNDS)
        return tuple(sorted(arms, key=lambda arm: -arm.length))

    def cost(self, arm: Arm) -> float:
        """The cost of an arm, to be minimised."""
        return self.objective.cost(arm.trace)

    def of_round(self, name: RoundName) -> tuple[Arm, ...]:
        """Probes of one round."""
        return tuple(arm for arm in self.arms if arm.round == name)

    def response(self, knob: str) -> Response | None:
        """The longest response of a knob."""
        found = [item for item in self.responses if item.knob == knob]
        return max(found, key=lambda item: item.length) if found else None
