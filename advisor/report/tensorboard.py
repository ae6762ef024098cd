"""TensorBoard logs of all probes, written with tensorboard's own writer and without torch."""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.report import tb_protos as protos
from advisor.report.formatting import clean, one_line, setting
from advisor.report.smooth import latest, trailing_mean
from advisor.schema.report import Report
from advisor.utils.numbers import number

ADVICE_RUN = "advice"
_SUFFIX = ".advisor"
_METRICS = {"hparam/val_loss": "validation loss", "hparam/train_loss": "training loss", "hparam/metric": "metric"}
_HPARAMS = {
    **dict.fromkeys(("lr", "momentum", "weight_decay", "batch_size", "steps", "seed"), False),
    **dict.fromkeys(("optimizer", "schedule", "kind", "round", "task", "run"), True),
}
_CHARTS = {"train": "training loss, smoothed", "val": "validation loss"}


def write(folder: Path, arms: Iterable[tuple[ProbeSpec, Trace, str]], report: Report | None) -> None:
    """Writes one run folder per probe, and a run ``advice`` with the layout and the recommendation.

    Files of an earlier call below ``folder`` are replaced, other files are not touched.

    Args:
        folder: The folder for ``tensorboard --logdir``; created if absent.
        arms: For each probe its spec, its trace and the name of its round.
        report: The report; None leaves out the recommendation.
    """
    _clear(folder)
    start = _started(report)
    listed = list(arms)
    names = run_names([(spec, round_name) for spec, _, round_name in listed])
    home = (one_line(report.name, 80), one_line(report.run, 80)) if report else ("task", "run")
    for name, (spec, trace, round_name) in zip(names, listed, strict=True):
        _write_arm(folder / name, spec, trace, round_name, home, start)
    with protos.Log(folder / ADVICE_RUN, _SUFFIX, start) as log:
        log.add(0, protos.layout(_layout(home, listed)))
        if report is not None:
            log.add(0, protos.markdown("recommendation", advice_markdown(report)))


def run_names(arms: list[tuple[ProbeSpec, str]]) -> list[str]:
    """Run folders such as ``ladder/lr=0.0316,batch=64,seed=0``, unique, in the order of ``arms``.

    The setting named in a probe's label comes first; other settings that vary within a round (momentum, weight decay,
    steps) are included, and range tests are named by both ends.
    """
    rounds: dict[str, list[ProbeSpec]] = defaultdict(list)
    for spec, round_name in arms:
        rounds[_word(round_name)].append(spec)
    taken: set[str] = set()
    names = []
    for spec, round_name in arms:
        parts = _tested(spec)
        parts |= {"lr": _rates(spec), "batch": str(spec.batch_size)}
        peers = rounds[_word(round_name)]
        for short, attribute in (("momentum", "momentum"), ("weight_decay", "weight_decay"), ("steps", "steps")):
            if len({getattr(peer, attribute) for peer in peers}) > 1:
                parts.setdefault(short, _plain(getattr(spec, attribute)))
        parts["seed"] = str(spec.seed)
        own = f"{_word(spec.label)}," if spec.label and spec.kind == "cycle" and "=" not in spec.label else ""
        name = f"{_word(round_name)}/{own}" + ",".join(f"{key}={value}" for key, value in parts.items())
        name = f"{name},{spec.key[:6]}" if name in taken else name
        base, again = name, 2
        while name in taken:
            name, again = f"{base}-{again}", again + 1
        taken.add(name)
        names.append(name)
    return names


def advice_markdown(report: Report) -> str:
    """The recommendation as Markdown with a table of the changes."""
    parts = [f"**{_cell(report.verdict)}**"]
    if report.changes:
        rows = ["| setting | current | advised | worth | confidence |", "| --- | --- | --- | --- | --- |"]
        for change in report.changes:
            old, new = setting(change.from_), setting(change.to)
            cells = (change.setting, old, new, change.worth, change.confidence)
            rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        parts.append("\n".join(rows))
    found = report.prediction
    if found is not None:
        span = f"{number(found.low)} to {number(found.high)}"
        parts.append(f"Predicted validation loss {number(found.loss)} ({span}).")
    faults = [finding for finding in report.findings if finding.severity == "fault"]
    parts += [f"- {_cell(f.title)}: {_cell(f.advice)}" for f in faults if f.verdict == "detected"]
    return "\n\n".join(parts)


def _write_arm(
    folder: Path, spec: ProbeSpec, trace: Trace, round_name: str, home: tuple[str, ...], start: float
) -> None:
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
        (_round_tag(home, round_name, "train"), trace.step, smooth),
        (_round_tag(home, round_name, "val"), trace.eval_step, trace.val_loss),
    )
    for tag, steps, values in columns:
        for step, value in zip(steps, values, strict=False):
            scalars[step][tag] = value
    pace = trace.step_seconds if math.isfinite(trace.step_seconds) else 0.0
    final = trace.final_val_loss
    with protos.Log(folder, _SUFFIX, start) as log:
        log.add(0, protos.experiment(_HPARAMS, _METRICS, start))
        log.add(0, protos.session_start(_hparams(spec, round_name, home), start))
        for step in sorted(scalars):
            log.add(step, protos.scalars(scalars[step]), step * pace)
        ends = {"hparam/val_loss": final if math.isfinite(final) else math.nan}
        ends |= {"hparam/train_loss": trace.final_train_loss} if math.isfinite(trace.final_train_loss) else {}
        ends |= {"hparam/metric": trace.final_metric} if math.isfinite(trace.final_metric) else {}
        log.add(spec.steps, protos.scalars(ends), trace.seconds)
        done = trace.status == "finished"
        log.add(spec.steps, protos.session_end(done, start + trace.seconds), trace.seconds)


def _hparams(spec: ProbeSpec, round_name: str, home: tuple[str, ...]) -> dict[str, float | str]:
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
        "task": home[0],
        "run": home[1],
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


def _started(report: Report | None) -> float:
    try:
        return datetime.fromisoformat(report.provenance.started if report else "").timestamp()
    except (ValueError, OverflowError, OSError):
        return time.time()


def _plain(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


def _cell(value: str) -> str:
    words = one_line(value, 600)
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#!" else char for char in words)


def _tested(spec: ProbeSpec) -> dict[str, str]:
    """Settings named in a label such as ``momentum=0.95-cycled``, without rate and batch size, which all runs name."""
    pairs = [part.split("=", 1) for part in spec.label.split(",") if "=" in part]
    return {_word(name): _word(value) for name, value in pairs if name not in ("lr", "batch", "seed")}


def _rates(spec: ProbeSpec) -> str:
    end = (spec.schedule or {}).get("end_lr") if spec.kind == "range" else None
    return _plain(spec.lr) if end is None else f"{_plain(spec.lr)}-to-{_plain(float(end))}"


def _round_tag(home: tuple[str, ...], round_name: str, kind: str) -> str:
    """A tag that is unique to this task and run: charts select lines by tag alone, across all run folders."""
    return f"{_word(home[0])}.{_word(home[1])}/{_word(round_name)} {_CHARTS[kind]}"


def _word(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", clean(name, 80)).strip("-.") or "x"


def _layout(home: tuple[str, ...], arms: list[tuple[ProbeSpec, Trace, str]]) -> dict[str, dict[str, list[str]]]:
    """One category for this run: a training chart for each round, and a validation chart if it has a curve."""
    looks: dict[str, int] = {}
    for _, trace, name in arms:
        looks[name] = max(looks.get(name, 0), len(trace.eval_step))
    charts = {
        f"{name}: {words}": [f"^{re.escape(_round_tag(home, name, kind))}$"]
        for name, most in looks.items()
        for kind, words in _CHARTS.items()
        if kind == "train" or most > 1
    }
    return {" / ".join(home): charts} if charts else {}
