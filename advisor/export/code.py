"""Python source for an optimizer and a scheduler, shared by all code targets."""

from __future__ import annotations

import textwrap

from advisor.config.config import Config
from advisor.config.schedule import CYCLES
from advisor.records.spec import Keywords

_WIDTH = 100
_LENGTHS = ("total_steps", "epochs", "steps_per_epoch", "T_max", "cycles")


def optimizer_call(config: Config, params: str) -> str:
    """The call that creates the optimizer, over the expression ``params``."""
    keywords = {key: tuple(value) if key == "betas" else value for key, value in config.optimizer.items()}
    return f"torch.optim.{keywords.pop('name')}({params}, {_keywords(keywords)})"


def scheduler_call(config: Config, optimizer: str, total_steps: str) -> str:
    """The call that creates the scheduler for a run of ``total_steps`` steps; empty for a constant rate."""
    if config.schedule is None:
        return ""
    keywords = {key: value for key, value in config.schedule.items() if key not in _LENGTHS}
    name = str(keywords.pop("name"))
    length = {
        "OneCycleLR": f"total_steps={total_steps}",
        "CosineAnnealingLR": f"T_max={total_steps}",
    }.get(name, "")
    if name == "CyclicLR" and "step_size_up" not in keywords:
        length = f"step_size_up=max(1, {total_steps} // {2 * int(config.schedule.get('cycles', CYCLES))})"
    parts = [part for part in (optimizer, length, _keywords(keywords)) if part]
    return f"torch.optim.lr_scheduler.{name}({', '.join(parts)})"


def folded(call: str, indent: int) -> str:
    """A call split over several lines if it is too long for one; the caller writes the first line."""
    if indent + len(call) <= _WIDTH:
        return call
    head, _, rest = call.partition("(")
    pad = " " * (indent + 4)
    lines = textwrap.wrap(
        rest.removesuffix(")"), _WIDTH, initial_indent=pad, subsequent_indent=pad, break_on_hyphens=False
    )
    return "\n".join([f"{head}(", *lines, " " * indent + ")"])


def comment(config: Config) -> str:
    """Comments for every target: the length that the schedule is made for, and parameter groups."""
    said = [
        f"# {config.epochs} epochs of batch size {config.batch_size}; the schedule steps after every optimizer step.",
        "# With parameter groups of your own, pass them instead of the parameters and keep their ratios.",
    ]
    return "\n".join(said)


def _keywords(values: Keywords) -> str:
    return ", ".join(f"{key}={value!r}" for key, value in values.items())
