"""When a script is ended, and that this happens where its loop body stays of use."""

import inspect
import sys
import time

from advisor.capture.events import Stop
from advisor.capture.source import frames, is_users

_PATIENCE = 10.0


class Ending:
    """Ends the script by an exception, but never inside a generator of its own: that could give no batch any more.

    Args:
        seconds: After which it ends, whatever was seen.

    Attributes:
        stopped: Whether it was ended before its own end.
    """

    def __init__(self, seconds: float) -> None:
        self.stopped = False
        self._deadline = time.monotonic() + seconds
        self._due = False
        self._last = float("inf")

    def look(self, over: bool = False) -> None:
        """Ends it if it is time to.

        Args:
            over: Whether enough was seen.

        Raises:
            Stop: Then.
        """
        if self._due or over or time.monotonic() > self._deadline:
            self.end()

    def end(self) -> None:
        """Ends it, now or as soon as none of its generators is at work; after a while at any place.

        Raises:
            Stop: If none is; frameworks that catch whatever is raised do not make it the script's own end.
        """
        if not self._due:
            self._due, self._last = True, time.monotonic() + _PATIENCE
        if not _in_generator() or time.monotonic() > self._last:
            self.stopped = True
            raise Stop


def _in_generator() -> bool:
    """Whether a generator of the user's code is being run."""
    return any(
        frame.f_code.co_flags & inspect.CO_GENERATOR and is_users(frame.f_code.co_filename)
        for frame in frames(sys._getframe(2))
    )
