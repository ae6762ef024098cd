"""Data sets for scripts that make their batches by hand."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from advisor.init.analysis.draft import Draft
from advisor.init.analysis.step import Step
from advisor.init.script.source import targets
from advisor.init.script.tidy import renamed, uses
from advisor.init.script.values import UNKNOWN, Values

if TYPE_CHECKING:
    from advisor.init.output.names import Names

_MOST_DRAWS = 1_000_000
_VALIDATION_DRAWS = 1024
_DRAWS = '''class Draws(torch.utils.data.Dataset):
    """{call} draws a batch at random; here an index is one example, and always the same one."""

    def __init__(self, length, draw, first=0):
        self.length, self.draw, self.first = length, draw, first

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.first + int(index))
            return tuple(part[0] for part in self.draw())'''
_WINDOWS = '''class Windows(torch.utils.data.Dataset):
    """One stretch of the sequence an example, cut as {name} cuts it. Hidden state begins anew in each."""

    def __init__(self, source):
        self.source = source

    def __len__(self):
        return (self.source.size(0) - 1) // {step}

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(index)
        {names} = {call}
        return {parts}'''


def data_blocks(draft: Draft, names: Names) -> str:
    """``train_data`` and ``val_data`` of the kind that was recognised."""
    batches = draft.batches
    assert batches is not None
    if batches.kind == "draws":
        return _draws(draft, names)
    if batches.kind == "windows":
        return _windows(draft, names)
    if batches.kind == "nodes":
        return _nodes(draft, names)
    parts = ", ".join(names.text(part) for part in batches.parts)
    lines = [f"train_data = TensorDataset({parts})"]
    if draft.val is not None:
        inner = ", ".join(names.text(item) for item in getattr(draft.val, "elts", [draft.val]))
        lines.append(f"val_data = TensorDataset({inner})")
    _whole_batch(draft, batches.kind == "whole", "len(train_data)")
    return "\n".join(lines)


def _whole_batch(draft: Draft, whole: bool, size: str) -> None:
    if whole and "batch_size" not in draft.numbers.settings:
        draft.numbers.notes.append("each step takes all examples")
        draft.numbers.settings["batch_size"] = Code(size)
    draft.numbers.settings.setdefault("epochs", draft.numbers.steps or 1)


class Code(str):
    """A setting that is written as code."""

    def __repr__(self) -> str:
        return str(self)


def _draws(draft: Draft, names: Names) -> str:
    numbers, batches = draft.numbers, draft.batches
    assert batches is not None and batches.call is not None
    size = int(numbers.settings.get("batch_size", 1))
    total = (numbers.steps or 1000) * size
    epochs = int(numbers.settings.get("epochs", 0)) or max(10, -(-total // _MOST_DRAWS))
    numbers.settings["epochs"] = epochs
    examples = max(1, total // epochs)
    if numbers.steps:
        numbers.notes.append(f"{numbers.steps} steps of {size} are {epochs} epochs of {examples} examples")
    train = names.text(batches.call)
    val = names.text(draft.call) if draft.call is not None else train
    return "\n".join([
        _DRAWS.format(call=ast.unparse(batches.call.func).removeprefix("self.")), "", "",
        f"train_data = Draws({examples}, lambda: {train})",
        f"val_data = Draws({_VALIDATION_DRAWS}, lambda: {val}, first=10**9)",
    ])  # fmt: skip


def _windows(draft: Draft, names: Names) -> str:
    batches, counter = draft.batches, draft.source
    assert batches is not None and batches.call is not None and isinstance(counter, ast.Call)
    source = next((a for a in batches.call.args if isinstance(a, (ast.Name, ast.Attribute))), None)
    step = names.text(counter.args[2]) if len(counter.args) > 2 else "1"
    position = next((n for a in batches.call.args for n in uses(a) if a is not source), "i")
    call = ast.unparse(renamed(batches.call, {ast.unparse(source) if source else "": "self.source"}))
    call = names.text(ast.parse(call, mode="eval").body, {position: f"(index * {step})"})
    text = _WINDOWS.format(
        name=ast.unparse(batches.call.func), step=step, names=", ".join(batches.names),
        call=call, parts=", ".join(f"{n}.reshape({n}.size(0), -1).squeeze(1)" for n in batches.names),
    )  # fmt: skip
    train = names.text(source)
    lines = [text, "", "", f"train_data = Windows({train})"]
    val = train.replace("train", "val") if "train" in train else ""
    if val and draft.val is not None:
        lines.append(f"val_data = Windows({names.text(draft.val)})")
    return "\n".join(lines)


def _nodes(draft: Draft, names: Names) -> str:
    """The examples are the nodes whose loss counts; a mask becomes their indices."""
    batches = draft.batches
    assert batches is not None
    text = names.text(batches.parts[0])
    mask = "mask" in text
    lines = [f"train_data = TensorDataset({text}{'.nonzero().squeeze(1)' if mask else ''})"]
    if draft.val is not None:
        other = names.text(getattr(draft.val, "elts", [draft.val])[0])
        lines.append(f"val_data = TensorDataset({other}{'.nonzero().squeeze(1)' if mask else ''})")
    _whole_batch(draft, True, "len(train_data)")
    return "\n".join(lines)


def adapted(draft: Draft, step: Step, names: Names) -> list[str]:
    """The step for nodes (everything else on their device) and for windows (time first, state for this batch)."""
    assert draft.batches is not None
    lines = step.lines()
    if draft.batches.kind == "nodes":
        outer = sorted({n for s in (*step.statements, step.loss) for n in uses(s)})
        local = {ast.unparse(t) for s in step.statements for t in targets(s)}
        known = set(draft.script.module.assigned) | {n for s in draft.script.scopes.values() for n in s.assigned}
        spaces = {*draft.shared.namespaces, *draft.making.namespaces}
        kept = {"model", "nodes", step.model, "criterion", "loss_fn", *spaces}
        tensors = sorted({n.partition(".")[0] for n in outer if n.partition(".")[0] in known - local - kept})
        moved: dict[str, str | ast.expr] = {
            n: ast.parse(f"{n}.to(nodes.device)", mode="eval").body for n in tensors if "(" not in n
        }
        body = [ast.parse(line).body[0] for line in lines[1:] if not line.startswith("return ")]
        returned = ast.parse(lines[-1].removeprefix("return "), mode="eval").body
        return [
            "(nodes,) = batch",
            *(ast.unparse(renamed(s, moved)) for s in body),
            f"return {ast.unparse(renamed(returned, moved))}",
        ]
    first = draft.batches.names[0]
    values = Values(draft.script)
    size = draft.numbers.settings.get("batch_size", UNKNOWN)
    text = "\n".join(lines[1:])
    for before in draft.before:
        for item in getattr(getattr(before, "value", None), "args", []):
            if values.of(item, draft.script.module) == size or "batch" in ast.unparse(item).lower():
                text = text.replace(f"({names.text(item)})", f"({first}.size(1))")
    turned = [f"{first} = {first}.t()  # time first, as the model takes it"]
    turned += [f"{n} = {n}.t().reshape(-1)" for n in draft.batches.names[1:]]
    return [lines[0], *turned, *text.splitlines()]
