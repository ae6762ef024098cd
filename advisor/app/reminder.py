"""Says again what is going on where nothing else has been said for a while."""

import threading
import time
from collections.abc import Callable

_FIRST_SECONDS = 3.0
_AGAIN_SECONDS = 30.0


class Reminder:
    """A timer that says what is being done, first after a short silence and then after longer ones.

    Args:
        say: Receives the sentence, in a thread of its own.
        first: Seconds of silence before the first time.
        again: Seconds between further ones.
    """

    def __init__(
        self, say: Callable[[str], None], first: float = _FIRST_SECONDS, again: float = _AGAIN_SECONDS
    ) -> None:
        self._say, self._first, self._again = say, first, again
        self._timer: threading.Timer | None = None
        self._began = 0.0
        self.text = ""

    def start(self, text: str, short: bool = True) -> None:
        """Begins anew.

        Args:
            text: What is being done; it may be changed while that goes on.
            short: Whether to wait for the first time only ``first`` seconds, and not ``again``.
        """
        self.stop()
        self.text, self._began = text, time.monotonic()
        self._wait(self._first if short else self._again)

    def stop(self) -> None:
        """Says nothing any more."""
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
