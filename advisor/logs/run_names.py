"""Unique names of runs: the parts in which their paths differ."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from advisor.logs.measures import plain
from advisor.logs.run import Run

VAGUE = {
    "metrics", "log", "logs", "history", "trainer_state", "train", "training", "progress", "results", "events",
    "train_log", "training_log", "trainer_log", "log_history", "output", "outputs", "files", "version_0",
    "lightning_logs", "log_train", "training_history", "summary", "loss", "scalars", "vis_data", "stdout", "nohup",
    "csv_logs", "tensorboard", "tb", "default", "wandb", "val", "validation", "results_file", "monitor",
}  # fmt: skip
"""File and folder names that do not identify a run."""


def apart(runs: Sequence[Run], paths: Sequence[Path]) -> tuple[Run, ...]:
    """The runs with unique names; files that were named one by one are distinguished by their folders."""
    singles = {str(path) for path in paths if path.is_file()}
    vague = [run for run in runs if run.source in singles and _vague(run.name)]
    counts = Counter(run.name for run in runs)
    unclear = [run for run in runs if counts[run.name] > 1 or (run in vague and len(runs) > 1)]
    places = dict(zip(map(id, unclear), _differing([_parts(run) for run in unclear]), strict=True))
    named = [run.named(places.get(id(run)) or run.name) for run in runs]
    seen: Counter[str] = Counter()
    taken = {run.name for run in named}
    result = []
    for run in named:
        seen[run.name] += 1
        name = run.name
        while seen[run.name] > 1 and name in taken:
            name = f"{run.name} ({seen[run.name]})"
            if name in taken:
                seen[run.name] += 1
        taken.add(name)
        result.append(run.named(name))
    return tuple(result)


def _vague(name: str) -> bool:
    return plain(name.rsplit("/", 1)[-1]) in VAGUE


def _parts(run: Run) -> list[str]:
    source = Path(run.source).absolute()
    inside = run.name.split("/") if run.kind == "chart" else []
    return [*source.parts[:-1], source.stem if source.is_file() else source.name, *inside]


def _differing(places: Sequence[list[str]]) -> list[str]:
    """For each path the parts that not all paths share, without uninformative file names."""
    if len(places) < 2:
        return ["/".join(part for part in place[-2:] if plain(part) not in VAGUE) for place in places]
    start = 0
    while all(len(place) > start + 1 for place in places) and len({place[start] for place in places}) == 1:
        start += 1
    end = 0
    while all(len(place) > start + end + 1 for place in places) and len({place[-1 - end] for place in places}) == 1:
        end += 1
    kept = []
    for place in places:
        middle = place[start : len(place) - end]
        while len(middle) > 1 and plain(middle[-1]) in VAGUE:
            middle = middle[:-1]
        kept.append("/".join(middle))
    return kept
