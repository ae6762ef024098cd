"""Optuna (TPE with Hyperband) over the search space of the random trials."""

import math
from dataclasses import dataclass
from typing import Any

import loop
import optuna
import torch
from tasks import Config, full_run

optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Plan:
    """Trials of a share of the full length, and the costs (in full runs) at which the best one is recorded."""

    length: float
    costs: tuple[float, ...]


PLANS = {
    "optuna_one": Plan(1 / 16, (1.0,)),
    "optuna_short": Plan(1 / 16, (1.0, 4.0)),
    "optuna_full": Plan(1.0, (16.0,)),
}


def suggest(trial: optuna.Trial, settings: dict[str, Any]) -> Config:
    """One configuration: the same ranges as the tables of random trials."""
    sgd = settings["optimizer"] == "SGD"
    lr = trial.suggest_float("lr", 1e-3 if sgd else 10**-4.5, 10.0 if sgd else 10**-0.5, log=True)
    decay = 0.0
    if trial.suggest_categorical("decays", [False, True]):
        decay = trial.suggest_float("weight_decay", 1e-6 if sgd else 1e-4, 1e-2 if sgd else 1.0, log=True)
    high = trial.suggest_categorical("momentum", [0.8, 0.85, 0.9, 0.95, 0.97])
    cycled = trial.suggest_categorical("cycle_momentum", [False, True])
    size = int(settings["batch_size"] * trial.suggest_categorical("batch", [0.5, 1, 2]))
    optimizer: Config = {"name": "SGD", "lr": lr, "momentum": high, "nesterov": True, "weight_decay": decay}
    if not sgd:
        optimizer = {"name": "AdamW", "lr": lr, "betas": [high, 0.999], "weight_decay": decay}
    schedule: Config = {
        "name": "OneCycleLR",
        "max_lr": lr,
        "pct_start": 0.3,
        "div_factor": 10,
        "final_div_factor": 1000,
    }
    schedule["cycle_momentum"] = cycled
    if cycled:
        schedule |= {"max_momentum": high, "base_momentum": max(0.5, high - 0.1)}
    return {"optimizer": optimizer, "schedule": schedule, "batch_size": size, "epochs": settings["epochs"]}


def search(reference: Any, name: str, seed: int, plan: Plan) -> list[dict[str, Any]]:
    """Runs one study and returns, for each cost of the plan, the best configuration at that point.

    Only trained examples count: Optuna's validation passes are free here. A trial in progress when the budget is
    reached may finish.
    """
    task, (data, val, _) = reference.load(name)
    whole = full_run(task)
    rungs = task.settings["epochs"] if plan.length == 1 else 3
    pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=rungs, reduction_factor=3)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(study_name=f"{name}-{seed}-{plan.length}", sampler=sampler, pruner=pruner)
    spent, found = 0, []
    for cost in plan.costs:
        while spent < cost * whole:
            trial = study.ask()
            config = suggest(trial, task.settings)
            trial.set_user_attr("config", config)
            per_epoch = len(data[0]) // config["batch_size"]
            total = max(20, round(per_epoch * config["epochs"] * plan.length))
            at = {math.ceil(total * k / rungs): k for k in range(1, rungs)}

            def look(step: int, model: torch.nn.Module, trial: Any = trial, at: dict[int, int] = at) -> bool:
                if step not in at:
                    return False
                value = reference.score(task, model, val)[0]
                trial.report(value if math.isfinite(value) else 1e9, at[step])
                return trial.should_prune()

            result = loop.train(reference, name, config, seed, plan.length, look)
            spent += result["examples"]
            if result["stopped"] or not math.isfinite(result["val_loss"]):
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            else:
                study.tell(trial, result["val_loss"])
        done = [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]
        best = study.best_trial.user_attrs["config"]
        note = f"{len(study.trials)} trials, {len(done)} to the end"
        found.append({"rival": f"optuna_{cost:g}x", "config": best, "cost": spent / whole, "note": note})
    return found
