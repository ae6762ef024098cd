"""Everything that was measured, as the rules read it. Plain values, no torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from advisor.config.config import Config
from advisor.config.current import CurrentSettings, current_settings
from advisor.config.hparams import HParams
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
"""What holds the best rate: the run memorises before it ends, or larger rates break it."""
_NO_BRACKET = FitFailed("no range test was run")


@dataclass(frozen=True, slots=True)
class Objective:
    """What is optimised: validation loss, or the user's metric.

    Attributes:
        name: ``val_loss`` or the metric's name.
        higher_is_better: Direction of that number.
        is_loss: Whether it is the validation loss.
        instead_of: The metric by which runs that have learned nothing do best, where that is why the loss is used.
    """

    name: str = "val_loss"
    higher_is_better: bool = False
    is_loss: bool = True
    instead_of: str = ""

    def cost(self, trace: Trace) -> float:
        """The number to be made small; infinity if the probe did not finish."""
        if self.is_loss:
            return trace.final_val_loss
        value = trace.final_metric
        if not math.isfinite(value):
            return math.inf
        return -value if self.higher_is_better else value


@dataclass(frozen=True, slots=True)
class Arm:
    """One probe and what came of it.

    Attributes:
        spec: What was run.
        trace: What it left.
        round: Name of the round it belongs to.
        length: Share of a full run's examples it trained on.
    """

    spec: ProbeSpec
    trace: Trace
    round: RoundName
    length: float


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of probes was for, in the playbook's terms.

    Attributes:
        name: Short name, also the prefix of its TensorBoard runs.
        goal: The question.
        scientific: Knobs compared.
        nuisance: Knobs re-tuned so that the comparison is fair.
        fixed: What was held.
        outcome: The answer.
        length: Length of its probes, or None if they differ.
        keys: Keys of its probes.
        full_runs: What it cost.
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
        facts: What the task is.
        profile: Data, model, device and batch sizes as measured before any probe.
        current: The user's configuration.
        current_given: False if defaults were assumed.
        objective: What is optimised.
        full_run_examples: Examples of one full run.
        preflight: Measurements on the untrained model; None until made.
        arms: All probes so far.
        rounds: All rounds so far.
        ranges: Fitted range tests by probe key.
        bracket: Their combination.
        responses: Fitted responses of knobs, in the order they were made.
        noise: Standard deviation of the objective between seeds; NaN until measured.
        choice: The best hyper-parameters known.
        length: Length at which it is to be trained, as a fraction of the full run.
        limit: What holds the best rate; None while nothing shows it.
        total_decay: Total decay that is advised; None where the optimizer has none.
        steps_down: How often the advised rate was halved because a run with it failed or did worse.
        keep: Whether nothing that was advised held against the current settings.
        forecast: Predicted loss at that length: value, low, high; None if not known.
        loop: What the user's training loop does wrong, by its text; None if no loop was read.
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
    steps_down: int = 0
    keep: bool = False
    forecast: tuple[float, float, float] | None = None
    loop: LoopReading | None = None

    def with_(self, **changes: Any) -> "Evidence":
        """A copy that knows more."""
        return replace(self, **changes)

    @property
    def current_settings(self) -> CurrentSettings:
        """What the user trains with, however it was written."""
        return current_settings(self.current)

    @property
    def overfits(self) -> bool:
        """Whether the run fits all that it can before it ends, so that a shorter one is advised."""
        return self.limit == "fit"

    @property
    def capacity_ratio(self) -> float:
        """Trainable weights for every training target (classes or numbers to be predicted)."""
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
        """Probes of the present settings, longest first."""
        arms = (arm for arm in self.arms if arm.round in CURRENT_ROUNDS)
        return tuple(sorted(arms, key=lambda arm: -arm.length))

    def cost(self, arm: Arm) -> float:
        """The objective of an arm, to be made small."""
        return self.objective.cost(arm.trace)

    def of_round(self, name: RoundName) -> tuple[Arm, ...]:
        """Probes of one round."""
        return tuple(arm for arm in self.arms if arm.round == name)

    def response(self, knob: str) -> Response | None:
        """The response of a knob at the greatest length it was measured."""
        found = [item for item in self.responses if item.knob == knob]
        return max(found, key=lambda item: item.length) if found else None
