"""Writes ``advisor_task.py`` for a script that was read: constants as literals, the rest to be filled in."""

import ast
import textwrap
from pathlib import Path

from advisor.init.captured import Written
from advisor.init.reading import Line, Reading

FILL_IN = "# FILL IN:"
_ORDER = ("optimizer", "lr", "momentum", "betas", "weight_decay", "nesterov", "batch_size", "epochs", "clip_grad_norm",
          "amp")  # fmt: skip
_ASKED = ("optimizer", "lr", "batch_size", "epochs")
_MOST = 6
_WIDTH = 110


def write_form(reading: Reading, script: Path, why: str) -> Written:
    """Composes the file.

    Args:
        reading: What was read.
        script: The script.
        why: Why it was read instead of run, in one sentence.
    """
    head = [
        f"What {script.name} trains with, as far as its text tells without running it.",
        "",
        *textwrap.wrap(why, _WIDTH),
        f"Fill in the lines that are marked; the numbers beside them are lines of {script.name}.",
    ]
    text = "\n".join(head).replace("\\", "/").replace('"""', "'''")
    parts = [
        f'"""{text}\n"""',
        _function("model", "return the model, made anew at each call", reading.model),
        _function("train_data", "return a Dataset, a DataLoader or (inputs, targets)", reading.train),
    ]
    if reading.val:
        parts.append(_function("val_data", "the same for validation, or take this away", reading.val))
    if reading.step:
        parts.append(_function("training_step", "return the loss of one batch", reading.step, "model, batch"))
    parts.append(_settings(reading))
    whole = "\n\n\n".join(parts) + "\n"
    ast.parse(whole)
    fills = tuple(line.strip() for line in whole.split("\n") if FILL_IN in line)
    offers = tuple(node.name for node in ast.parse(whole).body if isinstance(node, ast.FunctionDef))
    return Written(whole, fills, (*offers, "settings"))


def _function(name: str, what: str, lines: list[Line], arguments: str = "") -> str:
    shown = [f"    # {line.number}: {line.text}"[:_WIDTH] for line in lines[-_MOST:]]
    body = [f"    raise NotImplementedError  {FILL_IN} {what}", *shown]
    return "\n".join([f"def {name}({arguments}):", *body])


def _settings(reading: Reading) -> str:
    lines = ["settings = {  # what you train with today"]
    for key in _ORDER:
        if key in reading.settings:
            value, line = reading.settings[key]
            shown = f'"{value}"' if isinstance(value, str) else repr(value)
            lines.append(f'    "{key}": {shown},  # line {line.number}')
        elif key in reading.open or key in _ASKED:
            where = (
                f"{reading.open[key].number}: {reading.open[key].text}"
                if key in reading.open
                else "what you train with"
            )
            lines.append(f'    "{key}": None,  {FILL_IN} {where}'[:_WIDTH])
    for line in reading.schedules:
        lines.append(f'    "schedule": None,  {FILL_IN} {line.number}: {line.text}'[:_WIDTH])
        break
    return "\n".join([*lines, "}"])
