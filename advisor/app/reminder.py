"""Repeats what is in progress if nothing else was printed for a while."""

import threading
import time
from collections.abc import Callable

_FIRST_SECONDS = 3.0
_AGAIN_SECONDS = 30.0


class Reminder:
    """A timer that prints what is in progress, first after a short and then after longer silences.

    Args:
        say: Receives the sentence, in a separate thread.
        first: Seconds of silence before the first reminder.
        again: Seconds between further reminders.
    """

    def __init__(
        self, say: Callable[[str], None], first: float = _FIRST_SECONDS, again: float = _AGAIN_SECONDS
    ) -> None:
        self._say, self._first, self._again = say, first, again
        self._timer: threading.Timer | None = None
        self._began = 0.0
        self.text = ""

    def start(self, text: str, short: bool = True) -> None:
        """Restarts the timer.

        Args:
            text: What is in progress; it may be changed while the timer runs.
            short: Whether the first reminder comes after ``first`` seconds rather than ``again``.
        """
        self.stop()
        self.text, self._began = text, time.monotonic()
        self._wait(self._first if short else self._again)

    def stop(self) -> None:
        """Stops the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._due)
        self._timer.daemon = True
        self._timer.start()

    def _due(self) -> None:
        if self._timer is threading.current_thread():
            self._say(f"{self.text} ... ({time.monotonic() - self._began:.0f} s)")
            self._wait(self._again)
