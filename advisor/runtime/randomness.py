"""Seeding of all random generators that a training run uses, and restoring their state."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seeds Python, NumPy and PyTorch on every device."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if _other_devices():
        torch.manual_seed(seed)
    else:  # Not manual_seed, which also records a call (with its traceback) for a device that is never initialised.
        torch.default_generator.manual_seed(seed)


def _other_devices() -> bool:
    return torch.cuda.is_available() or torch.backends.mps.is_available() or torch.xpu.is_available()


class RandomState:
    """The state of all generators: Python's, NumPy's, and PyTorch's on every device."""

    def __init__(self) -> None:
        self._python, self._numpy, self._cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None

    def restore(self) -> None:
        """Restores the generators to this state."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        torch.set_rng_state(self._cpu)
        if self._cuda is not None:
            torch.cuda.set_rng_state_all(self._cuda)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Runs a block under its own seed and restores all generators afterwards, also after an exception."""
    before = RandomState()
    seed_everything(seed)
    try:
        yield
    finally:
        before.restore()
