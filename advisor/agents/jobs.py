"""Long-running work as jobs: separate processes that outlive the client and the server, each with a folder."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from advisor.agents.job_process import COMMAND, EXIT, LOCK, PROGRESS, RESULT, held
from advisor.errors import EXIT_INTERRUPTED, EXIT_UNTRAINABLE, UsageError
from advisor.report.formatting import one_line
from advisor.utils.jsonio import read_text, write_atomic

FOLDER = ".advisor-jobs"
State = Literal["running", "finished", "untrainable", "interrupted", "failed"]
_ID = re.compile(r"[a-z]+-\d{8}-\d{6}(-\d+)?")
_LARGEST = 64 * 2**20
_SPENT = re.compile(r"^\[([0-9.]+) of ([0-9.]+)\]", re.M)
_START = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """A job and its state.

    Attributes:
        id: Id of the job.
        kind: The command.
        state: State; ``untrainable`` and ``interrupted`` jobs have a report as well.
        seconds: Elapsed seconds, or the duration if it has ended.
        share: Share of the budget spent; None if unknown.
        said: The last lines of its progress output.
        folder: Folder of the job.
        run: Folder of the run, once there is one.
    """

    id: str
    kind: str
    state: State
    seconds: float
    share: float | None
    said: tuple[str, ...]
    folder: Path
    run: Path | None


class Jobs:
    """The jobs of a folder.

    Args:
        home: The folder that contains ``.advisor-jobs`` and ``reports``.
        most: Maximum number of concurrent jobs.
    """

    def __init__(self, home: Path, most: int = 2) -> None:
        self.home, self.folder, self._most = home, home / FOLDER, most
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, kind: str, arguments: list[str], run: str | None = None) -> Job:
        """Starts a command of the advisor as a job.

        Args:
            kind: The command.
            arguments: Its arguments, without output options, which are added.
            run: Folder of the run that it resumes, below the home folder.

        Raises:
            UsageError: If too many jobs are running, or the folder is not writable.
        """
        running = [job.id for job in self.all() if job.state == "running"]
        if len(running) >= self._most:
            raise UsageError(f"fewer than {self._most} running jobs", ", ".join(running), "wait for one, or cancel one")
        try:
            folder = self._make(kind)
        except OSError as error:
            raise UsageError("a writable folder", str(error), "start the server elsewhere") from error
        named = ["--run", folder.name] if kind == "diagnose" and run is None else []
        named += ["--out", str(self.home / "reports")] if run is None else []
        command = [sys.executable, "-m", "advisor", kind, *named, "--format", "json", *arguments]
        write_atomic(folder / COMMAND, json.dumps(command))
        facts = {"kind": kind, "began": time.time(), "run": run, "arguments": arguments}
        child = subprocess.Popen(
            [sys.executable, "-m", "advisor.agents.job_process", str(folder)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=self.home,
        )  # fmt: skip
        self._children[folder.name] = child
        write_atomic(folder / "job.json", json.dumps({**facts, "pid": child.pid}))
        return self.job(folder.name)

    def again(self, name: str) -> Job:
        """Resumes an ended diagnosis as a new job; one without a run is started from the beginning.

        Raises:
            UsageError: If it is still running, is not a diagnosis, or does not exist.
        """
        before = self.job(name)
        if before.state == "running" or before.kind != "diagnose":
            found = f"{name}: {before.kind}, {before.state}"
            raise UsageError("a diagnosis that has ended", found, "wait for it, or cancel it")
        facts = json.loads((before.folder / "job.json").read_text(encoding="utf-8"))
        if before.run is None or not before.run.is_dir():
            return self.start("diagnose", facts["arguments"])
        run = str(before.run.relative_to(self.home))
        return self.start("diagnose", ["--plain", "--resume", str(before.run)], run)

    def _make(self, kind: str) -> Path:
        stamp, number = f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}", 1
        while True:
            folder = self.folder / (stamp if number == 1 else f"{stamp}-{number}")
            try:
                folder.mkdir(parents=True)
                return folder
            except FileExistsError:
                number += 1

    def all(self) -> list[Job]:
        """All jobs, newest first."""
        found = [item.name for item in self.folder.glob("*") if (item / "job.json").is_file()]
        return [self.job(name) for name in sorted(found, key=lambda name: name.split("-", 1)[-1], reverse=True)]

    def job(self, name: str) -> Job:
        """One job.

        Raises:
            UsageError: If there is no job of that name.
        """
        folder = self._folder(name)
        facts = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        code, ended = self._exit(folder, float(facts["began"]))
        lines = _tail(folder / PROGRESS)
        spent = _SPENT.findall("\n".join(lines))
        share = min(1.0, float(spent[-1][0]) / float(spent[-1][1])) if spent and float(spent[-1][1]) > 0 else None
        return Job(
            id=name,
            kind=facts["kind"],
            state=_state(code),
            seconds=ended - float(facts["began"]),
            share=1.0 if code == 0 else share,
            said=tuple(one_line(line, 200) for line in lines[-4:]),
            folder=folder,
            run=self._run(name, facts.get("run")),
        )

    def cancel(self, name: str) -> Job:
        """Interrupts a job, which then writes its results so far; a second call kills it.

        Raises:
            UsageError: If there is no job of that name.
        """
        folder = self._folder(name)
        if self.job(name).state == "running":
            facts = json.loads((folder / "job.json").read_text(encoding="utf-8"))
            os.kill(int(facts["pid"]), signal.SIGINT)
        return self.job(name)

    def result(self, name: str) -> str:
        """The stdout of the command.

        Raises:
            UsageError: If there is no job of that name, or it has no result yet.
        """
        folder = self._folder(name)
        try:
            text = read_text(folder / RESULT, _LARGEST)
        except (OSError, ValueError) as error:
            raise UsageError("a job with a result", f"{name}: {error}", "ask how the job stands") from error
        if not text.strip():
            raise UsageError("a job that has ended with a result", f"{name}: none yet", "ask how the job stands")
        return text

    def _folder(self, name: str) -> Path:
        if not _ID.fullmatch(name) or not (self.folder / name / "job.json").is_file():
            known = ", ".join(job.id for job in self.all()[:5]) if _ID.fullmatch(name) else "see the list of jobs"
            raise UsageError("the id of a job", repr(name[:60]), known or "there are none: start one")
        return self.folder / name

    def _exit(self, folder: Path, began: float) -> tuple[int | None, float]:
        """The exit code (None while it runs) and the time of the end."""
        child = self._children.get(folder.name)
        if child is not None and child.poll() is not None:
            del self._children[folder.name]
        ended = folder / EXIT
        if ended.is_file():
            return int(ended.read_text()), ended.stat().st_mtime
        if time.time() - began < _START:
            return None, time.time()
        with (folder / LOCK).open("a") as lock:
            return (None, time.time()) if held(lock) or folder.name in self._children else (-1, _last_heard(folder))

    def _run(self, name: str, run: str | None) -> Path | None:
        if run is not None:
            return self.home / run
        return next(iter((self.home / "reports").glob(f"*/{name}")), None)


def _last_heard(folder: Path) -> float:
    """Time of the last sign of life of a killed job."""
    progress = folder / PROGRESS
    return progress.stat().st_mtime if progress.exists() else folder.stat().st_mtime


def _state(code: int | None) -> State:
    if code is None:
        return "running"
    known: dict[int, State] = {0: "finished", EXIT_UNTRAINABLE: "untrainable", EXIT_INTERRUPTED: "interrupted"}
    known |= {-signal.SIGINT: "interrupted", -signal.SIGTERM: "interrupted"}
    return known.get(code, "failed")


def _tail(path: Path) -> list[str]:
    """The last lines of a file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 8000))
            return file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
