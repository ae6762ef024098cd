"""The process that runs the user's code: one JSON request a line in, JSON answers a line out.

Started as ``python -m advisor.workers.worker``. Whatever the user's code prints goes to stderr, never into the
protocol. The process ends with its parent (``advisor.workers.supervisor``).
"""

import gc
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from advisor.errors import AdvisorError, WorkerDied
from advisor.utils.jsonio import dumps
from advisor.workers.supervisor import keep

_PROGRESS_SECONDS = 0.25
_EXIT_LOST = 70


class Worker:
    """Holds one loaded task and answers requests about it."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.pid = os.getpid()
        self.task: Any = None
        self.shapes: Any = None
        self.together: Any = None

    def send(self, **message: Any) -> None:
        """Writes one line of the protocol. A process that the user's code forked has no part in it."""
        if os.getpid() != self.pid:
            os._exit(1)
        self.out.write(dumps(message) + "\n")
        self.out.flush()

    def answer(self, request: dict[str, Any]) -> None:
        """Handles one request; every failure becomes an answer."""
        try:
            self.send(kind="done", value=self._do(request))
        except WorkerDied as error:
            self.send(kind="lost", error=error.as_dict())
            os._exit(_EXIT_LOST)
        except AdvisorError as error:
            details = error.details or traceback.format_exc()
            self.send(kind="error", error={**error.as_dict(), "details": details})
        except BaseException as error:
            found = f"{type(error).__name__}: {error}"
            text = {"expected": "the task to run", "found": found, "do": "see the details with --debug"}
            self.send(kind="error", error={**text, "details": traceback.format_exc()})

    def _do(self, request: dict[str, Any]) -> Any:
        """Does it, once more if memory ran out that is there again."""
        if request["do"] == "open":
            _start(Path(request["request"]["path"]))
        from advisor.runtime.oom import check_device, out_of_memory, release

        for again in (True, False):
            try:
                return getattr(self, f"do_{request['do']}")(request)
            except Exception as error:
                causes = [cause for cause in (error, error.__cause__) if cause is not None]
                for cause in causes:
                    check_device(cause)
                if not (again and any(map(out_of_memory, causes))):
                    raise
            release()
        raise AssertionError("unreachable")

    def do_open(self, request: dict[str, Any]) -> dict[str, Any]:
        """Loads the user's file and says what it is."""
        import torch

        from advisor.runtime.randomness import seed_everything
        from advisor.task.imports import code_hash
        from advisor.task.inspection import inspect_task
        from advisor.task.load import Request, load_task

        share = request["share"]
        torch.set_num_threads(share["threads"])
        seed_everything(0)  # Data that the file draws is the same in every worker.
        self.task = load_task(Request(**request["request"]))
        task = self.task
        limited = share["memory"] < 1 and task.device.type == "cuda"
        if limited:  # Before anything is measured: largest batches are those of the share.
            torch.cuda.set_per_process_memory_fraction(share["memory"], task.device)
        self.shapes = inspect_task(task)
        metric = task.metric
        return {
            "name": task.name,
            "train_size": task.train.size,
            "val_size": task.val.size,
            "current": task.current.config.as_dict(),
            "current_given": task.current.given,
            "fingerprint": task.fingerprint,
            "code": code_hash(Path(request["request"]["path"])),
            "inferred": [
                *task.inferred,
                *([f"each worker may use {share['memory']:.0%} of the device's memory"] * limited),
            ],
            "metric": None
            if metric is None
            else {"name": metric.name, "higher_is_better": metric.higher_is_better, "from_user": metric.from_user},
            "shapes": asdict(self.shapes),
            "device": str(task.device),
            "torch": torch.__version__,
        }

    def do_make(self, request: dict[str, Any]) -> int:
        """Makes model and optimizer, to see that they take their keywords; returns the model's number of weights."""
        from advisor.config.build_optimizer import build_optimizer

        model = self.task.fresh_model(0, request["keywords"])
        build_optimizer(self.task.param_groups(model), request["optimizer"])
        return sum(p.numel() for p in model.parameters())

    def do_throughput(self, request: dict[str, Any]) -> dict[str, Any]:
        """Times steps at the present batch size and, as far as these examples go, at others."""
        from advisor.probes.batch_size.throughput import throughput

        return throughput(self.task, int(request["examples"]))

    def do_profile(self, request: dict[str, Any]) -> dict[str, Any]:
        """Measures data and model."""
        from advisor.probes.profile import profile

        return profile(self.task, self.shapes)

    def do_preflight(self, request: dict[str, Any]) -> dict[str, Any]:
        """Measures the untrained model."""
        from advisor.probes.preflight.measure import preflight

        return preflight(self.task, int(request["examples"])).as_dict()

    def do_probe(self, request: dict[str, Any]) -> dict[str, Any]:
        """Runs one probe, telling its progress."""
        from advisor.records.spec import ProbeSpec
        from advisor.runtime.process_state import restored
        from advisor.training.trainer import run_probe

        spec = ProbeSpec.from_dict(request["spec"])
        last = 0.0

        def progress(step: int, loss: float) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last > _PROGRESS_SECONDS:
                last = now
                self.send(kind="progress", step=step, steps=spec.steps, loss=loss)

        with restored():
            return run_probe(self.task, spec, progress).as_dict()

    def do_probes(self, request: dict[str, Any]) -> dict[str, Any]:
        """Runs the arms of a round together where that is faster; tells each trace as it ends."""
        from advisor.records.spec import ProbeSpec
        from advisor.records.trace import Trace
        from advisor.runtime.process_state import restored
        from advisor.training.fused.together import Together

        if self.together is None:
            self.together = Together(self.task)
        last = 0.0

        def ended(spec: ProbeSpec, trace: Trace) -> None:
            self.send(kind="progress", key=spec.key, trace=trace.as_dict())

        def progress(spec: ProbeSpec, step: int, loss: float) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last > _PROGRESS_SECONDS:
                last = now
                self.send(kind="progress", key=spec.key, step=step, steps=spec.steps, loss=loss)

        with restored():
            self.together.run([ProbeSpec.from_dict(spec) for spec in request["specs"]], ended, progress)
        return {"way": self.together.verdict.way, "why": self.together.verdict.why}


def _start(path: Path) -> None:
    """Loads torch, unless the user's file is no Python at all: that is said at once.

    What torch makes on import stays for good, so that the garbage collector need never look through it.
    """
    from advisor.task.imports import read_code

    read_code(path)
    gc.disable()
    import torch  # noqa: F401

    gc.freeze()
    gc.enable()


def main() -> None:
    """Serves requests until the parent closes the pipe."""
    keep()
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    incoming = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # input() in the user's code ends at once instead of waiting
    sys.stdout = sys.stderr
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the life of the process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(incoming, requests), daemon=True).start()
    worker = Worker(protocol)
    while True:
        worker.answer(json.loads(requests.get()))


def _read(source: TextIO, requests: "queue.Queue[str]") -> None:
    for line in source:
        requests.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
