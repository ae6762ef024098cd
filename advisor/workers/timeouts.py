"""Time limits for the silence of a worker and for a whole probe."""

import math
from dataclasses import dataclass

from advisor.records.spec import ProbeSpec

_FACTOR = 20.0
_LEAST_SILENCE = 120.0
_LEAST_PROBE = 600.0
_LEAST_LOAD = 300.0
_LONGEST_LOAD = 1800.0
_LOAD_FACTOR = 30.0
_STEPS_BETWEEN_SIGNS = 10
NO_LIMIT = math.inf


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits, given or as multiples of the measured time of a step.

    Attributes:
        step_timeout: Allowed seconds of silence; None takes 20 times the expected, at least 2 minutes.
        probe_timeout: Allowed seconds of a probe; None takes 20 times the expected, at least 10 minutes.
        step_seconds: Measured seconds per step; infinite (no limit) until known.
        batch_size: Batch size of that measurement.
        load_seconds: Measured seconds of loading the task; None until known.
    """

    step_timeout: float | None = None
    probe_timeout: float | None = None
    step_seconds: float = NO_LIMIT
    batch_size: int = 1
    load_seconds: float | None = None

    @property
    def load(self) -> float:
        """Seconds for other requests: half an hour for loading the task, then 20 times that, at least 5 minutes."""
        if self.step_timeout is not None:
            return _LOAD_FACTOR * self.step_timeout
        return _LONGEST_LOAD if self.load_seconds is None else max(_LEAST_LOAD, _FACTOR * self.load_seconds)

    def silence(self, spec: ProbeSpec) -> float:
        """Allowed seconds between two messages: ten steps and one evaluation."""
        if self.step_timeout is not None:
            return self.step_timeout
        steps = _STEPS_BETWEEN_SIGNS + 2 * spec.eval_examples / spec.batch_size
        return max(_LEAST_SILENCE, _FACTOR * steps * self._step(spec))

    def probe(self, spec: ProbeSpec) -> float:
        """Allowed seconds of the whole probe."""
        if self.probe_timeout is not None:
            return self.probe_timeout
        steps = spec.steps + (spec.eval_total + spec.noise_examples) / spec.batch_size
        return max(_LEAST_PROBE, _FACTOR * steps * self._step(spec))

    def _step(self, spec: ProbeSpec) -> float:
        return self.step_seconds * max(1.0, spec.batch_size / self.batch_size)
