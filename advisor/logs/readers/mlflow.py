"""MLflow folders: ``mlruns/EXPERIMENT/RUN`` with one file per metric (``time value step``) and per parameter."""

from __future__ import annotations

from array import array
from pathlib import Path

from advisor.logs.readers.base import Unreadable, assemble, number
from advisor.logs.run import Run

_MOST_PARAMETERS = 100


def is_run(folder: Path) -> bool:
    """Whether a folder is an MLflow run."""
    return (folder / "meta.yaml").is_file() and (folder / "metrics").is_dir()


def read(folder: Path, root: Path) -> Run:
    """Reads the metrics and parameters of one run.

    Raises:
        Unreadable: If no metric contains a number.
    """
    points = {}
    for file in sorted(item for item in (folder / "metrics").rglob("*") if item.is_file()):
        rows = [line.split() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
        rows = [row for row in rows if len(row) >= 2]
        name = file.relative_to(folder / "metrics").as_posix()
        steps = [number(row[2]) if len(row) > 2 else float(i) for i, row in enumerate(rows)]
        values = [number(row[1]) for row in rows]
        points[name] = (array("d", steps), array("d", values), array("d", (number(row[0]) / 1000.0 for row in rows)))
    if not points:
        raise Unreadable("metrics of an MLflow run", f"{folder}: none", "log a metric, or name another folder")
    settings = {}
    for file in sorted((folder / "params").glob("*"))[:_MOST_PARAMETERS] if (folder / "params").is_dir() else ():
        settings[file.name] = file.read_text(encoding="utf-8", errors="replace").strip()
    return assemble(folder, root, "mlflow", points, settings, _name(folder))


def _name(folder: Path) -> str:
    """MLflow's name of the run, else its id."""
    tag = folder / "tags" / "mlflow.runName"
    name = tag.read_text(encoding="utf-8", errors="replace").strip() if tag.is_file() else ""
    return name or folder.name[:8]
