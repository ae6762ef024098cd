"""Options of a diagnosis, from the command line or Python. Plain values, no torch."""

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from advisor.config.schedule import ScheduleKind
from advisor.errors import UsageError
from advisor.records.spec import Keywords
from advisor.records.task import TaskSource

_SEEDS = 2**32
_ONE_RUN = 1.0
ObjectiveName = Literal["auto", "loss", "metric"]
LEAST_SECONDS = "ADVISOR_LEAST_SECONDS"
"""Environment variable with the minimum of seconds for small tasks."""
EngineName = Literal["auto", "serial", "process", "fused", "inline", "ray"]


def _least_seconds() -> float:
    """The minimum of seconds: 30, or the value of the environment variable."""
    return float(os.environ.get(LEAST_SECONDS, 30.0))


def _shown(text: str, metavar: str | None = None) -> dict[str, str | None]:
    """Help text of an option and the metavariable of its value."""
    return {"help": text, "metavar": metavar}


@dataclass(frozen=True, slots=True)
class Options:
    """All options. The command line is generated from the fields with a help text.

    Attributes:
        path: The user's file.
        names: Names that replace the contract's.
        settings: Overrides of ``settings``.
        budget: Budget for probes, in full runs.
        percent: Budget for probes in per cent of a full run instead, or None.
        minutes: Budget for probes in minutes, or None.
        least_seconds: Seconds that probes of a small task may always take, whatever the budget; None uses the
            environment variable, else 30.
        seed: First seed.
        out: Folder for reports.
        run: Name of the run; None derives it from the time.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        engine: Where probes run: ``serial`` (one worker), ``process`` (workers on this machine), ``fused`` (similar
            probes trained together), ``inline`` (in the advisor's own process, for debugging), ``ray`` (workers on the
            nodes of a cluster) or ``auto``.
        address: Address of the Ray cluster: ``HOST:PORT``, ``local`` (started here) or ``auto`` (the running one).
        workers: Worker processes; 0 chooses automatically.
        nproc: Processes that share each training, as under ``torchrun``.
        step_timeout: Seconds without progress after which a worker counts as hung; None derives it from the task.
        probe_timeout: Seconds that a probe may take; None derives it from the task.
        objective: ``loss``, ``metric``, or ``auto`` (the user's metric if there is one).
        schedule: Shape of the rate: ``1cycle``, ``cosine`` (with warm-up), ``triangular`` or ``constant``.
        select: Rule codes or prefixes to use; empty means all.
        ignore: Rule codes or prefixes to leave out.
        command: The command line as typed, for the report.
        limit: Budget in full runs of a resumed run, as computed when it started; None computes it anew.
        arguments: The training script's own arguments.
        from_objects: Whether ``path`` is a temporary file with objects of the calling program.
    """

    path: str
    names: dict[str, str] = field(default_factory=dict)
    settings: Keywords = field(default_factory=dict)
    budget: float = field(default=_ONE_RUN, metadata=_shown("Budget for probes, in full training runs."))
    percent: float | None = field(
        default=None, metadata=_shown("Budget for probes, in per cent of a full run: 3 is --budget 0.03.")
    )
    minutes: float | None = field(default=None, metadata=_shown("Budget for probes, in minutes."))
    least_seconds: float | None = field(
        default=None,
        metadata=_shown("Seconds that probes of a small task may always take, whatever the budget; 30 by default."),
    )
    seed: int = field(default=0, metadata=_shown("First seed; the same seed gives the same advice."))
    out: Path = field(default=Path("reports"), metadata=_shown("Folder for reports."))
    run: str | None = field(default=None, metadata=_shown("Name of the run; by default the time."))
    device: str = field(default="auto", metadata=_shown("auto, cpu, cuda or mps."))
    engine: EngineName = field(
        default="auto", metadata=_shown("Where probes run; auto uses worker processes on this machine.")
    )
    address: str | None = field(
        default=None, metadata=_shown("Ray cluster for --engine ray; auto (the default) or local.", "HOST:PORT")
    )
    workers: int = field(default=0, metadata=_shown("Worker processes; by default 2 on a CPU, 1 on a GPU."))
    nproc: int = field(
        default=1,
        metadata=_shown(
            "Processes that train each probe together, as under torchrun; batch sizes are those of all.", "N"
        ),
    )
    step_timeout: float | None = field(
        default=None,
        metadata=_shown(
            "Time without progress after which a probe counts as hung; by default 20 times the expected.", "SECONDS"
        ),
    )
    probe_timeout: float | None = field(default=None, metadata=_shown("Time limit of a whole probe.", "SECONDS"))
    objective: ObjectiveName = field(
        default="auto",
        metadata=_shown("What to optimise; auto uses your metric if the file has one, else validation loss."),
    )
    schedule: ScheduleKind = field(
        default="1cycle",
        metadata=_shown("Learning-rate schedule of the probes and the config; cosine has a warm-up."),
    )
    select: tuple[str, ...] = field(
        default=(), metadata=_shown("Use only these rules (code or prefix, e.g. LR).", "CODE")
    )
    ignore: tuple[str, ...] = field(default=(), metadata=_shown("Leave these rules out.", "CODE"))
    command: str = ""
    limit: float | None = None
    from_objects: bool = False
    arguments: tuple[str, ...] = ()

    @property
    def full_runs(self) -> float:
        """Budget for probes in full runs, however it was given."""
        return self.budget if self.percent is None else self.percent / 100.0

    @property
    def seconds_for_little_data(self) -> float:
        """The minimum of seconds, from the option or the environment."""
        return _least_seconds() if self.least_seconds is None else self.least_seconds

    @property
    def source(self) -> TaskSource:
        """The task source for the worker."""
        return TaskSource(self.path, self.names, self.settings, self.device, self.arguments, self.nproc)


def check_options(options: Options) -> None:
    """Rejects invalid options before anything is started.

    Raises:
        UsageError: With the expected value.
    """
    for name, value in (("--budget", options.budget), ("--percent", options.percent), ("--minutes", options.minutes)):
        if value is not None and not (math.isfinite(value) and value > 0):
            full = "100" if name == "--percent" else "1.0"
            raise UsageError(f"{name} as a number above 0", f"{value:g}", f"{full} means the cost of one full run")
    if options.percent is not None and options.budget != _ONE_RUN:
        found = f"--budget {options.budget:g} and --percent {options.percent:g}"
        raise UsageError("the budget once", found, "leave one of them out")
    for name, value in (("--step-timeout", options.step_timeout), ("--probe-timeout", options.probe_timeout)):
        if value is not None and not value > 0:
            raise UsageError(f"{name} as seconds above 0", f"{value:g}", "leave it out to derive it from the task")
    if not 0 <= options.seed < _SEEDS:
        raise UsageError(f"--seed as a whole number from 0 to {_SEEDS - 1}", str(options.seed), "0 is as good as any")
    if options.workers < 0:
        raise UsageError("--workers as 0 (automatic) or more", str(options.workers), "leave it out, or give 1 or 2")
    if options.nproc < 1:
        raise UsageError("--nproc as 1 or more", str(options.nproc), "leave it out to train with one process")
    if options.nproc > 1 and options.engine in ("inline", "fused"):
        raise UsageError(
            f"one process for each training with --engine {options.engine}",
            f"--nproc {options.nproc}",
            "leave out --engine",
        )
    if options.engine not in get_args(EngineName):
        raise UsageError(f"--engine as one of {', '.join(get_args(EngineName))}", options.engine, "leave it out")
    if options.engine in ("serial", "inline") and options.workers > 1:
        raise UsageError(
            f"one worker with --engine {options.engine}", f"--workers {options.workers}", "use --engine process"
        )
    if options.engine == "inline" and (options.step_timeout or options.probe_timeout):
        raise UsageError("worker processes, for time limits", "--engine inline", "use --engine serial")
    if options.engine == "inline" and options.arguments:
        raise UsageError("a worker process, to run a script under hooks", "--engine inline", "use --engine serial")
    if options.address is not None and options.engine != "ray":
        raise UsageError("--address with --engine ray", f"--engine {options.engine}", "leave one of them out")
    if options.run is not None and (not options.run or set(options.run) & set("/\\\0") or options.run in (".", "..")):
        raise UsageError("--run as a plain folder name", repr(options.run), "leave out slashes")
    parent = options.out
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir():
        raise UsageError("--out as a folder", f"{parent} is a file", "name another folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError("a writable output folder", str(options.out), "name another with --out")
