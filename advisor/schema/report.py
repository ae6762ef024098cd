"""report.json: the result of a diagnosis, from which everything else is rendered."""

from __future__ import annotations

from typing import Literal

from advisor.schema.base import Number, Part
from advisor.schema.finding import Finding, Source
from advisor.schema.profile import Profile
from advisor.schema.rounds import Arm, Cost, Round
from advisor.schema.series import Series
from advisor.schema.settings import Change, Knob, ObjectiveUsed, Settings

SCHEMA: Literal[2] = 2
Status = Literal["advice", "untrainable", "interrupted"]


class Prediction(Part, frozen=True, kw_only=True):
    """The predicted validation loss of the recommended configuration.

    Attributes:
        loss: Predicted loss.
        low: Lower end of its interval.
        high: Upper end.
        level: Level of the interval.
        how: Basis of the prediction.
    """

    loss: Number
    low: Number
    high: Number
    level: float = 0.8
    how: str = ""


class Provenance(Part, frozen=True, kw_only=True):
    """Provenance of a report.

    Attributes:
        advisor: Version of the advisor.
        torch: torch version.
        python: Python version.
        platform: Operating system and processor.
        device: Device that probes ran on.
        seed: First seed.
        command: The command line.
        started: ISO time of the start.
        task_fingerprint: Hash of the user's code and data.
        workers_lost: Worker processes that crashed or hung and were replaced.
        resume: Command that resumes the run; null unless it was interrupted.
        stopped_by: The fault that ended it early.
    """

    advisor: str = ""
    torch: str = ""
    python: str = ""
    platform: str = ""
    device: str = ""
    seed: int = 0
    command: str = ""
    started: str = ""
    task_fingerprint: str = ""
    workers_lost: int = 0
    resume: str | None = None
    stopped_by: str | None = None


class Note(Part, frozen=True, kw_only=True):
    """An explanation of the advice; it makes no judgement.

    Attributes:
        topic: Setting or subject.
        text: One or two sentences.
        sources: Publications behind it.
    """

    topic: str
    text: str
    sources: tuple[Source, ...] = ()


class Report(Part, frozen=True, kw_only=True):
    """The result of a diagnosis.

    Attributes:
        schema: Schema version.
        status: Whether there is advice, the task cannot be trained as it is, or the run was interrupted.
        verdict: One sentence that answers the user.
        name: Name of the task.
        run: Name of the run.
        recommended: The recommended configuration; null if there is none (an interrupted run may have one).
        current: The current settings.
        current_given: Whether the user gave them; otherwise defaults were assumed.
        objective: What runs were judged by.
        changes: Recommended changes of settings.
        cost: Cost of the run.
        prediction: Predicted result of the recommended configuration.
        knobs: The tuned settings.
        findings: Results of the rules.
        notes: Explanations of the advice.
        rounds: Rounds of probes.
        arms: Probes.
        series: Data of the figures.
        profile: Data, model, device and batch sizes as measured.
        provenance: Provenance of the report.
    """

    schema: Literal[2] = SCHEMA
    status: Status
    verdict: str
    name: str
    run: str
    recommended: Settings | None
    current: Settings
    current_given: bool
    objective: ObjectiveUsed
    changes: tuple[Change, ...]
    cost: Cost
    prediction: Prediction | None
    knobs: tuple[Knob, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()
    rounds: tuple[Round, ...]
    arms: tuple[Arm, ...]
    series: Series
    profile: Profile
    provenance: Provenance
