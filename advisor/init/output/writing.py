"""A draft as the text of ``advisor_task.py``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.init.analysis.draft import Draft
from advisor.init.output.handmade import data_blocks
from advisor.init.output.names import CUDA, Names
from advisor.init.script.options import Option
from advisor.init.script.tidy import tidied, uses

FILL_IN = "# FILL IN:"
_IMPORTS = (
    ("torch.", "import torch"),
    ("nn.", "from torch import nn"),
    ("np.", "import numpy as np"),
    ("random.", "import random"),
    ("SimpleNamespace(", "from types import SimpleNamespace"),
    ("TensorDataset(", "from torch.utils.data import TensorDataset"),
)
_SEEDS = (
    (r"\btorch\b", "torch.manual_seed(0)"),
    (r"^import numpy|^from numpy|train_test_split", "np.random.seed(0)"),
    (r"^\s*(import|from)\b.*\brandom$", "random.seed(0)"),
)


@dataclass(frozen=True)
class Written:
    """The result.

    Attributes:
        text: Of the file.
        fills: Its lines to fill in.
        offers: Names of the contract that it defines.
    """

    text: str
    fills: tuple[str, ...]
    offers: tuple[str, ...]


def write(draft: Draft) -> Written:
    """Composes the file: imports, options, copied definitions and statements, then the contract's names."""
    names = Names(draft)
    parts = [
        _model(draft, names),
        _loss(draft, names),
        _groups(draft, names),
        _data(draft, names),
        _settings(draft),
    ]
    body = _seeded(_shared(draft, names), draft.script.text)
    ending = "\n\n\n".join(part for part in parts if part)
    head = _head(draft)
    options = _options(draft, names)
    imports = _imports(draft, names, f"{options}\n{body}\n{ending}")
    top = "\n\n".join(part for part in (head, imports, options, body) if part)
    text = f"{top}\n\n\n{ending}\n"
    fills = tuple(line.strip() for line in text.split("\n") if FILL_IN in line)
    offers = tuple(n for n in ("model", "train_data", "val_data", "loss", "training_step", "param_groups", "settings")
                   if re.search(rf"^(def )?{n}\b", text, re.M))  # fmt: skip
    return Written(text, fills, offers)


def _head(draft: Draft) -> str:
    name = draft.script.path.name
    lines = [f"What `advisor diagnose` needs to know about {name}. Made by `advisor init {name}`; edit it freely."]
    if draft.hazards:
        lines += ["", f"{name} cannot be imported without side effects, so what is needed of it was copied here:"]
        lines += [f"    line {h.line} {h.does}: {h.text}" for h in draft.hazards]
    text = "\n".join(lines).replace("\\", "/").replace('"""', "'''")
    return f'"""{text}\n"""' if draft.hazards else f'"""{text}"""'


def _imports(draft: Draft, names: Names, text: str) -> str:
    wanted = draft.shared.imports | draft.making.imports
    lines: list[str] = []
    for name in sorted(wanted):
        item, alias = draft.script.imports[name], names.imports.get(name)
        for line in item.text.splitlines():
            if alias is not None:
                line = line.partition(" as ")[0] + f" as {alias}"
            lines.append(line)
    lines += draft.imports
    for word, line in _IMPORTS:
        bound = word.rstrip(".(")
        if re.search(rf"(?<![\w.]){re.escape(word)}", text) and not any(
            re.search(rf"\b(import|as) {bound}$", x) or x == line for x in lines
        ):
            lines.append(line)
    if draft.shared.stars or draft.making.stars:
        lines += [ast.unparse(node) for node in draft.script.stars]
    own = sorted({**draft.shared.definitions, **draft.making.definitions})
    if own and not names.copied:
        listed = ", ".join(f"{n} as {names.variables[n]}" if n in names.variables else n for n in own)
        lines.append(f"from {draft.script.path.stem} import {listed}")
    plain = sorted({x for x in lines if x.startswith("import ")})
    others = sorted({x for x in lines if not x.startswith("import ")})
    where = _import_path(draft)
    if where and others:
        return "\n".join(["import sys", *(x for x in where), *plain, *others])
    return "\n".join([*plain, *others])


def _import_path(draft: Draft) -> list[str]:
    """``sys.path.append(...)`` and the like, with the imports that they need."""
    calls = [n for n in draft.script.module.body if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call)]
    moved = [n for n in calls if ast.unparse(n).startswith(("sys.path.", "os.chdir("))]
    heads = {key.partition(".")[0] for n in moved for key in uses(n)} & draft.script.imports.keys() - {"sys"}
    return [*(draft.script.imports[name].text for name in sorted(heads)), *(ast.unparse(n) for n in moved)]


def _options(draft: Draft, names: Names) -> str:
    spaces = dict(draft.making.namespaces)
    for name, (space, wanted) in draft.shared.namespaces.items():
        other = spaces.get(name, (space, set()))[1]
        spaces[name] = (space, None if wanted is None or other is None else wanted | other)
    if any(wanted is None for _, wanted in spaces.values()):
        spaces = {name: (space, None) for name, (space, _) in spaces.items()}
    blocks = []
    for name, (space, wanted) in sorted(spaces.items()):
        listed = sorted(space) if wanted is None else sorted(wanted & space.keys())
        lines = [
            f"{names.variables.get(name, name)} = SimpleNamespace(  # the script's options, as they are by default"
        ]
        lines += [_option(key, space[key], draft) for key in listed]
        blocks.append("\n".join([*lines, ")"]))
    return "\n\n".join(blocks)


def _option(name: str, option: Option, draft: Draft) -> str:
    default = ast.unparse(tidied(option.default))
    constant = isinstance(option.default, ast.Constant)
    if "device" in name and constant and "cuda" in str(getattr(option.default, "value", "")):
        default = ast.unparse(CUDA)
    if name in {one.rpartition(".")[2] for one in draft.ones if "." in one}:
        return f"    {name}=1,  # one example at a time; the batch size stands in settings"
    said = " ".join(option.help.replace("%(default)s", "").split())[:60]
    unset = "  # as by default; set what you give on the command line" if default == "None" else ""
    note = f"  {FILL_IN} --{name}{f' ({said})' if said else ''}" if option.required else unset
    return f"    {name}={default},{note}"


def _shared(draft: Draft, names: Names) -> str:
    """Copied definitions and statements in the order of the script."""
    placed: list[tuple[float, int, str]] = []
    if names.copied:
        for name in {**draft.shared.definitions, **draft.making.definitions}:
            node = draft.script.functions.get(name) or draft.script.classes[name]
            placed.append((node.lineno, 0, names.definition(node)))
    for method in {**draft.shared.methods, **draft.making.methods}.values():
        placed.append((method.lineno, 0, names.method(method)))
    statements = draft.shared.statements()
    last = 0.0
    depth = 0
    for index, statement in enumerate(statements):
        line = float(statement.lineno or last)
        if line < last:
            depth += 1
        last = line
        for said in _said([names.statement(statement, ones=draft.ones)]):
            placed.append((line + depth * 1e6, index + 1, said))
    placed.sort()
    text = ""
    for _, _, block in placed:
        lone = not block.startswith(("def ", "class ", "@"))
        text += ("\n" if lone and not text.endswith("\n\n\n") else "\n\n\n" if text else "") + block
        text += "" if lone else "\n\n"
    return "\n".join(_collapsed(text.strip("\n").split("\n")))


def _seeded(body: str, script: str) -> str:
    """Seeds at the top: what is drawn on loading (splits, synthetic data) is the same in every worker process."""
    if not body:
        return body
    seeds = [text for pattern, text in _SEEDS if re.search(pattern, script, re.M)]
    return "\n".join(["# every process that loads this file draws the same data", *seeds, body])


def _collapsed(lines: list[str]) -> list[str]:
    """At most two blank lines in a row."""
    result: list[str] = []
    for line in lines:
        if line.strip() or not (len(result) > 1 and not result[-1].strip() and not result[-2].strip()):
            result.append(line)
    return result


def _model(draft: Draft, names: Names) -> str:
    if "model" in draft.text:
        shared = [line.format(source=names.text(draft.source)) for line in draft.text.get("shared", [])]
        return "\n".join([*shared, "", "", *draft.text["model"]])
    if draft.model is None:
        return f"def model():\n    raise NotImplementedError  {FILL_IN} return a fresh model"
    lines = _said(names.statement(s) for s in draft.making.statements(draft.shared, ast.unparse(draft.model)))
    result = names.text(draft.model)
    if lines and lines[-1].startswith(f"{result} = ") and "\n" not in lines[-1]:
        result = lines.pop().partition(" = ")[2]
    body = [f"    {line}" for block in lines for line in block.splitlines()]
    return "\n".join(["def model():", *body, f"    return {result}"])


def _said(statements: Iterable[str]) -> list[str]:
    """Without what only gives a variable its own value."""
    return [text for text in statements if text.partition(" = ")[0] != text.partition(" = ")[2]]


def _loss(draft: Draft, names: Names) -> str:
    if "loss" in draft.text:
        return "\n".join(draft.text["loss"])
    if "training_step" in draft.text:
        return "\n".join(draft.text["training_step"])
    step = draft.step
    if step is None:
        return ""
    plain = draft.batches is None or draft.batches.kind in ("slices", "whole")
    simple = step.as_loss() if plain and not draft.before else None
    if simple is not None:
        text = names.text(simple)
        called = isinstance(simple, ast.Call) and ast.unparse(simple) == f"{ast.unparse(simple.func)}(outputs, targets)"
        if called and isinstance(simple, ast.Call):
            return f"loss = {names.text(simple.func)}"
        return f"def loss(outputs, targets):\n    return {text}"
    return names.step(draft, step)


def _groups(draft: Draft, names: Names) -> str:
    if draft.groups is None or draft.grouping is None:
        return ""
    expression, key = draft.groups
    lines = _said(names.statement(s, extra={key: "model"}) for s in draft.grouping.statements(draft.shared))
    text = names.text(expression, {key: "model"})
    if "configure_optimizers" in text:
        lines.append(f"optimizer = {text}")
        text = '[{k: g[k] for k in ("params", "weight_decay")} for g in optimizer.param_groups]'
    elif text.endswith(".parameters()"):
        text = f'[{{"params": {text}}}]'
    body = [f"    {line}" for block in lines for line in block.splitlines()]
    return "\n".join(["def param_groups(model):", *body, f"    return {text}"])


def _data(draft: Draft, names: Names) -> str:
    if draft.batches is not None:
        return data_blocks(draft, names)
    if "collate" in draft.text:
        return _trainer_data(draft, names)
    lines = [line.format(source=names.text(draft.source)) for line in draft.text.get("train_data", [])]
    if draft.train is not None:
        lines = [f"train_data = {names.text(draft.train)}"]
    if not lines:
        lines = [f"train_data = None  {FILL_IN} a Dataset, a DataLoader or (inputs, targets)"]
    if draft.val is not None:
        lines.append(f"val_data = {names.text(draft.val)}")
    return "\n".join([*lines, *draft.text.get("val_data", [])])


def _trainer_data(draft: Draft, names: Names) -> str:
    source = names.text(draft.source) if draft.source is not None else ""
    collate = [line.replace("{source}", source)
               for line in draft.text["collate"]]  # fmt: skip
    train = names.text(draft.train) if draft.train is not None else f"None  {FILL_IN} the training data"
    lines = [*collate, "", "", f"train_data = DataLoader({train}, collate_fn=collate)"]
    if draft.val is not None:
        lines.append(f"val_data = DataLoader({names.text(draft.val)}, collate_fn=collate)")
    return "\n".join(lines)


def _settings(draft: Draft) -> str:
    numbers = draft.numbers
    order = ("optimizer", "lr", "momentum", "betas", "weight_decay", "nesterov", "schedule", "batch_size", "epochs",
             "clip_grad_norm", "amp")  # fmt: skip
    lines = ["settings = {  # what you train with today"]
    for key in order:
        if key in numbers.settings:
            lines.append(f"    {key!r}: {numbers.settings[key]!r},".replace("'", '"'))
        elif key in numbers.unknown:
            lines.append(f'    "{key}": None,  {FILL_IN} the script takes it from {numbers.unknown[key][:50]}')
        elif key in ("optimizer", "lr", "batch_size", "epochs") and _asked(key, draft):
            lines.append(f'    "{key}": None,  {FILL_IN} what you train with')
    return "\n".join([*lines, "}", *(f"# {note}" for note in numbers.notes)])


def _asked(key: str, draft: Draft) -> bool:
    """Whether a missing number must be asked for: not the batch size of a loader that has one."""
    return key != "batch_size" or draft.batches is not None
