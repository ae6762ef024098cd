"""What a probe may change around it, put back after it, so that the next one in this process starts the same."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch

_KEPT_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def restored() -> Iterator[None]:
    """Restores working directory, environment, import path, signal handlers and torch's global switches."""
    folder, environment, path = _folder(), dict(os.environ), list(sys.path)
    handlers = {number: signal.getsignal(number) for number in _KEPT_SIGNALS}
    gradients, dtype, threads = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()
    anomaly, exact = torch.is_anomaly_enabled(), torch.are_deterministic_algorithms_enabled()
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
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


def _folder() -> Path | None:
    """The working directory; None if somebody has removed it."""
    try:
        return Path.cwd()
    except OSError:
        return None
