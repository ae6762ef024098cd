"""Measurements of data, model, device and batch sizes before training."""

from __future__ import annotations

import msgspec

from advisor.schema.base import Facts, Number, Part


class BatchRow(Part, frozen=True, kw_only=True):
    """One timed batch size.

    Attributes:
        batch_size: Examples per step.
        fits: Whether training and evaluation succeeded.
        steps: Steps that were timed.
        step_seconds: Median seconds per step.
        examples_per_second: Throughput.
        peak_bytes: Peak memory; null if the device does not report it.
        grown_bytes: Growth of the process's memory.
        out_of_memory: Whether it ran out of memory.
        error: Why it failed.
    """

    batch_size: int
    fits: bool
    steps: int | None = None
    step_seconds: Number = None
    examples_per_second: Number = None
    peak_bytes: Number = None
    grown_bytes: Number = None
    out_of_memory: bool = False
    error: str | None = None


class LargestBatch(Part, frozen=True, kw_only=True):
    """The search for the largest batch.

    Attributes:
        largest: Largest size that fits.
        too_large: Smallest size that did not fit.
        stopped: What ended the search: ``memory``, ``data``, ``cost``, ``error`` or ``unlimited``.
        longest: Lengths of the examples that were used, where they vary.
        train_examples: Examples that the search trained on.
    """

    largest: int | None = None
    too_large: int | None = None
    stopped: str = "unlimited"
    longest: Facts | None = None
    train_examples: int = 0


class NoiseScale(Part, frozen=True, kw_only=True):
    """The gradient noise scale, an estimate of the critical batch size, in examples.

    Attributes:
        value: The estimate.
        low: Lower end of its interval.
        high: Upper end.
    """

    value: Number
    low: Number
    high: Number


class BatchProfile(Part, frozen=True, kw_only=True):
    """Batch sizes: speed, memory and gradient noise.

    Attributes:
        rows: Timed sizes, ascending.
        knee: Smallest size that is about as fast as the fastest.
        largest: Largest size that fits, if it was searched for.
        noise_scale: Critical batch size.
        fit: The search for the largest size.
        train_examples: Examples that the timing trained on.
        fetch_seconds: Seconds to load one batch.
        at_once: Whether the device trained several models at once, and how fast.
    """

    rows: tuple[BatchRow, ...]
    knee: int | None = None
    largest: int | None = None
    noise_scale: NoiseScale | None = None
    fit: LargestBatch | None = None
    train_examples: int = 0
    fetch_seconds: Number = None
    at_once: Facts | None = None


class Profile(Part, frozen=True, kw_only=True):
    """Measurements of data, model and device.

    Attributes:
        data: Facts about the data: sizes, shapes, complexity.
        model: Facts about the model: parameters, depth, layers.
        device: Facts about the device.
        inferred: What was inferred rather than given, one sentence each.
        batch: Batch sizes, where they were timed.
    """

    data: Facts = msgspec.field(default_factory=dict)
    model: Facts = msgspec.field(default_factory=dict)
    device: Facts = msgspec.field(default_factory=dict)
    inferred: tuple[str, ...] = ()
    batch: BatchProfile | None = None
