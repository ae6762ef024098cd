"""Evidence and findings as report.json: the one result that every rendering is a function of."""

import math
from collections.abc import Sequence
from typing import Any

from advisor.advice.hyperparameters import knobs
from advisor.advice.notes import notes
from advisor.advice.profile_section import profile_section
from advisor.advice.recommend import Choice
from advisor.advice.series import figure_ids, series
from advisor.config.config import Config
from advisor.config.current import current_settings
from advisor.config.hparams import default_momentum, uses_betas
from advisor.evidence.evidence import Arm, Evidence
from advisor.rules.finding import Finding
from advisor.search.runner import Spent
from advisor.utils.numbers import times

SCHEMA = 1


def report_data(
    evidence: Evidence,
    findings: Sequence[Finding],
    choice: Choice | None,
    *,
    status: str,
    cost: dict[str, Any],
    name: str,
    run: str,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Builds the whole report in the form of docs/report-schema.md."""
    recommended = choice.config if choice is not None else None
    return {
        "schema": SCHEMA,
        "status": status,
        "verdict": _verdict(evidence, findings, choice, status),
        "name": name,
        "run": run,
        "recommended": recommended.as_dict() if recommended else None,
        "current": evidence.current.as_dict(),
        "current_given": evidence.current_given,
        "objective": {
            "name": evidence.objective.name,
            "higher_is_better": evidence.objective.higher_is_better,
        },
        "changes": _changes(evidence, choice) if choice else [],
        "cost": cost,
        "prediction": _prediction(evidence) if choice and not choice.kept else None,
        "knobs": knobs(evidence, choice) if choice else [],
        "findings": [finding.as_dict(figure_ids(evidence, finding)) for finding in findings],
        "notes": notes(evidence),
        "rounds": [_round(record) for record in evidence.rounds],
        "arms": [_arm(arm) for arm in evidence.arms],
        "series": series(evidence),
        "profile": profile_section(evidence),
        "provenance": provenance,
    }


def cost_data(spent: Spent, full_run_examples: int, budget: float) -> dict[str, Any]:
    """What the run cost, in the form of report.json."""
    return {
        "full_runs": spent.examples / full_run_examples,
        "budget": budget,
        "probes": spent.probes,
        "reused": spent.reused,
        "steps": spent.steps,
        "seconds": spent.seconds,
        "train_examples": spent.train_examples,
        "eval_examples": spent.eval_examples,
        "full_run_examples": full_run_examples,
    }


_SCHEDULES = {
    "1cycle": "a 1cycle schedule",
    "cosine": "warm-up and a cosine schedule",
    "triangular": "triangular cycles",
    "constant": "a constant rate",
}


def _verdict(evidence: Evidence, findings: Sequence[Finding], choice: Choice | None, status: str) -> str:
    if status == "untrainable":
        stops = [finding for finding in findings if finding.judgement.blocking]
        return "This cannot be trained as it is: " + (stops[0].title if stops else "no run finished") + "."
    if choice is None:
        return "Interrupted before anything could be recommended."
    faults = [f for f in findings if f.severity == "fault" and f.judgement.verdict == "detected"]
    if choice.kept:
        head = "Keep what you have: in the same run it did as well as anything that was tried."
        return f"First put right: {faults[0].title}. Then: {head[0].lower()}{head[1:]}" if faults else head
    now = evidence.current_settings.peak_lr
    parts = []
    lr = choice.recipe.lr
    if not math.isclose(lr, now, rel_tol=0.2):
        factor = lr / now
        size = f"{times(factor)} times larger" if factor > 1 else f"{times(1 / factor)} times smaller"
        parts.append(f"a learning rate of {lr:.2g} ({size})")
    if choice.config.batch_size != evidence.current.batch_size:
        parts.append(f"batch size {choice.config.batch_size}")
    if choice.config.epochs != evidence.current.epochs:
        parts.append(f"{choice.config.epochs} instead of {evidence.current.epochs} epochs")
    if (choice.config.schedule is None) != (evidence.current.schedule is None):
        parts.append(_SCHEDULES[choice.recipe.schedule])
    head = "Train with " + ", ".join(parts) + "." if parts else "Keep what you have: nothing measured does better."
    if faults:
        head = f"First put right: {_inside(faults[0].title)}. Then: {_inside(head)}"
    return ("Interrupted; as far as it is known: " + head) if status == "interrupted" else head


def _inside(sentence: str) -> str:
    """A sentence as part of another: without its capital, unless its first word is a name in capitals."""
    return sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]


def _changes(evidence: Evidence, choice: Choice) -> list[dict[str, Any]]:
    """Settings whose value differs from the user's, with what each is worth and how sure that is."""
    old, new = _flat(evidence.current), _flat(choice.config)
    old = _defaults(evidence.current) | old
    stakes = {knob["name"]: knob for knob in knobs(evidence, choice)}
    changes = []
    for setting, value in new.items():
        before = old.get(setting)
        if before == value or setting.startswith("schedule.") or setting == "optimizer.nesterov":
            continue
        knob = _KNOB_OF.get(setting, "")
        stake = stakes.get(knob)
        changes.append(
            {
                "setting": knob or setting,
                "from": before,
                "to": value,
                "worth": stake["at_stake"]["text"] if stake else "",
                "confidence": stake["confidence"] if stake else "low",
                "finding": choice.decided.get(knob),
            }
        )
    return sorted(changes, key=lambda change: _ORDER.index(change["setting"]) if change["setting"] in _ORDER else 99)


_ORDER = ("lr", "batch_size", "schedule", "momentum", "weight_decay", "epochs")
_KNOB_OF = {
    "optimizer.lr": "lr",
    "optimizer.momentum": "momentum",
    "optimizer.betas": "momentum",
    "optimizer.weight_decay": "weight_decay",
    "batch_size": "batch_size",
    "epochs": "epochs",
    "schedule": "schedule",
}


def _defaults(config: Config) -> dict[str, Any]:
    """What torch uses where the user's settings say nothing."""
    betas = [0.9, 0.999] if uses_betas(str(config.optimizer["name"])) else None
    return {
        "optimizer.weight_decay": current_settings(config).weight_decay,
        "optimizer.betas": betas,
        "optimizer.momentum": default_momentum(str(config.optimizer["name"])),
    }


def _flat(of: Config) -> dict[str, Any]:
    """Settings by dotted names; the rate is the peak rate."""
    config = of.as_dict()
    flat: dict[str, Any] = {f"optimizer.{key}": value for key, value in config["optimizer"].items()}
    flat["optimizer.lr"] = current_settings(of).peak_lr
    schedule = config["schedule"] or {}
    flat["schedule"] = schedule.get("name", "constant")
    flat |= {f"schedule.{key}": value for key, value in schedule.items() if key != "name"}
    return flat | {key: value for key, value in config.items() if key not in ("optimizer", "schedule")}


def _prediction(evidence: Evidence) -> dict[str, Any] | None:
    if evidence.forecast is None:
        return None
    value, low, high = evidence.forecast
    measured = evidence.overfits
    how = (
        "a run of this length, widened for the spread between seeds"
        if measured
        else "the best loss at each length of probe, continued"
    )
    return {"loss": value, "low": low, "high": high, "level": 0.8, "how": how}


def _round(record: Any) -> dict[str, Any]:
    return {
        "name": record.name,
        "goal": record.goal,
        "scientific": record.scientific,
        "nuisance": record.nuisance,
        "fixed": record.fixed,
        "outcome": record.outcome,
        "length": record.length,
        "arms": list(record.keys),
        "full_runs": record.full_runs,
    }


def _arm(arm: Arm) -> dict[str, Any]:
    spec, trace = arm.spec, arm.trace
    return {
        "key": spec.key,
        "round": arm.round,
        "label": spec.label,
        "kind": spec.kind,
        "lr": spec.lr,
        "momentum": spec.momentum,
        "weight_decay": spec.weight_decay,
        "batch_size": spec.batch_size,
        "steps": spec.steps,
        "length": arm.length,
        "seed": spec.seed,
        "status": trace.status,
        "reason": trace.reason,
        "val_loss": trace.final_val_loss,
        "metric": trace.final_metric,
        "train_loss": trace.final_train_loss,
        "seconds": trace.seconds,
    }
