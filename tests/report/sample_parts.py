"""Parts of the hand-written sample reports."""

# ruff: noqa: E501

import math
import random
from typing import Any

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


def range_test(seed: int) -> dict[str, Any]:
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


def response(key: str, knob: str, values: tuple[float, ...], best: float, **more: Any) -> dict[str, Any]:
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


def rates_by_length() -> dict[str, Any]:
    """Two lengths at which rates were compared, one at which a single rate was run, and the line through them."""
    lengths = []
    for key, share, values in (("lr-1-16", 0.0625, LADDER), ("lr-1-8", 0.125, (0.1, 0.2, 0.4, 0.8, 1.6))):
        made = response(key, "lr", values, 0.8, length=share)
        lengths.append({**{name: made[name] for name in ("length", "points", "curve", "best", "verdict", "noise")},
                        "response": key, "batch_size": 512})  # fmt: skip
    single = {"value": 0.8, "loss": 0.206, "diverged": False}
    lengths.append({"length": 0.25, "batch_size": 512, "response": None, "points": [single], "curve": None,
                    "best": None, "verdict": "single", "noise": None})  # fmt: skip
    drift = {"length": [0.0625, 0.25, 1.0], "value": [0.8, 0.82, 0.84], "low": [0.6, 0.5, 0.4],
             "high": [1.0, 1.3, 1.8], "exponent": {"value": 0.02, "low": -0.2, "high": 0.25}, "optima": 2,
             "level": 0.8}  # fmt: skip
    return {"lengths": lengths, "drift": drift, "reason": ""}


def curve(key: str, label: str, length: float, peak: float, end: float) -> dict[str, Any]:
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
    val = [train_mean + 0.03 + 0.06 * s / steps for s, train_mean in ((s, clean(s / steps, end)) for s in at)]
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


def clean(share: float, end: float) -> float:
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


def findings() -> list[dict[str, Any]]:
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


def arms() -> list[dict[str, Any]]:
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


def config(name: str, lr: float, schedule: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    optimizer = {"name": name, "lr": lr, "momentum": 0.95, "nesterov": True, "weight_decay": 0.0005}
    return {
        "optimizer": {**optimizer, **more.pop("optimizer", {})},
        "schedule": schedule,
        "batch_size": more.pop("batch_size", 64),
        "epochs": more.pop("epochs", 30),
        "clip_grad_norm": None,
    }


def knobs() -> list[dict[str, Any]]:
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
