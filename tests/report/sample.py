"""A hand-written report of a small image classifier, in three states."""

# ruff: noqa: E501

import copy
from typing import Any

from advisor.schema.base import checked
from advisor.schema.comparison import ComparisonReport
from tests.report.sample_parts import (
    LADDER,
    arms,
    config,
    curve,
    finding,
    findings,
    knobs,
    range_test,
    rates_by_length,
    response,
)


def healthy() -> dict[str, Any]:
    """Advice was found: higher rate, 1cycle, larger batch."""
    schedule = {
        "name": "OneCycleLR", "max_lr": 0.8, "total_steps": 2340, "pct_start": 0.45, "div_factor": 10.0,
        "final_div_factor": 1000.0, "three_phase": True, "anneal_strategy": "linear",
        "base_momentum": 0.85, "max_momentum": 0.95,
    }  # fmt: skip
    momenta = (0.8, 0.85, 0.9, 0.95, 0.97)
    flat = {"scale": "linear", "width": 0.0012, "verdict": "flat", "length": 0.0625, "interval": None}
    return {
        "schema": 2,
        "status": "advice",
        "verdict": "Raise the learning rate from 0.1 to 0.8 with a 1cycle schedule: the loss should end "
        "near 0.176 instead of 0.24, in half the time.",
        "name": "digits-cnn",
        "run": "2025-03-14T09-26-53",
        "recommended": config("SGD", 0.8, schedule, batch_size=512),
        "current": config("SGD", 0.1, None, optimizer={"momentum": 0.9, "nesterov": False}),
        "current_given": True,
        "objective": {"name": "val_loss", "higher_is_better": False},
        "changes": [
            {"setting": "lr", "from": 0.1, "to": 0.8, "worth": "0.081 lower loss", "confidence": "high", "finding": "LR002"},
            {"setting": "schedule", "from": "constant", "to": "OneCycleLR", "worth": "0.041 lower loss", "confidence": "medium", "finding": "LR009"},
            {"setting": "batch_size", "from": 64, "to": 512, "worth": "2.1 times as fast", "confidence": "medium", "finding": "BS004"},
            {"setting": "momentum", "from": 0.9, "to": 0.95, "worth": "part of the cycle", "confidence": "low", "finding": None},
        ],
        "cost": {
            "full_runs": 0.93, "budget": 2.0, "probes": 41, "reused": 3, "steps": 6120, "seconds": 231.4,
            "train_examples": 1_116_000, "eval_examples": 186_400, "full_run_examples": 1_198_080,
        },
        "prediction": {"loss": 0.176, "low": 0.165, "high": 0.188, "level": 0.8, "how": "a power law through four lengths"},
        "knobs": knobs(),
        "findings": findings(),
        "rounds": [
            {"name": "range", "goal": "Find the rates at which training breaks", "scientific": "lr", "nuisance": "none",
             "fixed": "batch 64, momentum 0.9, weight decay 0.0005", "outcome": "Diverges above 2.4; validation loss is best at 0.79.",
             "length": 0.03, "arms": ["a", "b"], "full_runs": 0.06},
            {"name": "rate", "goal": "Which peak rate wins in a whole, compressed cycle?", "scientific": "lr", "nuisance": "seed",
             "fixed": "batch 512, momentum 0.95, 1cycle", "outcome": "0.8 wins by four times the noise; 1.6 diverges.",
             "length": 0.0625, "arms": ["c"] * 24, "full_runs": 0.42},
            {"name": "drift", "goal": "Does the best rate fall as the run gets longer?", "scientific": "lr, length", "nuisance": "none",
             "fixed": "batch 512", "outcome": "No drift beyond the noise between 1/16 and 1/4.", "length": 0.25, "arms": ["d"] * 9, "full_runs": 0.3},
            {"name": "regularise", "goal": "Weight decay and momentum at the new rate", "scientific": "weight_decay, momentum", "nuisance": "lr",
             "fixed": "batch 512, 1cycle", "outcome": "Both are inside the noise.", "length": 0.0625, "arms": ["e"] * 6, "full_runs": 0.15},
        ],
        "arms": arms(),
        "series": {
            "range_tests": [range_test(0), range_test(1)],
            "responses": [
                response("lr-1-16", "lr", LADDER, 0.8, length=0.0625, base=0.262),
                response("lr-1-8", "lr", (0.1, 0.2, 0.4, 0.8, 1.6), 0.8, interval={"value": 0.8, "low": 0.42, "high": 1.28}),
                response("batch-1-8", "batch_size", (32.0, 64.0, 128.0, 256.0, 512.0, 1024.0), 256.0, width=0.002,
                          verdict="flat", reason="all differences are inside the noise", interval=None),
                response("wd-1-16", "weight_decay", (0.0, 5e-5, 2e-4, 5e-4, 2e-3, 1e-2), 5e-4, width=0.004, length=0.0625,
                          interval={"value": 5e-4, "low": 5e-5, "high": 2e-3}),
                response("momentum-1-16", "momentum", momenta, 0.93, **flat),
            ],
            "rates": rates_by_length(),
            "curves": [
                curve("advised", "advised settings", 0.25, 0.8, 0.16),
                curve("current", "your settings, same examples", 0.25, 0.1, 0.25),
            ],
            "forecast": {"length": [0.0625, 0.125, 0.25, 0.5], "loss": [0.262, 0.231, 0.206, 0.188], "predicted": 0.176, "low": 0.165, "high": 0.188},
        },
        "profile": {
            "data": {"examples": 39936, "validation": 9984, "input shape": [1, 28, 28], "classes": 10, "complexity": {"intrinsic dimension": 12.4}},
            "model": {"parameters": 421_642, "depth": 6, "normalisation": "batch", "dropout": None, "FLOPs per example": 4_800_000},
            "device": {"name": "cpu", "threads": 8},
            "inferred": ["loss: cross entropy, from integer targets", "validation: a fixed fifth of train_data"],
        },
        "provenance": {
            "advisor": "0.1.0", "torch": "2.6.0", "python": "3.12.4", "platform": "Linux", "device": "cpu", "seed": 0,
            "command": "advisor diagnose model.py", "started": "2025-03-14T09:26:53+00:00", "task_fingerprint": "8f14e45fceea167a",
        },
    }  # fmt: skip


def untrainable() -> dict[str, Any]:
    """The labels never reach the model: nothing to tune."""
    report = healthy()
    fault = finding(
        "PF006",
        "The model ends in a softmax and the loss applies another one",
        confidence="high",
        severity="fault",
        family="preflight",
        text="The outputs of `head.softmax` sum to 1 on every example, and CrossEntropyLoss expects logits. "
        "The loss cannot fall below 1.46 and gradients are 11 times smaller than they should be.",
        advice="Remove `self.softmax` from `Net.forward` (model.py, line 31), or use NLLLoss on log-probabilities.",
        doubt="If the outputs are meant as logits that happen to sum to 1.",
        sources=[{"id": "torch", "text": "torch.nn.CrossEntropyLoss", "url": "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"}],
    )  # fmt: skip
    return {
        **report,
        "status": "untrainable",
        "verdict": "This model cannot be trained as it is: softmax is applied twice.",
        "recommended": None,
        "changes": [],
        "prediction": None,
        "knobs": [],
        "rounds": [],
        "arms": [],
        "cost": {
            **report["cost"],
            "full_runs": 0.004,
            "probes": 2,
            "reused": 0,
            "steps": 240,
            "seconds": 3.2,
        },
        "findings": [fault, *(f for f in report["findings"] if f["verdict"] == "not_detected")],
        "series": {},
    }


def interrupted() -> dict[str, Any]:
    """Stopped after the learning rate was settled; nothing was said about today's settings."""
    report = copy.deepcopy(healthy())
    report["status"] = "interrupted"
    report["verdict"] = "Stopped early: the learning rate is known, the rest is not."
    report["current_given"] = False
    report["recommended"] = config("SGD", 0.8, None, optimizer={"momentum": 0.9, "nesterov": False})
    report["changes"] = report["changes"][:1]
    report["prediction"] = None
    report["knobs"] = [
        knob
        if knob["name"] == "lr"
        else {
            **knob,
            "recommended": knob["current"],
            "verdict": "not_identifiable",
            "interval": None,
            "confidence": "low",
        }
        for knob in report["knobs"]
    ]
    report["rounds"] = report["rounds"][:2]
    report["findings"] = [f for f in report["findings"] if f["code"] in ("LR002", "PF002", "PF003", "MO002")]
    series = report["series"]
    report["series"] = {**series, "responses": series["responses"][:1], "rates": None, "curves": [], "forecast": None}
    report["cost"]["full_runs"] = 0.48
    return report


def comparison() -> dict[str, Any]:
    """What `advisor compare` leaves: a reference, a better value, one like it, a worse one and one that fails."""
    losses = ([0.50, 0.52, 0.49], [0.41, 0.42, 0.40], [0.51, 0.50, 0.50], [0.71, 0.69, 0.73], [0.6, None, 0.6])
    told = ((None,) * 3, (-0.093, -0.13, -0.05), (0.0, -0.04, 0.04), (0.2, 0.1, 0.3), (None,) * 3)
    verdicts = ("reference", "better", "no difference beyond the noise", "worse", "fails")
    rates = rates_by_length()["lengths"][0]
    variants = [
        {"value": value, "lr": 0.8, "losses": list(each), "difference": apart[0], "low": apart[1], "high": apart[2],
         "verdict": verdict, "rates": rates}
        for value, each, apart, verdict in zip((32, 64, 16, 4, "relu"), losses, told, verdicts, strict=True)
    ]  # fmt: skip
    return {
        "schema": 1, "name": "digits-cnn", "run": "2025-03-14", "varied": "width", "variants": variants,
        "length": 0.0625, "fixed": "optimizer, batch_size, seeds", "objective": "validation loss", "level": 0.98,
        "cost": {"full_runs": 1.7}, "provenance": {"advisor": "0.1.0", "command": "advisor compare model.py"},
    }  # fmt: skip


def compared() -> ComparisonReport:
    """The same, read."""
    return checked(ComparisonReport, comparison())
