"""Measures what `advisor.watch` reports on runs in progress, when, and at what cost.

Usage: python benchmarks/watch --half development|held-out [--trainings] [--programs] [--curves FOLDER]
           [--overhead SECONDS] [--out FILE]

Trainings: the sound tasks of `benchmarks/mutations` and `benchmarks/faults_real`, each unmodified and with one injected
fault. A fault counts only if it spoils the run: the validation loss ends nearer to its first value than to the end of
the sound run. It is detected if a finding of severity fault was reported before the end (for a rate far too low also
LR002 or FT013). The halves are fixed by the hash of the task's name.

Programs: those of `benchmarks/faults_real`, faulty and repaired. Most of their faults leave normal curves, so this
measures what is visible to a watch at all, and whether it reports faults on the repaired twins.

Curves: every recorded run below the folder is fed point by point. Broken runs are those on whose whole log the rules
detect a fault, and those that end above their start. Runs that never leave their start by 1 % are counted apart: a
warning (FT013) is possible early, a fault only once they had time to begin.

Overhead: the same steps of about 20 ms with and without the watch, alternating within one process, as a ratio; and the
share that the watch itself measured.
"""

import argparse
import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

import torch
from curves import curves
from overhead import overhead
from programs import programs
from trainings import trainings


def main() -> None:
    """Prints one JSON object and writes it to ``--out``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=["development", "held-out"], default="development")
    parser.add_argument("--trainings", action="store_true")
    parser.add_argument("--programs", action="store_true")
    parser.add_argument("--curves", type=Path)
    parser.add_argument("--most", type=int, default=40, help="settings of each TaskSet file")
    parser.add_argument("--overhead", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    result: dict[str, Any] = {
        "date": date.today().isoformat(), "device": f"{platform.machine()}, {os.cpu_count()} cores, CPU",
        "torch": torch.__version__, "half": given.half,
    }  # fmt: skip
    if given.trainings:
        result["trainings"] = trainings(given.half)
    if given.programs:
        result["programs"] = programs(given.half)
    if given.curves:
        result["curves"] = curves(given.half, given.curves, given.most)
    if given.overhead:
        result["overhead"] = overhead(given.overhead)
    text = json.dumps(result, indent=1) + "\n"
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
