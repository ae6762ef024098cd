"""How long a request has been waited for, and whether that is too long."""

from advisor.workers.timeouts import NO_LIMIT


class RequestTimer:
    """Counts the time of one request after another.

    Attributes:
        verdict: Why the wait was given up; empty if it was not.
    """

    def __init__(self) -> None:
        self.verdict = ""
        self._waiting = False
        self._silence = self._spent = 0.0
        self._longest_silence = self._limit = NO_LIMIT

    def begin(self, silence: float, limit: float) -> None:
        """A request is sent: allowed seconds without a sign of life, and seconds in all."""
        self._silence = self._spent = 0.0
        self._longest_silence, self._limit, self._waiting = silence, limit, True

    def heard(self) -> None:
        """A sign of life arrived."""
        self._silence = 0.0

    def end(self) -> None:
        """The request was answered."""
        self._waiting = False

    def expired(self, seconds: float) -> bool:
        """Counts these seconds; true once, when the request has taken too long."""
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
