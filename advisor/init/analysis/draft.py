"""What will be written: the parts of ``advisor_task.py`` before they are text."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from advisor.init.analysis.batches import Batches
from advisor.init.analysis.numbers import Numbers
from advisor.init.analysis.step import Step
from advisor.init.script.hazards import Hazard
from advisor.init.script.slicing import Slice
from advisor.init.script.source import Script


@dataclass
class Draft:
    """The parts.

    Attributes:
        script: Where they come from.
        hazards: Lines that keep the script from being imported.
        shared: Slice of what data and loss need; at the top of the file.
        making: Slice of what the model needs besides; inside ``model()``.
        model: Expression that ``model()`` returns; None if none was found.
        train: Expression of ``train_data``; None if none was found.
        val: Expression of ``val_data``, or None.
        batches: How batches are made where there is no loader.
        step: From a batch to the loss.
        before: Statements that depend on the model and stand before the step (a first hidden state).
        groups: Expression of the parameter groups, with the variable of the model in it.
        grouping: Slice of what that expression needs besides the model.
        numbers: Settings.
        found: Sentences about what was found.
        text: Parts of the file that a framework's form fixes: ``train_data``, ``val_data``, ``training_step``.
        imports: Further import lines.
    """

    script: Script
    hazards: list[Hazard]
    shared: Slice
    making: Slice
    model: ast.expr | None = None
    train: ast.expr | None = None
    val: ast.expr | None = None
    batches: Batches | None = None
    step: Step | None = None
    before: list[ast.stmt] = field(default_factory=list)
    groups: tuple[ast.expr, str] | None = None
    grouping: Slice | None = None
    numbers: Numbers = field(default_factory=Numbers)
    found: list[str] = field(default_factory=list)
    text: dict[str, list[str]] = field(default_factory=dict)
    imports: list[str] = field(default_factory=list)
    source: ast.expr | None = None
    """What ``windows`` are cut from."""
    call: ast.Call | None = None
    """What draws a batch for validation."""
    ones: set[str] = field(default_factory=set)
    """Variables and options that hold a batch size where a function makes the batches: they become 1."""
