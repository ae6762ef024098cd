"""Groups of comparable runs: with similar names, or logged with the same settings."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from advisor.logs.evidence import RunEvidence
from advisor.logs.measures import plain
from advisor.logs.run_names import VAGUE

_NUMBER = re.compile(r"\d*\.?\d+(?:[eE][-+]?\d+)?")
_SHORTEST = 4
_SETTINGS = {
    "",
    "lr",
    "wd",
    "bs",
    "batch",
    "batchsize",
    "momentum",
    "mom",
    "seed",
    "epochs",
    "ep",
    "run",
    "version",
    "trial",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that are compared, and the reason."""

    why: str
    runs: tuple[RunEvidence, ...]


def groups(runs: Sequence[RunEvidence]) -> tuple[list[Group], list[RunEvidence]]:
    """Groups of at least two runs, and the remaining runs."""
    made: list[Group] = []
    left = list(runs)
    passes: tuple[tuple[str, Callable[[RunEvidence], str]], ...] = (
        ("names differ only in numbers and settings", _skeleton),
        ("names begin with the same words", _prefix),
        ("logged with the same settings", _keys),
        ("in one folder, with the same measures", _siblings),
    )
    for why, key in passes:
        found: dict[str, list[RunEvidence]] = defaultdict(list)
        for run in left:
            found[key(run)].append(run)
        made += [Group(why, tuple(members)) for name, members in found.items() if name and len(members) > 1]
        left = [run for name, members in found.items() for run in members if not name or len(members) == 1]
    return made, left


def _skeleton(evidence: RunEvidence) -> str:
    """The name without numbers and names of settings, and the measure: different measures are not compared."""
    words = re.split(r"[^A-Za-z]+", _NUMBER.sub(" ", evidence.run.name))
    return "-".join(word for word in words if word.lower() not in _SETTINGS) + "|" + _measures(evidence)


def _prefix(evidence: RunEvidence) -> str:
    """The name up to its first digit."""
    head = re.split(r"\d", evidence.run.name, maxsplit=1)[0]
    return f"{head}|{_measures(evidence)}" if len(head.rsplit("/", 1)[-1]) >= _SHORTEST else ""


def _keys(evidence: RunEvidence) -> str:
    names = sorted(name for name, _ in evidence.run.settings)
    return ",".join(names) + "|" + _measures(evidence) if len(names) > 1 else ""


def _siblings(evidence: RunEvidence) -> str:
    """The parent folder of the run: variants are in sibling folders, whatever their names."""
    source = Path(evidence.run.source).absolute()
    inside = evidence.run.kind == "chart"
    folder = source if inside else source.parent if source.is_dir() else source.parent.parent
    vague = source.is_file() and plain(source.stem) in VAGUE
    place = folder if vague or source.is_dir() or inside else source.parent
    return f"{place}|{_measures(evidence)}"


def _measures(evidence: RunEvidence) -> str:
    curves = (evidence.val, evidence.metric)
    return ",".join(curve.name.lower() for curve in curves if curve) or "train"
