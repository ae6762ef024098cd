"""Injects random faults into real diagnoses and counts what is lost, changed, left running or unreadable.

Each chain diagnoses a very small task (iris, a network of 131 weights) under up to 19 faults; one that ends the advisor
is followed by ``--resume``; the result is compared with that of an undisturbed run. In two of three tasks the loss
becomes NaN where outputs are large; there each probe with a NaN counts as one fault.

Usage: python benchmarks/faults [--faults 200] [--jobs 1] [--seed 0] [--epochs 300] [--out FILE] [--only KIND ...]
"""

import argparse
import itertools
import json
import os
import platform
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import torch
from chain import Chain, Undisturbed
from kinds import ENDING, IN_WORKER, LIMITS, OUTSIDE, chosen


def one_chain(
    root: Path, index: int, given: argparse.Namespace, limit: str, wanted: Undisturbed, most: int
) -> tuple[Counter[str], int, Chain]:
    """Diagnoses under at most ``most`` faults; returns the injected faults, the number of starts, and the chain."""
    dice = random.Random(given.seed * 1000 + index)
    kinds = chosen(given.only, dice)[:most]
    chain = Chain(root / str(index), limit, 1 + (index % 4 == 3), given.epochs)
    if "disk full" in kinds and not chain.small_disk():
        kinds.remove("disk full")
    try:
        injected, starts = chain.disturbed(dice, kinds, wanted)
    finally:
        chain.close()
    return injected, starts, chain


def main() -> None:
    """Prints the result and writes it to ``--out``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=300, help="epochs of the task; fewer are faster")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", nargs="*", default=[*IN_WORKER, *OUTSIDE, *ENDING])
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Background jobs of a shell inherit that it is ignored.
    root, began = Path(tempfile.mkdtemp(prefix="faults-")), time.perf_counter()
    total: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    notes: list[str] = []
    starts = chains = 0
    shared = set(Path("/dev/shm").glob("torch_*"))
    try:
        limits = LIMITS if given.faults > 50 else LIMITS[1:2]
        undisturbed = [Chain(root / f"undisturbed-{limit}", limit, 2, given.epochs).undisturbed() for limit in limits]
        with ThreadPoolExecutor(given.jobs) as pool:
            running: set[Future[Any]] = set()
            for index in itertools.count():
                if sum(total.values()) >= given.faults:
                    break
                most = given.faults - sum(total.values())
                which = index % len(limits)
                running.add(pool.submit(one_chain, root, index, given, limits[which], undisturbed[which], most))
                if len(running) < given.jobs:
                    continue
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for injected, started, chain in [future.result() for future in done]:
                    total, wrong, starts, chains = total + injected, wrong + chain.wrong, starts + started, chains + 1
                    notes += chain.notes
                    print(f"{chains} chains, {starts} starts, {sum(total.values())} faults", chain.notes, flush=True)
            for injected, started, chain in [future.result() for future in running]:
                total, wrong, starts, chains = total + injected, wrong + chain.wrong, starts + started, chains + 1
                notes += chain.notes
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if left := set(Path("/dev/shm").glob("torch_*")) - shared:
        wrong["shared memory"] += len(left)
    if "disk full" in given.only and not total["disk full"]:
        print("no fault 'disk full': mounting a small disk is not permitted, or it was not drawn")
    kinds_wrong = (
        "lost probes", "repeated probes", "changed results", "orphans", "unreadable reports", "temporary files",
        "shared memory", "tracebacks", "hanging advisors", "wrong exit codes",
    )  # fmt: skip
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "device": f"{platform.machine()}, {os.cpu_count()} cores, CPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "command": " ".join(["python", "benchmarks/faults", *sys.argv[1:]]),
        "faults": sum(total.values()),
        "injected": dict(sorted(total.items())),
        "chains": chains,
        "advisor_starts": starts,
        "seconds": round(time.perf_counter() - began),
        "wrong": {name: wrong[name] for name in kinds_wrong},
        "notes": notes,
    }
    text = json.dumps(result, indent=1) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text)
    raise SystemExit(bool(sum(wrong.values())))


if __name__ == "__main__":
    main()
