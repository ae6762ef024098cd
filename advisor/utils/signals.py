"""Ctrl-C and SIGTERM: the first ends the search and lets the report be written, the second stops at once."""

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
    """Handles the signals inside; puts the former handlers back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _state.count, _state.allowed = 0, True
    former = {}
    for number in (getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)):
        handler = signal.getsignal(number)
        if handler is not signal.SIG_IGN and handler is not None:  # nohup stays in force
            former[number] = signal.signal(number, _on_signal)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        _state.count, _state.allowed = 0, True


@contextmanager
def put_off() -> Iterator[None]:
    """The first signal inside is only noted; ``allowed`` is where it takes effect."""
    before, _state.allowed = _state.allowed, False
    try:
        yield
    finally:
        _state.allowed = before


@contextmanager
def allowed() -> Iterator[None]:
    """A part of ``put_off`` that the first signal ends.

    Raises:
        KeyboardInterrupt: Inside, and also if the signal came before.
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
