"""Measurements of data, model, device and batch sizes before any probe: numbers only. No torch here."""

import math
from dataclasses import dataclass
from typing import Literal

SearchEnd = Literal["memory", "data", "cost", "error", "unlimited"]


@dataclass(frozen=True, slots=True)
class DataProfile:
    """Size and complexity of the data.

    Attributes:
        examples: Training examples.
        validation_examples: Validation examples.
        input_shape: Of one example.
        targets: ``classes``, ``real`` or ``other``.
        classes: Number of classes, or None.
        complexity: Why complexity was not measured; None if it was.
        effective_rank: Exponential of the entropy of the principal components' shares, or None.
        features: Numbers in one example.
        complexity_sample: Examples that complexity was measured on.
        linear_probe_error: Held-out error of a linear model, or None.
        nearest_neighbour_error: Held-out error of a five-nearest-neighbours model, or None.
        chance_error: Error of the best constant prediction, or None.
        error_kind: Unit of these errors, as text.
    """

    examples: int
    validation_examples: int
    input_shape: tuple[int, ...]
    targets: str
    classes: int | None
    complexity: str | None = None
    effective_rank: float | None = None
    features: int | None = None
    complexity_sample: int | None = None
    linear_probe_error: float | None = None
    nearest_neighbour_error: float | None = None
    chance_error: float | None = None
    error_kind: str | None = None


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Size and components of the model.

    Attributes:
        parameters: Number of weights.
        trainable: Those that require a gradient.
        depth: Layers with weights.
        normalisation: Classes of its normalisation layers.
        dropout: Its dropout rates above 0.
        attention: Whether it has an attention layer.
        embedding: Whether it has an embedding.
        flops_per_example: Of a forward pass, a lower bound; None if it could not be counted.
        class_name: Class of the model; empty in old recordings.
    """

    parameters: int
    trainable: int
    depth: int
    normalisation: tuple[str, ...]
    dropout: tuple[float, ...]
    attention: bool
    embedding: bool
    flops_per_example: float | None
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """The device that probes run on.

    Attributes:
        type: torch device type.
        name: Name of the chip.
        threads: CPU threads of a worker.
        count: Devices that the user trains on at once.
    """

    type: str
    name: str
    threads: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTrial:
    """One batch size, tried for a few training steps and an evaluation.

    Attributes:
        batch_size: Examples per optimizer step.
        steps: Steps made.
        step_seconds: Seconds of the fastest step after the first; NaN if there was none.
        examples_per_second: Throughput; NaN if there was no step.
        peak_bytes: Peak memory on a GPU, else None.
        grown_bytes: Growth of the memory in use; NaN if unknown.
        fits: Whether training and evaluation succeeded.
        out_of_memory: Whether it ran out of memory.
        error: First line of the error, or None.
    """

    batch_size: int
    steps: int
    step_seconds: float
    examples_per_second: float
    peak_bytes: int | None
    grown_bytes: float = math.nan
    fits: bool
    out_of_memory: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class LongestExamples:
    """The longest examples, where lengths differ; batch sizes were tried on these.

    Attributes:
        measured: Examples whose length was measured.
        of: Number of training examples.
        least: Shortest length found.
        most: Longest length found.
    """

    measured: int
    of: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The batch sizes that fit into one forward and backward pass.

    Attributes:
        largest: Largest size that was trained and evaluated, or None.
        too_large: Smallest size that ran out of memory, or None.
        stopped: What ended the search: ``memory``, ``data`` (no more examples), ``cost``, ``error`` (another
            error than memory), or ``unlimited`` (memory has no limit).
        longest: The examples that were used, where lengths differ, else None.
        train_examples: Examples that the search cost.
    """

    largest: int | None
    too_large: int | None
    stopped: SearchEnd
    longest: LongestExamples | None = None
    train_examples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMeasurements:
    """Timed steps at several batch sizes.

    Attributes:
        rows: One trial for each timed size, ascending.
        at_once: The current batch size without accumulation, where the settings accumulate; else None.
        fit: Which sizes fit; None for ready-made batches.
        fetch_seconds: Seconds that the loader takes for one batch of the current size.
        train_examples: Examples that all timing cost.
    """

    rows: tuple[BatchTrial, ...]
    at_once: BatchTrial | None = None
    fit: MemoryLimit | None = None
    fetch_seconds: float
    train_examples: int

    def row(self, batch_size: int) -> BatchTrial | None:
        """The trial of a batch size; None if it was not timed."""
        return next((row for row in self.rows if row.batch_size == batch_size), None)


@dataclass(frozen=True, slots=True)
class ProfileResult:
    """All measurements before the first probe except preflight; None where not yet made.

    Attributes:
        data: Size and complexity.
        model: Size and components.
        device: The device that probes run on.
        batch: Timed batch sizes.
    """

    data: DataProfile | None = None
    model: ModelProfile | None = None
    device: DeviceProfile | None = None
    batch: BatchMeasurements | None = None
