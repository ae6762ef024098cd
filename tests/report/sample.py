"""A hand-written report of a small image classifier, in three states."""

# ruff: noqa: E501

import copy
import json
import math
import random
from functools import cache
from typing import Any

from advisor.report.figures import Figure, figures
from advisor.report.html import render
from advisor.report.summary import lines
from advisor.schema.base import checked
from advisor.schema.comparison import ComparisonReport
from advisor.schema.files import report_from

SMITH = {
    "id": "smith2018",
    "text": "Smith (2018), A disciplined approach to neural network hyper-parameters, section 4",
    "url": "https://arxiv.org/abs/1803.09820",
}
GOYAL = {
    "id": "goyal2017",
    "text": "Goyal et al. (2017), Accurate, large minibatch SGD",
    "url": "https://arxiv.org/abs/1706.02677",
}
LADDER = (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


def _range_test(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    lr = [1e-4 * (10 / 1e-4) ** (i / 239) for i in range(240)]
    train, smooth, state = [], [], 2.31
    for rate in lr:
        state += 0.055 * (0.42 + 0.1 * seed - state) * min(1.0, rate * 9)
        state += 0.22 * max(0.0, math.log10(rate / 2.2)) * 4
        smooth.append(state)
        train.append(state + rng.gauss(0, 0.09))
    cut = next((i for i, value in enumerate(smooth) if value > 5), len(lr))
    at = list(range(0, cut, 12))
    return {
        "id": f"range-{seed}",
        "seed": seed,
        "lr": lr[:cut],
        "train_loss": train[:cut],
        "smoothed": smooth[:cut],
        "val_lr": [lr[i] for i in at],
        "val_loss": [smooth[i] + 0.05 + rng.gauss(0, 0.02) for i in at],
        "ceiling": 2.4,
        "best_lr": 0.79,
        "diverged": True,
    }


def _response(key: str, knob: str, values: tuple[float, ...], best: float, **more: Any) -> dict[str, Any]:
    rng = random.Random(key)
    log = more.pop("scale", "log") == "log"
    width = more.pop("width", 0.045)
    base = more.pop("base", 0.231)

    def loss(value: float) -> float:
        apart = math.log2(max(value, values[-1] / 4096) / best) if log else (value - best) * 24
        return base + width * apart * apart / (1 + 0.12 * abs(apart))

    points = []
    for value in values:
        diverged = knob == "lr" and value > 1.2
        losses = [] if diverged else [loss(value) + rng.gauss(0, 0.009) for _ in range(1 + 2 * (value == best))]
        mean = sum(losses) / len(losses) if losses else None
        points.append({"value": value, "loss": mean, "losses": losses, "diverged": diverged})
    low, high = values[0] if values[0] > 0 else values[1], values[-1]
    x = [low * (high / low) ** (i / 60) if log else low + (high - low) * i / 60 for i in range(61)]
    return {
        "id": key,
        "knob": knob,
        "scale": "log" if log else "linear",
        "length": more.pop("length", 0.125),
        "context": more.pop("context", "batch 512, momentum 0.95, 1cycle"),
        "points": points,
        "curve": {"x": x, "y": [loss(value) for value in x]},
        "best": more.pop("interval", {"value": best, "low": best / 1.9, "high": best * 1.6}),
        "noise": 0.009,
        "verdict": more.pop("verdict", "resolved"),
        "reason": more.pop("reason", ""),
    }


def _rates() -> dict[str, Any]:
    """Two lengths at which rates were compared, one at which a single rate was run, and the line through them."""
    lengths = []
    for key, share, values in (("lr-1-16", 0.0625, LADDER), ("lr-1-8", 0.125, (0.1, 0.2, 0.4, 0.8, 1.6))):
        made = _response(key, "lr", values, 0.8, length=share)
        lengths.append({**{name: made[name] for name in ("length", "points", "curve", "best", "verdict", "noise")},
                        "response": key, "batch_size": 512})  # fmt: skip
    single = {"value": 0.8, "loss": 0.206, "diverged": False}
    lengths.append({"length": 0.25, "batch_size": 512, "response": None, "points": [single], "curve": None,
                    "best": None, "verdict": "single", "noise": None})  # fmt: skip
    drift = {"length": [0.0625, 0.25, 1.0], "value": [0.8, 0.82, 0.84], "low": [0.6, 0.5, 0.4],
             "high": [1.0, 1.3, 1.8], "exponent": {"value": 0.02, "low": -0.2, "high": 0.25}, "optima": 2,
             "level": 0.8}  # fmt: skip
    return {"lengths": lengths, "drift": drift, "reason": ""}


def _curve(key: str, label: str, length: float, peak: float, end: float) -> dict[str, Any]:
    rng = random.Random(key)
    steps = int(2340 * length)
    step = list(range(1, steps + 1))
    rate, momentum, train = [], [], []
    for s in step:
        share = s / steps
        up = share / 0.45 if share < 0.45 else max(0.0, (0.9 - share) / 0.45) if share < 0.9 else 0.0
        rate.append(peak * (0.1 + 0.9 * up) if share < 0.9 else peak * 0.1 * (1 - share) * 10 + 1e-5)
        momentum.append(0.95 - 0.1 * up)
        train.append(end + (2.3 - end) * math.exp(-5.5 * share) + 0.12 * up * share + rng.gauss(0, 0.045))
    at = [max(1, round(steps * i / 16)) for i in range(1, 17)]
    val = [train_mean + 0.03 + 0.06 * s / steps for s, train_mean in ((s, _clean(s / steps, end)) for s in at)]
    return {
        "id": key,
        "label": label,
        "length": length,
        "step": step,
        "train_loss": train,
        "eval_step": at,
        "val_loss": val,
        "lr": rate,
        "momentum": momentum,
    }


def _clean(share: float, end: float) -> float:
    return end + (2.3 - end) * math.exp(-5.5 * share) + 0.05 * math.sin(math.pi * share)


def finding(code: str, title: str, verdict: str = "detected", **more: Any) -> dict[str, Any]:
    """A finding with everything the schema asks for."""
    return {
        "code": code,
        "family": more.get("family", "learning rate"),
        "title": title,
        "verdict": verdict,
        "confidence": more.get("confidence", "medium"),
        "severity": more.get("severity", "advice"),
        "evidence": {
            "text": more.get("text", "Measured on 12 probes."),
            "values": more.get("values", {}),
            "figures": more.get("figures", []),
        },
        "advice": more.get("advice", ""),
        "doubt": more.get("doubt", ""),
        "sources": more.get("sources", []),
    }


def _findings() -> list[dict[str, Any]]:
    return [
        finding(
            "EP004",
            "Predicted result at your own length",
            severity="info",
            family="epochs",
            text="Four lengths fit a power law with a floor; the residual is 0.004.",
            values={"floor": 0.158, "exponent": 0.71},
            figures=["forecast"],
            advice="Expect a validation loss near 0.176 after 30 epochs.",
            doubt="A full run that ends outside 0.165 to 0.188.",
        ),
        finding(
            "LR002",
            "The learning rate is eight times too small",
            confidence="high",
            text="At one eighth of your run the loss is 0.312 at your rate of 0.1 and 0.231 at 0.8; "
            "the difference is nine times the noise between seeds (0.009).",
            values={"best": 0.8, "interval": [0.42, 1.28], "current": 0.1, "noise": 0.009},
            figures=["range", "response-lr-1-8"],
            advice="Raise lr to 0.8 and let OneCycleLR bring it up and down.",
            doubt="If a full run at 0.4 beats one at 0.8, the optimum falls with length faster than fitted.",
            sources=[SMITH, GOYAL],
        ),
        finding(
            "LR009",
            "A 1cycle schedule beats your constant rate",
            text="Paired over three seeds, 1cycle ends 0.041 lower (noise 0.009) at the same number of steps.",
            figures=["curves"],
            advice="Use OneCycleLR with three phases.",
            doubt="If you stop early at times that you do not know in advance, a constant rate keeps its worth.",
            sources=[SMITH],
        ),
        finding(
            "BS004",
            "Batch size 512 costs nothing and trains 2.1 times as fast",
            family="batch size",
            text="At equal examples the losses at 64 and 512 differ by 0.004, inside the noise of 0.009.",
            figures=["response-batch-1-8"],
            advice="Use 512 with the learning rate above, which was re-tuned for it.",
            doubt="A different accelerator: the speed was measured on this one.",
            sources=[GOYAL],
        ),
        finding(
            "PF002",
            "Initial loss is as expected",
            "not_detected",
            text="2.31 against ln 10 = 2.30.",
            family="preflight",
        ),
        finding(
            "PF003",
            "One batch can be overfitted",
            "not_detected",
            text="Loss 0.002 after 120 steps.",
            family="preflight",
        ),
        finding(
            "ST001",
            "No gradient spikes",
            "not_detected",
            text="The 99th percentile is 2.1 times the median.",
            family="stability",
        ),
        finding(
            "MO002",
            "Best momentum",
            "not_identifiable",
            confidence="low",
            family="momentum",
            text="0.9, 0.95 and 0.97 lie within 0.006 of each other; the noise is 0.009.",
            figures=["response-momentum-1-16"],
            advice="Keep 0.9 to 0.95 and spend no time on it.",
            doubt="Another half a full run of probes would separate 0.9 from 0.97.",
        ),
        finding(
            "BS001",
            "Largest batch that fits",
            "not_applicable",
            text="There is no accelerator to fill.",
            family="batch size",
        ),
    ]


def _arms() -> list[dict[str, Any]]:
    arms = []
    for seed in (0, 1, 2):
        for lr in LADDER:
            gone = lr > 1.2
            apart = math.log2(lr / 0.8)
            arms.append(
                {
                    "key": f"{seed:02d}{int(lr * 1e5):010x}beef",
                    "round": "rate",
                    "label": f"rate ladder, seed {seed}",
                    "kind": "cycle",
                    "lr": lr,
                    "momentum": 0.95,
                    "weight_decay": 0.0005,
                    "batch_size": 512,
                    "steps": 146,
                    "length": 0.0625,
                    "seed": seed,
                    "status": "diverged" if gone else "finished",
                    "reason": "loss above 20 times its start at step 31" if gone else "",
                    "val_loss": None if gone else 0.262 + 0.045 * apart * apart + 0.004 * seed,
                    "metric": None if gone else 0.93 - 0.01 * apart * apart,
                    "train_loss": None if gone else 0.22 + 0.05 * apart * apart,
                    "seconds": 1.1 if gone else 4.31,
                }
            )
    return arms


def _config(name: str, lr: float, schedule: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    optimizer = {"name": name, "lr": lr, "momentum": 0.95, "nesterov": True, "weight_decay": 0.0005}
    return {
        "optimizer": {**optimizer, **more.pop("optimizer", {})},
        "schedule": schedule,
        "batch_size": more.pop("batch_size", 64),
        "epochs": more.pop("epochs", 30),
        "clip_grad_norm": None,
    }


def _knobs() -> list[dict[str, Any]]:
    def knob(name: str, new: Any, old: Any, interval: Any, sure: str, verdict: str, stake: str, *apart: Any):
        half, double, current = apart or (None, None, None)
        at_stake = {"text": stake, "half": half, "double": double, "current": current}
        return {
            "name": name,
            "recommended": new,
            "current": old,
            "interval": interval,
            "confidence": sure,
            "verdict": verdict,
            "at_stake": at_stake,
        }

    return [
        knob("lr", 0.8, 0.1, [0.42, 1.28], "high", "recommended", "Your rate costs 0.081 of loss.", 0.019, 0.34, 0.081),
        knob("batch_size", 512, 64, [64, 1024], "medium", "recommended", "Nothing in loss, half the time.", 0.0, 0.012, 0.004),
        knob("schedule", "OneCycleLR", "constant", None, "medium", "recommended", "0.041 of loss.", None, None, 0.041),
        knob("weight_decay", 0.0005, 0.0005, [0.00005, 0.002], "medium", "insensitive", "At most 0.005 over a factor of 40.", 0.001, 0.003, 0.0),
        knob("momentum", 0.95, 0.9, None, "low", "not_identifiable", "Less than the noise, 0.009."),
        knob("epochs", 30, 30, [24, 60], "medium", "kept", "Twice as long would buy 0.011.", 0.021, -0.011, 0.0),
    ]  # fmt: skip


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
        "recommended": _config("SGD", 0.8, schedule, batch_size=512),
        "current": _config("SGD", 0.1, None, optimizer={"momentum": 0.9, "nesterov": False}),
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
        "knobs": _knobs(),
        "findings": _findings(),
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
        "arms": _arms(),
        "series": {
            "range_tests": [_range_test(0), _range_test(1)],
            "responses": [
                _response("lr-1-16", "lr", LADDER, 0.8, length=0.0625, base=0.262),
                _response("lr-1-8", "lr", (0.1, 0.2, 0.4, 0.8, 1.6), 0.8, interval={"value": 0.8, "low": 0.42, "high": 1.28}),
                _response("batch-1-8", "batch_size", (32.0, 64.0, 128.0, 256.0, 512.0, 1024.0), 256.0, width=0.002,
                          verdict="flat", reason="all differences are inside the noise", interval=None),
                _response("wd-1-16", "weight_decay", (0.0, 5e-5, 2e-4, 5e-4, 2e-3, 1e-2), 5e-4, width=0.004, length=0.0625,
                          interval={"value": 5e-4, "low": 5e-5, "high": 2e-3}),
                _response("momentum-1-16", "momentum", momenta, 0.93, **flat),
            ],
            "rates": _rates(),
            "curves": [
                _curve("advised", "advised settings", 0.25, 0.8, 0.16),
                _curve("current", "your settings, same examples", 0.25, 0.1, 0.25),
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
    report["recommended"] = _config("SGD", 0.8, None, optimizer={"momentum": 0.9, "nesterov": False})
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
    rates = _rates()["lengths"][0]
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


def page_of(report: dict[str, Any]) -> str:
    """The HTML page of a report in plain JSON; equal reports are drawn once."""
    return _page_of(json.dumps(report))


@cache
def _page_of(text: str) -> str:
    return render(report_from(json.loads(text)))


def figures_of(report: dict[str, Any]) -> list[Figure]:
    """Its figures; those of equal reports are drawn once."""
    return list(_figures_of(json.dumps(report)))


@cache
def _figures_of(text: str) -> tuple[Figure, ...]:
    return tuple(figures(report_from(json.loads(text))))


def lines_of(report: dict[str, Any], width: int = 80, **paths: str) -> list[str]:
    """Its lines in the terminal."""
    return lines(report_from(report), width, **paths)
