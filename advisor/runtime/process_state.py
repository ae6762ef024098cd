"""Process state that a probe may change, restored afterwards so that the next probe starts the same."""

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch

_KEPT_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def restored() -> Iterator[None]:
    """Restores working directory, environment, import path, signal handlers and torch's global switches."""
    folder, environment, path = _folder(), dict(os.environ), list(sys.path)
    handlers = {number: signal.getsignal(number) for number in _KEPT_SIGNALS}
    gradients, dtype, threads = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()
    anomaly, exact = torch.is_anomaly_enabled(), torch.are_deterministic_algorithms_enabled()
    precision, switches = _matmul_precision(), _switches()
    try:
        yield
    finally:
        with suppress(OSError):
            if folder is not None:
                os.chdir(folder)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        sys.path[:] = path
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        torch.set_grad_enabled(gradients)
        torch.set_default_dtype(dtype)
        torch.autograd.set_detect_anomaly(anomaly)
        torch.use_deterministic_algorithms(exact)
        if (precision, switches) != (_matmul_precision(), _switches()):
            if precision is not None:
                torch.set_float32_matmul_precision(precision)
            for (owner, name), value in switches.items():
                setattr(owner, name, value)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


@contextmanager
def modules_forgotten(folder: Path) -> Iterator[None]:
    """Unloads the modules imported from a folder inside the block, so that the next import reads them again."""
    importlib.invalidate_caches()
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if isinstance(file, str) and folder in Path(file).parents and "site-packages" not in Path(file).parts:
                del sys.modules[name]


def _matmul_precision() -> str | None:
    """The value set by ``torch.set_float32_matmul_precision``; None if the newer ``fp32_precision`` is used."""
    try:
        return torch.get_float32_matmul_precision()
    except RuntimeError:
        return None


def _switches() -> dict[tuple[Any, str], Any]:
    """Global switches that select kernels (TF32 among them): owner, name and current value."""
    backends = torch.backends
    known: list[tuple[Any, str]] = [(backends.cudnn, name) for name in ("enabled", "benchmark", "deterministic")]
    owners = [backends, backends.cuda.matmul, backends.cudnn, backends.mkldnn]
    owners += [getattr(owner, name, None) for owner in owners[2:] for name in ("conv", "rnn", "matmul")]
    known += [(owner, "fp32_precision") for owner in owners if hasattr(owner, "fp32_precision")]
    return {(owner, name): getattr(owner, name) for owner, name in known}


def _folder() -> Path | None:
    """The working directory; None if it no longer exists."""
    try:
        return Path.cwd()
    except OSError:
        return None
