"""What was measured of data, model, device and batch sizes before any probe: numbers only. No torch here."""

import math
from dataclasses import dataclass
from typing import Literal

SearchEnd = Literal["memory", "data", "cost", "error", "unlimited"]


@dataclass(frozen=True, slots=True)
class DataProfile:
    """How large and how complex the data are.

    Attributes:
        examples: Training examples.
        validation_examples: Validation examples.
        input_shape: Of one example.
        targets: ``classes``, ``real`` or ``other``.
        classes: Number of classes, or None.
        complexity: Why the rest was not measured; None if it was.
        effective_rank: Exponential of the entropy of the principal components' shares, or None.
        features: Numbers in one example.
        complexity_sample: Examples that the measurements below were made on.
        linear_probe_error: Held-out error of a linear model, or None.
        nearest_neighbour_error: Of five nearest neighbours, or None.
        chance_error: Of the best constant prediction, or None.
        error_kind: What these errors are, in words.
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
    """How large the model is, and what it is made of.

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
    """Where probes run.

    Attributes:
        type: As torch names it.
        name: Of the chip.
        threads: CPU threads of a worker.
        count: Devices that the user trains on at once.
    """

    type: str
    name: str
    threads: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTrial:
    """One batch size, tried for a few steps and an evaluation.

    Attributes:
        batch_size: Examples per optimizer step.
        steps: Steps made.
        step_seconds: The fastest after the first; NaN if none was made.
        examples_per_second: NaN if no step was made.
        peak_bytes: Highest memory in use on a GPU, else None.
        grown_bytes: By which the memory in use grew; NaN if unknown.
        fits: Whether training and evaluation went through.
        out_of_memory: Whether memory was what failed.
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
    """The longest examples, where examples differ in length: sizes were tried on these.

    Attributes:
        measured: Examples whose length was measured.
        of: Training examples.
        least: Shortest length found.
        most: Longest length found.
    """

    measured: int
    of: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """Which batches fit into one forward and backward pass.

    Attributes:
        largest: Largest size that was trained and evaluated, or None.
        too_large: Smallest that ran out of memory, or None.
        stopped: What ended the search: ``memory``, ``data`` (no more examples), ``cost``, ``error`` (something else
            than memory), or ``unlimited`` (memory has no limit to run into).
        longest: Where sizes were tried on the longest examples, else None.
        train_examples: What it cost.
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
        rows: One for each size that was timed, smallest first.
        at_once: The current batch without accumulation, where the settings accumulate; else None.
        fit: Which sizes fit; None for batches that come ready-made.
        fetch_seconds: What the loader takes for one batch of the current size.
        train_examples: What all of it cost.
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
    """Everything measured before the first probe but preflight; None until it is.

    Attributes:
        data: Size and complexity.
        model: Size and parts.
        device: Where probes run.
        batch: Timed batch sizes.
    """

    data: DataProfile | None = None
    model: ModelProfile | None = None
    device: DeviceProfile | None = None
    batch: BatchMeasurements | None = None
