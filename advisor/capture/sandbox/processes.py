"""Programs and processes that a script starts: queries pass, trainers run in this process, others are blocked."""

import atexit
import multiprocessing.process
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch.multiprocessing

from advisor.capture.patching import Patches
from advisor.capture.sandbox.log import HeldBack

_HARMLESS = (
    "git",
    "nvidia-smi",
    "rocm-smi",
    "uname",
    "hostname",
    "lscpu",
    "which",
    "ldconfig",
    "whoami",
    "df",
    "free",
    "fc-list",
)
_CHANGING = ("push", "pull", "clone", "commit", "add", "checkout", "reset", "fetch", "init", "stash", "clean", "lfs")
_OWN = ("multiprocessing", "concurrent", "torch", "joblib", "loky")


def install(patches: Patches, held: HeldBack) -> None:
    """Replaces functions that start programs and processes, and exit handlers."""
    nothing = shutil.which("true")

    def popen(old: Callable[..., None]) -> Callable[..., None]:
        def init(self: Any, args: Any, *rest: Any, **keywords: Any) -> None:
            if not _harmless(args):
                held.add(f"starts `{_text(args)}`")
                size = "stty size" in _text(args)
                args = ["echo", "24 80"] if size else [nothing] if nothing else [sys.executable, "-c", ""]
                keywords["shell"] = False
                keywords.pop("executable", None)
            old(self, args, *rest, **keywords)

        return init

    def start(old: Callable[..., None]) -> Callable[..., None]:
        def started(self: Any) -> None:
            if str(getattr(self._target, "__module__", "")).startswith(_OWN):
                return old(self)
            held.add("starts processes of its own; the first one was run here instead")
            self.run()
            self._advisor_ended = True
            return None

        return started

    def unless_run_here(old: Callable[..., Any]) -> Callable[..., Any]:
        return lambda self, *args, **keywords: (
            None if getattr(self, "_advisor_ended", False) else old(self, *args, **keywords)
        )

    def spawn(old: Callable[..., Any]) -> Callable[..., Any]:
        def spawned(fn: Any, args: Any = (), nprocs: int = 1, *_: Any, **__: Any) -> None:
            held.add(f"starts {nprocs} trainers; the first one was run here instead")
            os.environ.update(RANK="0", LOCAL_RANK="0", WORLD_SIZE=os.environ.get("WORLD_SIZE", "1"))
            fn(0, *args)

        return spawned

    def command(old: Callable[..., Any]) -> Callable[..., Any]:
        def ran(text: Any, *args: Any, **keywords: Any) -> Any:
            if _harmless(text):
                return old(text, *args, **keywords)
            held.add(f"starts `{_text(text)}`")
            return 0

        return ran

    def never(old: Callable[..., Any]) -> Callable[..., Any]:
        def ended(*args: Any, **_: Any) -> Any:
            raise SystemExit(args[0] if args and isinstance(args[0], int) else 0)

        return ended

    patches.wrap(subprocess.Popen, "__init__", popen)
    base: Any = multiprocessing.process.BaseProcess
    patches.wrap(base, "start", start)
    for name in ("join", "terminate", "kill", "close"):
        patches.wrap(base, name, unless_run_here)
    patches.wrap(torch.multiprocessing, "spawn", spawn)
    patches.wrap(sys.modules["torch.multiprocessing.spawn"], "spawn", spawn)
    patches.wrap(os, "system", command)
    for name in ("execv", "execve", "execvp", "execvpe", "_exit", "abort"):
        patches.wrap(os, name, never)
    patches.set(atexit, "register", lambda function, *_, **__: function)


def _text(args: Any) -> str:
    text = args if isinstance(args, str) else " ".join(map(str, args)) if isinstance(args, (list, tuple)) else str(args)
    return text if len(text) < 60 else text[:57] + "..."


def _harmless(args: Any) -> bool:
    words = (
        args.split()
        if isinstance(args, str)
        else [str(word) for word in args]
        if isinstance(args, (list, tuple))
        else []
    )
    if not words or any(sign in " ".join(words) for sign in (">", "&&", ";", "|")):
        return False
    return Path(words[0]).name in _HARMLESS and not any(word in _CHANGING for word in words[1:])
