"""Runs a script in the sandbox, under hooks, until enough was recorded."""

import builtins
import contextlib
import io
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from advisor.capture import cpu, frameworks, hooks
from advisor.capture.draws import Draws
from advisor.capture.events import Namespace, Phase, Refused, Seen, Stop
from advisor.capture.frameworks import Handed
from advisor.capture.imports import ImportHook
from advisor.capture.patching import Patches
from advisor.capture.record import Recorder
from advisor.capture.rounds import MARK
from advisor.capture.sandbox import trackers
from advisor.capture.sandbox.box import Sandbox
from advisor.capture.source import Source, is_users, project_text, put_on_path

_WATCHED_SECONDS = 600.0
_TICK = 0.5
_RATES = re.compile(r"param_groups|adjust_l|set_l(?:r|earning)|scheduler|\blr\s*[*/]?=[^=]|warm_?up", re.I)


@dataclass(slots=True)
class Watched:
    """The result of a run.

    Attributes:
        source: The script.
        arguments: Its own arguments.
        seen: What was noted of its training.
        recorder: Feeds its loop body.
        draws: How weights were drawn.
        sandbox: What was held back.
        patches: Undoes what stays for the loop body.
        on_cpu: Whether it names a GPU that is not there.
        handed: What it handed to a framework's trainer, or None.
        refused: Why it is out of scope, or empty.
        error: What it raised before enough was seen, or None.
        where: File and line of its own code where that was.
        printed: The end of what it wrote to stderr.
        space: Its names.
    """

    source: Source
    arguments: tuple[str, ...]
    seen: Seen
    recorder: Recorder
    draws: Draws
    sandbox: Sandbox
    patches: Patches
    on_cpu: bool = False
    handed: Handed | None = None
    refused: str = ""
    error: BaseException | None = None
    where: str = ""
    printed: str = ""
    space: Namespace = field(default_factory=dict)


def watch(source: Source, arguments: tuple[str, ...], guard: bool = True, nproc: int = 1) -> Watched:
    """Runs the script as ``python script arguments`` would, and stops it.

    Args:
        source: The script.
        arguments: Its own arguments.
        guard: Whether the kernel is asked to refuse what would be written past the sandbox.
        nproc: Processes that it is to believe to be one of.
    """
    text = project_text(source.path)
    code = source.code()
    patches, watching = Patches(), Patches()
    recorder = Recorder(_WATCHED_SECONDS)
    recorder.rates_in_text = bool(_RATES.search(text))
    found = Watched(source, arguments, recorder.seen, recorder, Draws(), Sandbox(guard), patches)
    patches.set(builtins, MARK, recorder.rounds.began)
    found.sandbox.install(patches, source.path)
    found.draws.install(watching)
    hooks.install(patches, watching, recorder, nproc)
    mode: Any = contextlib.nullcontext()
    if not torch.cuda.is_available() and "cuda" in text:
        cpu.install(patches)
        mode = cpu.OnCpu()
    changes = frameworks.changes(watching)
    ImportHook(changes, trackers.NAMES, lambda name: trackers.stand_in(name, found.sandbox.held)).install()
    main = ModuleType("__main__")
    main.__file__ = str(source.path)
    main.__dict__["display"] = lambda *_, **__: None
    main.__dict__["get_ipython"] = lambda: None
    if source.path.suffix != ".ipynb":
        del main.__dict__["display"], main.__dict__["get_ipython"]
    found.space = main.__dict__
    sys.modules["__main__"] = main
    package = put_on_path(source)
    if package:
        main.__package__ = package
    sys.argv = [str(source.path), *arguments]
    with _timer(recorder), _quiet() as printed, mode:
        try:
            exec(code, main.__dict__)
            recorder.seen.ended = not recorder.ending.stopped
        except Stop:
            pass
        except Refused as reason:
            found.refused = str(reason)
        except frameworks.Handing as handing:
            found.handed = handing.handed
        except BaseException as error:  # Whatever the script raises.
            _broken(found, error)
    recorder.close()
    found.sandbox.set_active(False)
    found.draws.closed = True
    watching.undo()
    found.printed = printed.getvalue()[-2000:]
    found.on_cpu = bool(cpu.OnCpu.used)
    return found


def _broken(found: Watched, error: BaseException) -> None:
    """Whether an error is due to skipping: it occurred after the first steps."""
    if len(found.seen.rates) >= 1 and found.recorder.phase is Phase.HURRYING:
        if isinstance(error, SystemExit):
            found.seen.ended = not found.recorder.ending.stopped
        return
    found.error = error
    own = [f for f in traceback.extract_tb(error.__traceback__) if is_users(f.filename)]
    if own:
        found.where = f"{Path(own[-1].filename).name}, line {own[-1].lineno}"


@contextlib.contextmanager
def _timer(recorder: Recorder) -> Iterator[None]:
    """Checks the time limit while the script calls none of the hooks."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda *_: recorder.alarm())
    signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Tail(io.StringIO):
    """Keeps the tail of the output."""

    def write(self, text: str) -> int:
        if self.tell() > 100_000:
            self.seek(0)
            self.truncate()
        return super().write(text)

    def fileno(self) -> int:
        return 2


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Keeps the script's output out of the worker's protocol; the tail of stderr is kept for messages."""
    tail = _Tail()
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(tail),
    ):
        yield tail
