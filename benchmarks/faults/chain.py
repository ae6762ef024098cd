"""One diagnosis under faults, resumed until it finishes."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinds import ENDING, ENDINGS, IN_WORKER, NAN, OUTSIDE, TASK
from processes import children, marked, name_of
from run_files import differences, essence, store, unreadable

LEFT_OVER = "faults"
GRACE = 15.0


@dataclass(frozen=True)
class Undisturbed:
    """Result and duration of a diagnosis without faults."""

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
        """The command line of the diagnosis."""
        return [
            sys.executable, "-m", "advisor", "diagnose", str(self.folder / "tiny.py"), "--out", str(out), "--run", "r",
            "--device", "cpu", "--plain", "--step-timeout", "4", "--workers", str(self.workers),
        ]  # fmt: skip

    def undisturbed(self) -> Undisturbed:
        """Runs the diagnosis without faults, as the reference."""
        started = time.perf_counter()
        out = self.folder / "undisturbed"
        done = subprocess.run(self.command(out), env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        run = out / "tiny" / "r"
        traces = {key: essence(trace) for key, trace in store(run)}
        return Undisturbed((run / "config.yaml").read_bytes(), traces, time.perf_counter() - started)

    def small_disk(self) -> bool:
        """Mounts a tmpfs of 3 MiB for the reports; returns False if mounting is not permitted."""
        folder = self.folder / "disk"
        folder.mkdir()
        made = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
        try:
            self.disk = folder if subprocess.run(made, capture_output=True).returncode == 0 else None
        except OSError:
            self.disk = None
        return self.disk is not None

    def close(self) -> None:
        """Unmounts the small disk."""
        if self.disk:
            subprocess.run(["umount", str(self.disk)], check=True)

    def note(self, what: str, text: str) -> None:
        """Counts a violation."""
        self.wrong[what] += 1
        self.notes.append(f"{what}: {text}")

    def check(self, run: Path, told: list[str], wanted: Undisturbed) -> None:
        """Checks ledger, files and processes after the advisor has ended."""
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
        """Diagnoses under these faults; returns the number of injected faults by kind and of starts of the advisor."""
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
            for kind in IN_WORKER:  # Faults that no step has met did not occur.
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
        """Waits for a random moment of the run, or until shortly after one of the next results."""
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
