"""Retired codes. They are never reused, and old reports may contain them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retired:
    """A retired code.

    Attributes:
        code: The code.
        title: What it was about.
        reason: Why it was retired.
        moved_to: Where the information is now.
    """

    code: str
    title: str
    reason: str
    moved_to: str

    @property
    def family(self) -> str:
        """The letters of the code."""
        return self.code.rstrip("0123456789")


RETIRED: tuple[Retired, ...] = (
    Retired(
        "BS007",
        "The total batch is the sum over all devices",
        "it stated the number of devices and judged nothing",
        "the notes of the report",
    ),
    Retired(
        "EP004",
        "The result of a longer run is predicted",
        "a forecast is a number to check a run against, not a fault to find",
        "the prediction of the report, and the forecast of each run in advisor read",
    ),
    Retired(
        "EX005",
        "Sources disagree; the measurement decided",
        "it listed known disagreements on every task and judged none of them",
        "the notes of the report",
    ),
    Retired(
        "MO005",
        "A range test of momentum is not informative",
        "it never applied: it explained why a test is not run",
        "docs/how-it-decides.md",
    ),
    Retired(
        "WD004",
        "The weight-decay grid follows the measured size of data and model",
        "it explained a choice on every task and judged nothing",
        "the notes of the report",
    ),
    Retired(
        "WD007",
        "Weight decays are compared by whole schedules, not from one snapshot",
        "it never applied: it explained why a comparison is not run",
        "docs/how-it-decides.md",
    ),
)
"""Sorted by code."""
