"""TensorBoard logs of every probe, written with tensorboard's own writer and without torch."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from advisor.probes.spec import ProbeSpec
from advisor.probes.trace import Trace
from advisor.report import tb_protos as protos
from advisor.report.parts import mapping, mappings, text
from advisor.report.smooth import latest, trailing_mean
from advisor.report.words import clean, number, one_line, setting, slug

ADVICE_RUN = "advice"
_SUFFIX = ".advisor"
_METRICS = {"hparam/val_loss": "validation loss", "hparam/metric": "metric"}
_HPARAMS = {
    **dict.fromkeys(("lr", "momentum", "weight_decay", "batch_size", "steps", "seed"), False),
    **dict.fromkeys(("optimizer", "schedule", "kind", "round"), True),
}


def write(folder: Path, arms: Iterable[tuple[ProbeSpec, Trace, str]], report: dict[str, Any] | None) -> None:
    """Writes one run folder per probe, and a run ``advice`` with the layout and the recommendation.

    Files that an earlier call left below ``folder`` are replaced, files of others are not touched.

    Args:
        folder: What ``tensorboard --logdir`` is given; made if absent.
        arms: Per probe its spec, its trace and the name of its round.
        report: What report.json holds; None leaves out the recommendation.
    """
    _clear(folder)
    start = _started(report)
    listed = list(arms)
    names = run_names([(spec, round_name) for spec, _, round_name in listed])
    for name, (spec, trace, round_name) in zip(names, listed, strict=True):
        _write_arm(folder / name, spec, trace, round_name, start)
    with protos.Log(folder / ADVICE_RUN, _SUFFIX, start) as log:
        log.add(0, protos.layout(_layout([round_name for _, _, round_name in listed])))
        if report is not None:
            log.add(0, protos.markdown("recommendation", advice_markdown(report)))


def run_names(arms: list[tuple[ProbeSpec, str]]) -> list[str]:
    """Run folders such as ``rate/lr=0.0316,batch=64,seed=0``, unique, in the order of ``arms``.

    What else varies inside a round (momentum, weight decay, steps) is named too.
    """
    rounds: dict[str, list[ProbeSpec]] = defaultdict(list)
    for spec, round_name in arms:
        rounds[slug(round_name)].append(spec)
    taken: set[str] = set()
    names = []
    for spec, round_name in arms:
        parts = {"lr": _plain(spec.lr), "batch": str(spec.batch_size)}
        peers = rounds[slug(round_name)]
        for short, attribute in (("momentum", "momentum"), ("wd", "weight_decay"), ("steps", "steps")):
            if len({getattr(peer, attribute) for peer in peers}) > 1:
                parts[short] = _plain(getattr(spec, attribute))
        parts["seed"] = str(spec.seed)
        name = f"{slug(round_name)}/" + ",".join(f"{key}={value}" for key, value in parts.items())
        name = f"{name},{spec.key[:6]}" if name in taken else name
        base, again = name, 2
        while name in taken:
            name, again = f"{base}-{again}", again + 1
        taken.add(name)
        names.append(name)
    return names


def advice_markdown(report: Mapping[str, Any]) -> str:
    """The recommendation as a short markdown text with a table of the changes."""
    parts = [f"**{_cell(report.get('verdict') or 'No verdict was reached.')}**"]
    changes = mappings(report.get("changes"))
    if changes:
        rows = ["| setting | now | advised | worth | confidence |", "| --- | --- | --- | --- | --- |"]
        for change in changes:
            old, new = setting(change.get("from")), setting(change.get("to"))
            cells = (change.get("setting"), old, new, change.get("worth"), change.get("confidence"))
            rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        parts.append("\n".join(rows))
    found = mapping(report.get("prediction"))
    if found:
        span = f"{number(found.get('low'))} to {number(found.get('high'))}"
        parts.append(f"Predicted validation loss {number(found.get('loss'))} ({span}).")
    faults = [f for f in mappings(report.get("findings")) if f.get("severity") == "fault"]
    parts += [f"- {_cell(f.get('title'))}: {_cell(f.get('advice'))}" for f in faults if f.get("verdict") == "detected"]
    return "\n\n".join(parts)


def _write_arm(folder: Path, spec: ProbeSpec, trace: Trace, round_name: str, start: float) -> None:
    scalars: dict[int, dict[str, float]] = defaultdict(dict)
    smooth = trailing_mean(trace.train_loss)
    gaps = [val - base for val, base in zip(trace.val_loss, latest(trace.step, smooth, trace.eval_step), strict=False)]
    columns = (
        ("loss/train", trace.step, trace.train_loss),
        ("schedule/lr", trace.step, trace.lr),
        ("schedule/momentum", trace.step, () if all(map(math.isnan, trace.momentum)) else trace.momentum),
        ("norm/grad", trace.norm_step, trace.grad_norm),
        ("norm/weight", trace.norm_step, trace.weight_norm),
        ("loss/val", trace.eval_step, trace.val_loss),
        ("loss/gap", trace.eval_step, gaps),
        ("metric/val", trace.eval_step, trace.val_metric),
        (_round_tag(round_name), trace.eval_step, trace.val_loss),
    )
    for tag, steps, values in columns:
        for step, value in zip(steps, values, strict=False):
            scalars[step][tag] = value
    pace = trace.step_seconds if math.isfinite(trace.step_seconds) else 0.0
    final = trace.final_val_loss
    with protos.Log(folder, _SUFFIX, start) as log:
        log.add(0, protos.experiment(_HPARAMS, _METRICS, start))
        log.add(0, protos.session_start(_hparams(spec, round_name), start))
        for step in sorted(scalars):
            log.add(step, protos.scalars(scalars[step]), step * pace)
        ends = {"hparam/val_loss": final if math.isfinite(final) else math.nan}
        ends |= {"hparam/metric": trace.final_metric} if math.isfinite(trace.final_metric) else {}
        log.add(spec.steps, protos.scalars(ends), trace.seconds)
        done = trace.status == "finished"
        log.add(spec.steps, protos.session_end(done, start + trace.seconds), trace.seconds)


def _hparams(spec: ProbeSpec, round_name: str) -> dict[str, float | str]:
    values: dict[str, float | str] = {
        "lr": spec.lr,
        "weight_decay": spec.weight_decay,
        "batch_size": float(spec.batch_size),
        "steps": float(spec.steps),
        "seed": float(spec.seed),
        "optimizer": str(spec.optimizer.get("name", "")),
        "schedule": str((spec.schedule or {}).get("name", "constant")),
        "kind": spec.kind,
        "round": round_name,
    }
    if spec.momentum is not None:
        values["momentum"] = spec.momentum
    return {key: one_line(value, 200) if isinstance(value, str) else value for key, value in values.items()}


def _clear(folder: Path) -> None:
    for path in sorted(folder.rglob(f"*tfevents*{_SUFFIX}")):
        path.unlink(missing_ok=True)
        parent = path.parent
        while parent != folder and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent


def _started(report: Mapping[str, Any] | None) -> float:
    try:
        return datetime.fromisoformat(text(mapping(mapping(report).get("provenance")).get("started"))).timestamp()
    except (ValueError, OverflowError, OSError):
        return time.time()


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


def _cell(value: Any) -> str:
    words = one_line("–" if value is None else clean(value), 600)
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#!" else char for char in words)


def _round_tag(round_name: str) -> str:
    return f"round/{slug(round_name)}"


def _layout(rounds: list[str]) -> dict[str, dict[str, list[str]]]:
    """A chart of validation losses for each round, and below them what all probes have in common."""
    grouped = {name: [f"^{_round_tag(name)}$"] for name in dict.fromkeys(rounds)}
    return {**({"Rounds: validation loss": grouped} if grouped else {}), **_LAYOUT}


_LAYOUT = {
    "Loss": {"training": ["loss/train"], "validation": ["loss/val"], "gap": ["loss/gap"]},
    "Schedule": {"learning rate": ["schedule/lr"], "momentum": ["schedule/momentum"]},
    "Norms": {"gradient": ["norm/grad"], "weights": ["norm/weight"]},
    "Metric": {"validation metric": ["metric/val"]},
}
