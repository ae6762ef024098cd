"""Ctrl-C and SIGTERM: the first ends the search and writes the report, the second stops immediately."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from advisor.errors import EXIT_INTERRUPTED

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_ENOUGH = 3


@dataclass(slots=True)
class _State:
    count: int = 0
    allowed: bool = True


_state = _State()


@contextmanager
def handled() -> Iterator[None]:
    """Installs the signal handlers for the block and restores the previous ones."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.count, _state.allowed = 0, True
    former = {}
    for number in (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)):
        handler = signal.getsignal(number)
        if handler is not signal.SIG_IGN and handler is not None:  # An ignored SIGHUP (nohup) stays ignored.
            former[number] = signal.signal(number, _on_signal)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        _state.count, _state.allowed = 0, True


@contextmanager
def put_off() -> Iterator[None]:
    """Defers the first signal of the block; it takes effect inside ``allowed``."""
    before, _state.allowed = _state.allowed, False
    try:
        yield
    finally:
        _state.allowed = before


@contextmanager
def allowed() -> Iterator[None]:
    """A part of a ``put_off`` block that the first signal interrupts.

    Raises:
        KeyboardInterrupt: When the signal arrives, or on entry if it arrived before.
    """
    before, _state.allowed = _state.allowed, True
    try:
        if _state.count:
            raise KeyboardInterrupt
        yield
    finally:
        _state.allowed = before


def _on_signal(number: int, frame: FrameType | None) -> None:
    _state.count += 1
    if _state.count >= _ENOUGH:
        os._exit(EXIT_INTERRUPTED)
    if _state.allowed or _state.count > 1:
        raise KeyboardInterrupt
