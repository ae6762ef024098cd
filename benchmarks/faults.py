"""Random faults at random moments of real diagnoses: is anything lost, changed, left running or unreadable?

Each chain diagnoses a very small task (iris, a network of 131 weights) under up to 19 faults; one that ends the advisor
is followed by ``--resume``, and compares the result with that of an undisturbed run. In two of three tasks the loss
becomes NaN where outputs are large; there each probe that met a NaN counts as one fault.

Usage: python benchmarks/faults.py [--faults 200] [--jobs 1] [--seed 0] [--epochs 300] [--out FILE] [--only KIND ...]
"""

import argparse
import itertools
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TASK = """
import os, pathlib, resource, time

import torch
from sklearn.datasets import load_iris
from torch import nn

x, y = load_iris(return_X_y=True)
order = torch.randperm(150, generator=torch.Generator().manual_seed(0))
x, y = torch.tensor(x, dtype=torch.float32)[order], torch.tensor(y)[order]
x = (x - x.mean(0)) / x.std(0)
train_data, val_data = (x[:110], y[:110]), (x[110:], y[110:])
settings = {"optimizer": "SGD", "lr": 0.01, "momentum": 0.9, "batch_size": 10, "epochs": @EPOCHS@}
faults = pathlib.Path(os.environ["FAULTS"])


def model():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


def struck(kind):
    try:
        (faults / kind).unlink()
        return True
    except OSError:
        return False


def loss(outputs, targets):
    if struck("out of memory (device)"):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
    if struck("out of memory (limit)"):
        limits = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (2**30, limits[1]))
        try:
            torch.empty(2**38)
        finally:
            resource.setrlimit(resource.RLIMIT_AS, limits)
    if struck("hang (sleep)"):
        time.sleep(3600)
    if struck("exit"):
        os._exit(3)
    if struck("illegal memory access"):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")
    value = nn.functional.cross_entropy(outputs, targets)
    return value * float("nan") if float(outputs.detach().abs().max()) > @LARGEST@ else value
"""
LIMITS = ("1e9", "20.0", "12.0")
IN_WORKER = ("out of memory (device)", "out of memory (limit)", "hang (sleep)", "exit", "illegal memory access")
OUTSIDE = ("kill a worker", "kill a keeper", "hang (stopped)")
ENDING = ("kill the advisor", "SIGINT", "SIGINT twice", "SIGTERM", "disk full")
ENDINGS = (130, 2, -signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM)
"""Exit codes of a run that was broken off; by the signal itself if it came before or after anything is handled."""
NAN = "NaN"
LEFT_OVER = "faults"
GRACE = 15.0


@dataclass(frozen=True)
class Undisturbed:
    """What a diagnosis without faults comes to, and how long it takes."""

    config: bytes
    traces: dict[str, Any]
    seconds: float


class Chain:
    """One diagnosis under faults."""

    def __init__(self, folder: Path, limit: str, workers: int, epochs: int) -> None:
        self.folder, self.workers = folder, workers
        self.disk: Path | None = None
        self.faults, self.temporary = folder / LEFT_OVER, folder / "tmp"
        for made in (self.faults, self.temporary):
            made.mkdir(parents=True)
        (folder / "tiny.py").write_text(TASK.replace("@LARGEST@", limit).replace("@EPOCHS@", str(epochs)))
        self.environment = {**os.environ, "FAULTS": str(self.faults), "TMPDIR": str(self.temporary)}
        self.wrong: Counter[str] = Counter()
        self.notes: list[str] = []
        self.known: set[str] = set()
        self.differing: set[str] = set()

    def command(self, out: Path) -> list[str]:
        """The whole diagnosis."""
        return [
            sys.executable, "-m", "advisor", "diagnose", str(self.folder / "tiny.py"), "--out", str(out), "--run", "r",
            "--device", "cpu", "--plain", "--step-timeout", "4", "--workers", str(self.workers),
        ]  # fmt: skip

    def undisturbed(self) -> Undisturbed:
        """The result that those under faults are compared with."""
        started = time.perf_counter()
        out = self.folder / "undisturbed"
        done = subprocess.run(self.command(out), env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        run = out / "tiny" / "r"
        traces = {key: essence(trace) for key, trace in store(run)}
        return Undisturbed((run / "config.yaml").read_bytes(), traces, time.perf_counter() - started)

    def small_disk(self) -> bool:
        """Mounts a tmpfs of 3 MiB for the reports; False where that is not allowed."""
        folder = self.folder / "disk"
        folder.mkdir()
        made = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
        try:
            self.disk = folder if subprocess.run(made, capture_output=True).returncode == 0 else None
        except OSError:
            self.disk = None
        return self.disk is not None

    def close(self) -> None:
        """Takes the small disk away."""
        if self.disk:
            subprocess.run(["umount", str(self.disk)], check=True)

    def note(self, what: str, text: str) -> None:
        """Counts something that must not be."""
        self.wrong[what] += 1
        self.notes.append(f"{what}: {text}")

    def check(self, run: Path, told: list[str], wanted: Undisturbed) -> None:
        """After every ending: ledger, files, processes."""
        entries = store(run)
        keys = [key for key, _ in entries]
        if lost := self.known - set(keys):
            self.note("lost probes", f"{lost} of earlier parts")
        new = [line for line in told if line.startswith("    ") and " (from an earlier run)" not in line]
        new = [line for line in new if "validation loss" in line or "diverged" in line]
        if len(new) > len(set(keys) - self.known):
            self.note("lost probes", f"{len(new)} told, {len(set(keys) - self.known)} written")
        if len(keys) != len(set(keys)):
            self.note("repeated probes", str(len(keys) - len(set(keys))))
        for key, trace in entries:
            if key not in self.differing and (other := differences(trace, wanted.traces.get(key, {}))):
                self.differing.add(key)
                self.note("changed results", f"probe {key}: {other}")
        self.known |= set(keys)
        for problem in unreadable(run):
            self.note("unreadable reports", problem)
        until = time.monotonic() + GRACE
        while (left := marked(str(self.faults))) and time.monotonic() < until:
            time.sleep(0.05)
        if left:
            self.note("orphans", str([name_of(pid) for pid in left]))
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        rest = [str(path) for path in self.temporary.iterdir()]
        if rest:
            self.note("temporary files", str(rest))
        if any("Traceback" in line for line in told):
            self.note("tracebacks", " ".join(told[-5:]))

    def disturbed(self, dice: random.Random, kinds: list[str], wanted: Undisturbed) -> tuple[Counter[str], int]:
        """Diagnoses under these faults; returns what was injected, and how often the advisor was started."""
        injected: Counter[str] = Counter()
        out = (self.disk or self.folder) / "reports"
        run = out / "tiny" / "r"
        starts, todo = 0, list(kinds)
        while True:
            begun = (run / "ledger" / "run.json").exists()
            command = self.command(out)
            if begun:
                command = [sys.executable, "-m", "advisor", "diagnose", "--resume", str(run), "--plain"]
            process = subprocess.Popen(
                command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                start_new_session=True,
            )  # fmt: skip
            starts += 1
            told: list[str] = []
            reader = threading.Thread(target=lambda p=process, t=told: t.extend(iter(p.stderr.readline, "")))
            reader.start()
            while todo and process.poll() is None:
                self._wait(dice, process, told, wanted.seconds)
                kind = todo[0]
                if self._inject(kind, process, out):
                    injected[todo.pop(0)] += 1
                    if kind in ENDING:
                        break
            with suppress(subprocess.TimeoutExpired):
                process.wait(300)
            if process.poll() is None:
                self.note("hanging advisors", f"{dict(injected)}: {told[-1:]}")
                process.kill()
            process.wait()
            reader.join()
            (out / "filler").unlink(missing_ok=True)
            for kind in IN_WORKER:  # One that no step has met any more did not happen.
                if (self.faults / kind).exists():
                    (self.faults / kind).unlink()
                    injected[kind] -= 1
            self.check(run, told, wanted)
            if process.returncode == 0:
                break
            if process.returncode not in ENDINGS or starts > 40:
                self.note("wrong exit codes", f"{process.returncode}: {' '.join(told[-4:])}")
                break
        if not (run / "config.yaml").exists() or (run / "config.yaml").read_bytes() != wanted.config:
            self.note("changed results", "config.yaml")
        injected[NAN] = sum("not finite" in trace["reason"] for _, trace in store(run))
        return injected, starts

    def _wait(self, dice: random.Random, process: "subprocess.Popen[str]", told: list[str], seconds: float) -> None:
        """Any moment of the run, or soon after any of the next results."""
        if dice.random() < 0.25:
            until, lines = time.monotonic() + dice.uniform(0.0, 0.5 * seconds), 10**9
        else:
            until, lines = time.monotonic() + 3 * seconds, len(told) + dice.randint(1, 3)
        while time.monotonic() < until and len(told) < lines and process.poll() is None:
            time.sleep(0.01)
        time.sleep(dice.uniform(0.0, 0.3))

    def _inject(self, kind: str, process: "subprocess.Popen[str]", out: Path) -> bool:
        if process.poll() is not None:
            return False
        if kind in IN_WORKER:
            (self.faults / kind).touch()
            return True
        if kind in OUTSIDE:
            keepers = children(process.pid)
            chosen = keepers if kind == "kill a keeper" else [pid for keeper in keepers for pid in children(keeper)]
            with suppress(ProcessLookupError, IndexError):
                os.kill(chosen[-1], signal.SIGSTOP if kind == "hang (stopped)" else signal.SIGKILL)
                return True
            return False
        if kind == "disk full":
            if not out.exists():
                return False
            with suppress(OSError), (out / "filler").open("wb") as file:
                while True:
                    file.write(b"\0" * 4096)
                    file.flush()
            return True
        if kind == "kill the advisor":
            process.kill()
            return True
        process.send_signal(signal.SIGTERM if kind == "SIGTERM" else signal.SIGINT)
        if kind == "SIGINT twice":
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
        return True


def store(run: Path) -> list[tuple[str, dict[str, Any]]]:
    """Keys and traces of every whole line."""
    found = []
    with suppress(OSError):
        for line in (run / "ledger" / "probes.jsonl").read_text(errors="replace").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                found.append((entry["key"], entry["trace"]))
    return found


def essence(trace: dict[str, Any]) -> dict[str, Any]:
    """All of a trace but its times."""
    return {name: value for name, value in trace.items() if name not in ("seconds", "step_seconds")}


def differences(trace: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Where a trace is another one than it was undisturbed; empty if it is the same."""
    mine = essence(trace)
    names = [name for name in mine if mine[name] != wanted.get(name)]
    return "; ".join(f"{name} {str(mine[name])[:80]} instead of {str(wanted.get(name))[:80]}" for name in names)


def unreadable(run: Path) -> list[str]:
    """What is there, but is not whole."""
    found = []
    try:
        if (run / "report.json").exists():
            assert json.loads((run / "report.json").read_text())["status"] in ("advice", "interrupted")
        if (run / "report.html").exists():
            assert (run / "report.html").read_text().rstrip().endswith("</html>")
        if (run / "config.yaml").exists():
            assert yaml.safe_load((run / "config.yaml").read_text())["optimizer"]["lr"] > 0
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        found.append(f"{type(error).__name__}: {error}")
    return found


def children(pid: int) -> list[int]:
    """Children of a process, of all its threads."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def marked(mark: str) -> list[int]:
    """Every process that inherited the chain's environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError, IndexError):
            if f"FAULTS={mark}\0".encode() in path.read_bytes():
                state = (path.parent / "stat").read_text().rpartition(")")[2].split()[0]
                found += [int(path.parent.name)] if state not in "ZX" else []
    return found


def name_of(pid: int) -> str:
    """What the process runs."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return str(pid)


def chosen(only: list[str], dice: random.Random) -> list[str]:
    """Faults of a chain in random order: those that end the advisor once, others twice.

    Memory runs out once for each kind and not twice in a row: that is no passing fault, it asks for smaller batches.
    """
    memory = [kind for kind in only if kind.startswith("out of memory")]
    rest = [kind for kind in only if kind not in memory for _ in range(1 if kind in ENDING else 2)]
    dice.shuffle(rest)
    half = len(rest) // 2
    for kind, (low, high) in zip(memory, ((0, max(0, half - 1)), (half, len(rest))), strict=False):
        rest.insert(dice.randint(low, high), kind)
    return rest


def one_chain(
    root: Path, index: int, given: argparse.Namespace, limit: str, wanted: Undisturbed, most: int
) -> tuple[Counter[str], int, Chain]:
    """A diagnosis under at most so many faults: what was injected, how often it was started, what was wrong."""
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
    """Prints the table, and writes it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=300, help="of the task: the fewer, the faster")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", nargs="*", default=[*IN_WORKER, *OUTSIDE, *ENDING])
    given = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell's background job hands on that it is ignored.
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
        print("no fault 'disk full': mounting a small disk is not allowed here, or chance passed it over")
    import torch

    kinds_wrong = (
        "lost probes", "repeated probes", "changed results", "orphans", "unreadable reports", "temporary files",
        "shared memory", "tracebacks", "hanging advisors", "wrong exit codes",
    )  # fmt: skip
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "device": f"{platform.machine()}, {os.cpu_count()} cores, CPU",
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "command": " ".join(["python", "benchmarks/faults.py", *sys.argv[1:]]),
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
