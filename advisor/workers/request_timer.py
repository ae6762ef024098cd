"""Measures how long a request takes, and whether that is too long."""

from advisor.workers.timeouts import NO_LIMIT


class RequestTimer:
    """Times one request after another.

    Attributes:
        verdict: Why the request timed out; empty if it did not.
    """

    def __init__(self) -> None:
        self.verdict = ""
        self._waiting = False
        self._silence = self._spent = 0.0
        self._longest_silence = self._limit = NO_LIMIT

    def begin(self, silence: float, limit: float) -> None:
        """Starts a request: allowed seconds without a message, and seconds in total."""
        self._silence = self._spent = 0.0
        self._longest_silence, self._limit, self._waiting = silence, limit, True

    def heard(self) -> None:
        """Records a message."""
        self._silence = 0.0

    def end(self) -> None:
        """Ends the request."""
        self._waiting = False

    def expired(self, seconds: float) -> bool:
        """Adds these seconds; returns True once, when the request has taken too long."""
        if not self._waiting:
            return False
        self._silence += seconds
        self._spent += seconds
        if self._silence > self._longest_silence:
            self.verdict = f"no sign of life for {self._longest_silence:.3g} seconds"
        elif self._spent > self._limit:
            self.verdict = f"not done after {self._limit:.3g} seconds"
        else:
            return False
        self._waiting = False
        return True
