"""Reads a training script for faults of its loop, from its text alone."""

from advisor.init.loop_faults.around import epoch_faults, loss_faults, mode_faults, optimizer_faults, validation_faults
from advisor.init.loop_faults.gradients import gradient_faults
from advisor.init.loop_faults.modes import evaluation_faults
from advisor.init.loop_faults.region import find_region
from advisor.init.loop_faults.schedules import schedule_faults
from advisor.init.source import Source
from advisor.records.loop import LoopReading

_READERS = (
    gradient_faults, schedule_faults, optimizer_faults, mode_faults, loss_faults, validation_faults, evaluation_faults,
    epoch_faults,
)  # fmt: skip


def read_loop(text: str) -> LoopReading | None:
    """What the loop around the first ``backward`` does wrong; None where the text holds none, or is no Python.

    Args:
        text: The script. Notebooks are to be turned into one before.
    """
    try:
        source = Source.of(text)
    except (SyntaxError, ValueError):
        return None
    region = find_region(source)
    if region is None:
        return None
    facts = [fact for reader in _READERS for fact in reader(source, region)]
    return LoopReading(source.line(region.body)[0], tuple(facts))
