"""An unbounded series in bounded memory."""

import math
from array import array

import numpy as np

from advisor.logs.run import Column

LONGEST = 8192


class Series:
    """Points of one curve; beyond ``LONGEST`` points, neighbours are averaged in pairs, repeatedly.

    Args:
        name: Name of the column, which determines its role.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.group = 1
        self._x, self._y = array("d"), array("d")
        self._open_x, self._open_y, self._open = 0.0, 0.0, 0

    def __len__(self) -> int:
        return len(self._x)

    @property
    def last(self) -> float:
        """The last value; NaN if there is none."""
        return self._y[-1] if self._y else math.nan

    def add(self, x: float, y: float) -> None:
        """Appends a point; ``x`` must not decrease."""
        if self.group == 1:
            self._x.append(x)
            self._y.append(y)
        else:
            self._open_x, self._open_y, self._open = self._open_x + x, self._open_y + y, self._open + 1
            if self._open == self.group:
                self._x.append(self._open_x / self.group)
                self._y.append(self._open_y / self.group)
                self._open_x, self._open_y, self._open = 0.0, 0.0, 0
        if len(self._x) >= LONGEST:
            self._x, self._y = _paired(self._x), _paired(self._y)
            self.group *= 2

    def not_finite_at_end(self) -> int:
        """Number of consecutive non-finite values at the end."""
        count = 0
        for value in reversed(self._y):
            if math.isfinite(value):
                break
            count += 1
        return count

    def last_finite(self) -> float:
        """Position of the last finite value; NaN if there is none."""
        return next(
            (x for x, y in zip(reversed(self._x), reversed(self._y), strict=True) if math.isfinite(y)), math.nan
        )

    def column(self) -> Column:
        """The points so far."""
        return Column(self.name, tuple(self._x), tuple(self._y), group=self.group)


def _paired(values: "array[float]") -> "array[float]":
    pairs = np.frombuffer(values, dtype=np.float64).reshape(-1, 2)
    with np.errstate(invalid="ignore", over="ignore"):
        return array("d", pairs.mean(axis=1).tolist())
