"""Errors that a user sees, each with what was expected, what was found and what to do."""

EXIT_ADVICE = 0
EXIT_UNTRAINABLE = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class AdvisorError(Exception):
    """An error that the user can fix; printed as one clear message, exit code 2.

    Args:
        expected: What was looked for.
        found: What was there instead.
        do: The next step that resolves it.
        details: A traceback or log, shown only with ``--debug``.
    """

    def __init__(self, expected: str, found: str, do: str, details: str = "") -> None:
        super().__init__(f"expected {expected}; found {found}; {do}")
        self.expected = expected
        self.found = found
        self.do = do
        self.details = details

    def as_dict(self) -> dict[str, str]:
        """The same four texts as plain JSON, to cross the process boundary."""
        return {"expected": self.expected, "found": self.found, "do": self.do, "details": self.details}


class ContractError(AdvisorError):
    """The user's file does not meet the contract of a task file."""


class UsageError(AdvisorError):
    """A command-line argument or a configuration file is wrong."""


class WorkerDied(AdvisorError):
    """A worker process ended without an answer (crash, kill, out of memory)."""


class WorkerHung(WorkerDied):
    """A worker process was killed because it exceeded its time limit."""


class NoRoom(AdvisorError):
    """No further worker can be started now; the existing workers continue."""


class TaskLost(AdvisorError):
    """The task was loaded before and can no longer be loaded."""


class OutputLost(AdvisorError):
    """Results can no longer be written: the disk is full or unavailable."""
