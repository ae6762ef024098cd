"""The axis on which a knob's values are compared: by difference, or by ratio with an offset for zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from advisor.fits.smoothing import Floats
from advisor.fits.types import Scale


@dataclass(frozen=True, slots=True)
class Axis:
    """Converts values to coordinates and back.

    Attributes:
        scale: ``log`` compares by ratio, ``linear`` by difference.
        floor: Added before the logarithm: a tenth of the smallest positive value if there is a zero, else 0.
    """

    scale: Scale
    floor: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float], scale: Scale) -> Self:
        """The axis for these values (non-negative where the scale is ``log``)."""
        positive = [value for value in values if value > 0]
        if scale == "linear" or len(positive) == len(values) or not positive:
            return cls(scale, 0.0 if positive or scale == "linear" else 1.0)
        return cls(scale, min(positive) / 10.0)

    def coordinates(self, values: Sequence[float]) -> Floats:
        """Positions on the axis, in decades if it is logarithmic."""
        array = np.asarray(values, dtype=np.float64)
        return array if self.scale == "linear" else np.log10(array + self.floor)

    def coordinate(self, value: float) -> float:
        """Position of one value."""
        return float(self.coordinates([value])[0])

    def values(self, coordinates: Floats) -> Floats:
        """The knob's own values at these positions."""
        if self.scale == "linear":
            return coordinates
        return np.asarray(np.maximum(np.power(10.0, coordinates) - self.floor, 0.0), dtype=np.float64)

    def value(self, coordinate: float) -> float:
        """The knob's value at one position."""
        return float(self.values(np.array([coordinate]))[0])
