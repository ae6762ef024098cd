"""Builds the report from evidence and findings; everything else is rendered from it."""

from collections.abc import Sequence

from advisor.advice.changes import changes
from advisor.advice.hyperparameters import knobs
from advisor.advice.notes import notes
from advisor.advice.profile_section import profile_section
from advisor.advice.recommend import Recommendation
from advisor.advice.series import figure_ids, series
from advisor.advice.verdict import verdict
from advisor.config.config import Config
from advisor.evidence.evidence import Arm as Trial
from advisor.evidence.evidence import Evidence
from advisor.evidence.evidence import Round as RoundRecord
from advisor.rules.finding import Finding
from advisor.schema.base import checked
from advisor.schema.report import Prediction, Provenance, Report, Status
from advisor.schema.rounds import Arm, Cost, Round
from advisor.schema.settings import ObjectiveUsed, Settings
from advisor.search.runner import Spent


def build_report(
    evidence: Evidence,
    findings: Sequence[Finding],
    choice: Recommendation | None,
    *,
    status: Status,
    cost: Cost,
    name: str,
    run: str,
    provenance: Provenance,
) -> Report:
    """Builds the report; non-finite numbers become null."""
    looked_at = knobs(evidence, choice) if choice else []
    report = Report(
        status=status,
        verdict=verdict(evidence, findings, choice, status),
        name=name,
        run=run,
        recommended=_settings(choice.config) if choice else None,
        current=_settings(evidence.current),
        current_given=evidence.current_given,
        objective=ObjectiveUsed(name=evidence.objective.name, higher_is_better=evidence.objective.higher_is_better),
        changes=tuple(changes(evidence.current, choice, looked_at)) if choice else (),
        cost=cost,
        prediction=_prediction(evidence) if choice and not choice.kept else None,
        knobs=tuple(looked_at),
        findings=tuple(finding.as_part(figure_ids(evidence, finding)) for finding in findings),
        notes=tuple(notes(evidence)),
        rounds=tuple(map(_round, evidence.rounds)),
        arms=tuple(map(_arm, evidence.arms)),
        series=series(evidence),
        profile=profile_section(evidence),
        provenance=provenance,
    )
    return checked(Report, report)


def cost_of(spent: Spent, full_run_examples: int, budget: float) -> Cost:
    """The cost of the run."""
    return Cost(
        full_runs=spent.examples / full_run_examples,
        budget=budget,
        probes=spent.probes,
        reused=spent.reused,
        steps=spent.steps,
        seconds=spent.seconds,
        train_examples=spent.train_examples,
        eval_examples=spent.eval_examples,
        full_run_examples=full_run_examples,
    )


def _settings(config: Config) -> Settings:
    return checked(Settings, config.as_dict())


def _prediction(evidence: Evidence) -> Prediction | None:
    if evidence.forecast is None:
        return None
    value, low, high = evidence.forecast
    measured = evidence.overfits
    how = (
        "a run of this length, widened for the spread between seeds"
        if measured
        else "the best loss at each length of probe, extrapolated"
    )
    return Prediction(loss=value, low=low, high=high, how=how)


def _round(record: RoundRecord) -> Round:
    return Round(
        name=record.name,
        goal=record.goal,
        scientific=record.scientific,
        nuisance=record.nuisance,
        fixed=record.fixed,
        outcome=record.outcome,
        length=record.length,
        arms=tuple(record.keys),
        full_runs=record.full_runs,
    )


def _arm(trial: Trial) -> Arm:
    spec, trace = trial.spec, trial.trace
    return Arm(
        key=spec.key,
        round=trial.round,
        label=spec.label,
        kind=spec.kind,
        lr=spec.lr,
        momentum=spec.momentum,
        weight_decay=spec.weight_decay,
        batch_size=spec.batch_size,
        steps=spec.steps,
        length=trial.length,
        seed=spec.seed,
        status=trace.status,
        reason=trace.reason,
        val_loss=trace.final_val_loss,
        metric=trace.final_metric,
        train_loss=trace.final_train_loss,
        seconds=trace.seconds,
    )
