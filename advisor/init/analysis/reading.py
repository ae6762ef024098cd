"""Reads a script into a draft: model, data, loss, settings, each with the statements it needs."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

from advisor.init.analysis import frameworks
from advisor.init.analysis.batches import Batches, by_hand, drawing
from advisor.init.analysis.draft import Draft
from advisor.init.analysis.loop import Loop, find_loop
from advisor.init.analysis.numbers import (
    accumulation,
    optimizer_call,
    read_batch_size,
    read_by_hand,
    read_configured,
    read_extras,
    read_length,
    read_optimizer,
)
from advisor.init.analysis.refusals import refusal
from advisor.init.analysis.step import Step
from advisor.init.analysis.validation import validation_call, validation_data, validation_part
from advisor.init.script.hazards import hazards
from advisor.init.script.slicing import Slice
from advisor.init.script.source import Scope, Script
from advisor.init.script.tidy import tidied, uses
from advisor.init.script.values import Values

_SIZE = re.compile(r"(batch_?size|bsz|(^|\.)bs$)", re.I)
_MODEL_NAMES = ("model", "net", "network", "self.model", "self.net", "ddp_model", "model_engine")


class OutOfScope(Exception):
    """The script is of a kind that the advisor does not tune; the message is one sentence."""


def read(path: Path) -> Draft:
    """Reads a script without running it.

    Raises:
        OutOfScope: If the advisor does not tune what the script trains.
        ContractError: If it cannot be read.
    """
    script = Script(path)
    reason = refusal(script)
    if reason:
        raise OutOfScope(reason)
    values = Values(script)
    dangers = hazards(script)
    copy = bool(dangers) or not path.stem.isidentifier()
    draft = Draft(script, dangers, Slice(script, values, copy), Slice(script, values, copy))
    if frameworks.read(draft, values):
        return draft
    loop = find_loop(script, values)
    if loop is None:
        raise OutOfScope(
            "no training loop (a call of .backward()) was found in this script: name the file that holds it"
        )
    _read_numbers(draft, values, loop)
    _read_model(draft, values, loop)
    _read_data(draft, values, loop)
    return draft


def _read_numbers(draft: Draft, values: Values, loop: Loop) -> None:
    script, numbers = draft.script, draft.numbers
    made = optimizer_call(script, values)
    configured = _configured(script)
    by_name = made is not None and script.scope_of(made).node is not None and _is_configuring(script.scope_of(made))
    if made is not None and not (by_name and configured is not None):
        read_optimizer(script, values, numbers, made)
    elif configured is not None:
        read_configured(script, values, numbers, configured)
    elif not read_by_hand(script, values, numbers):
        numbers.notes.append("no optimizer was found")
    loader = loop.over
    if loader is not None:
        found = _loader_call(values, loader, loop.scope)
        read_batch_size(values, numbers, *(found or (None, loop.scope)))
    read_length(script, values, numbers, loop)
    read_extras(script, values, numbers)
    parts = accumulation(script, values)
    if parts > 1 and "batch_size" in numbers.settings:
        numbers.settings["batch_size"] *= parts
        numbers.notes.append(f"the batch size counts {parts} accumulated batches")


def _is_configuring(scope: Scope) -> bool:
    return scope.node is not None and scope.node.name == "configure_optimizers"


def _configured(script: Script) -> ast.Call | None:
    for call in ast.walk(script.tree):
        made = call.func if isinstance(call, ast.Call) else None
        if isinstance(call, ast.Call) and isinstance(made, ast.Attribute) and made.attr == "configure_optimizers":
            return call
    return None


def _loader_call(values: Values, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
    """The call that makes the loader, followed through parameters and names."""
    for _ in range(8):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if "Loader" in name or not node.args:
                return node, scope
            node = node.args[0]
            continue
        if isinstance(node, ast.Subscript):
            found = values.definition(ast.unparse(node.value), scope)
            inner = getattr(found[0], "value", None) if found is not None else None
            if found is not None and isinstance(inner, ast.Call):
                return inner, found[1]
            return None
        found = values.definition(ast.unparse(node), scope)
        if found is None or found[0] is node:
            return None
        node, scope = found
    return None


def _read_model(draft: Draft, values: Values, loop: Loop) -> None:
    """The variable that the optimizer's parameters belong to, else the one that is called with the batch."""
    script = draft.script
    made = optimizer_call(script, values)
    configured = _configured(script)
    key, scope, line = "", loop.scope, math.inf
    anchor = made if made is not None and not _is_configuring(script.scope_of(made)) else configured
    if anchor is not None:
        scope, line = script.scope_of(anchor), anchor.lineno
        given = anchor.args[0] if anchor.args else next((k.value for k in anchor.keywords if k.arg == "params"), None)
        if anchor is configured and isinstance(anchor.func, ast.Attribute):
            key = ast.unparse(anchor.func.value).removesuffix(".module")
            line = anchor.lineno
        elif given is not None:
            key = _parameters_of(given, values, scope)
            if key and not _plain(given, key):
                draft.groups = (given, key)
    if not key:
        key = _called(loop)
        scope, line = loop.scope, loop.line
    if not key:
        return
    expression = ast.parse(key, mode="eval").body
    draft.model = expression
    draft.making.need(key, scope, line)
    if anchor is configured and anchor is not None and made is not anchor:
        draft.groups = (anchor, key)
    if draft.groups is not None:
        draft.grouping = Slice(script, values, draft.making.copy, {key}).joined(draft.making)
        draft.grouping.need_all(draft.groups[0], scope, line)


def _parameters_of(node: ast.expr, values: Values, scope: Scope, depth: int = 0) -> str:
    """``net`` of ``net.parameters()``, also inside filter, lists of groups, or a variable that holds them."""
    for call in ast.walk(node):
        method = call.func if isinstance(call, ast.Call) else None
        if isinstance(method, ast.Attribute) and method.attr in ("parameters", "named_parameters"):
            base = method.value
            while isinstance(base, ast.Subscript) or (
                isinstance(base, ast.Attribute) and ast.unparse(base.value) != "self" and base.attr != "module"
            ):
                base = base.value
            return ast.unparse(base).removesuffix(".module")
    if isinstance(node, (ast.Name, ast.Attribute)) and depth < 4:
        found = values.definition(ast.unparse(node), scope)
        if found is not None:
            return _parameters_of(found[0], values, found[1], depth + 1)
    return ""


def _plain(node: ast.expr, key: str) -> bool:
    """``model.parameters()``, or a filter by ``requires_grad``: one group."""
    text = ast.unparse(node).replace(".module.", ".")
    return text == f"{key}.parameters()" or "requires_grad" in text


def _called(loop: Loop) -> str:
    """The variable called like a model in the step."""
    names = [ast.unparse(c.func) for n in (*loop.statements, loop.loss) for c in ast.walk(n) if isinstance(c, ast.Call)]
    known = [name for name in names if name in _MODEL_NAMES]
    likely = [name for name in names if any(word in name.lower() for word in ("model", "net")) and "." not in name]
    return next(iter(known or likely), "")


def _model_in_loop(draft: Draft, values: Values, loop: Loop) -> str:
    """The model's name in the loop, which may be a parameter or a wrapper of it."""
    called = [ast.unparse(c.func) for n in (*loop.statements, loop.loss) for c in ast.walk(n)
              if isinstance(c, ast.Call) and isinstance(c.func, (ast.Name, ast.Attribute))]  # fmt: skip
    key = ast.unparse(draft.model) if draft.model is not None else ""
    if key in called:
        return key
    for name in called:
        found = values.definition(name, loop.scope)
        if found is not None and ast.unparse(tidied(found[0])).removesuffix(".module") == key:
            return name
    return _called(loop) or key


def _read_data(draft: Draft, values: Values, loop: Loop) -> None:
    model = _model_in_loop(draft, values, loop)
    if loop.over is not None:
        train = _of_phase(loop.over, "train")
        draft.train = tidied(train)
        draft.shared.need_all(train, loop.scope, loop.line)
        step = Step(loop.target, loop.statements, loop.loss, model).normal()
        bound = {n.id for n in ast.walk(loop.target or ast.Pass()) if isinstance(n, ast.Name)}
        validation_data(draft, loop)
    else:
        draft.batches = by_hand(draft.script, loop, model)
        if draft.batches is None:
            step = Step(None, loop.statements, loop.loss, model)
            bound = set()
        else:
            step, bound = _hand_made(draft, values, loop, draft.batches, model)
    draft.step = step
    _need_step(draft, values, loop, step, bound, model)


def _hand_made(draft: Draft, values: Values, loop: Loop, batches: Batches, model: str) -> tuple[Step, set[str]]:
    """What a batch made by hand needs, and the step on it."""
    names: list[ast.expr] = [ast.Name(name, ast.Store()) for name in batches.names]
    one = len(names) == 1 and not isinstance(batches.call, ast.Call)
    target: ast.expr = ast.Tuple(names, ast.Store()) if len(names) > 1 or one else names[0]
    scope, line = loop.scope, loop.line
    if batches.kind in ("draws", "windows"):
        assert batches.call is not None
        function = drawing(draft.script, batches.call, loop)
        draft.shared.need_all(batches.call.func, scope, line)
        draft.call = validation_call(draft, batches.call)
        if batches.kind == "windows" and loop.counter is not None and function is not None:
            for item in batches.call.args:
                if loop.counter[0] not in uses(item):
                    draft.shared.need_all(item, scope, line)
            draft.shared.need_all(loop.counter[1], scope, line)
            draft.source = loop.counter[1]
            _windows(draft, values, loop, batches.call)
        elif batches.call.args:
            for item in batches.call.args:
                draft.shared.need_all(item, scope, line)
        if batches.kind == "draws" and function is not None:
            said = {ast.unparse(n) for n in ast.walk(tidied(function)) if isinstance(n, (ast.Name, ast.Attribute))}
            sizes = sorted(key for key in said if _SIZE.search(key))
            draft.ones |= set(sizes)
            for key in sizes[-1:]:
                draft.numbers.put("batch_size", ast.parse(key, mode="eval").body, values, draft.script.scope(function))
                draft.numbers.settings["batch_size"] = draft.numbers.settings.get("batch_size", 1) * accumulation(
                    draft.script, values
                )
    else:
        for part in batches.parts:
            draft.shared.need_all(part, scope, line)
        if batches.kind == "slices" and loop.counter is not None and len(loop.counter[1].args) > 2:
            draft.numbers.put("batch_size", loop.counter[1].args[2], values, scope)
        validation_part(draft, loop, batches)
    if draft.numbers.steps and "epochs" not in draft.numbers.settings:
        draft.found.append(f"the script counts {draft.numbers.steps} steps and no epochs")
    return Step(target, batches.statements, batches.loss, model), set(batches.names)


def _windows(draft: Draft, values: Values, loop: Loop, call: ast.Call) -> None:
    """One column of the sequence is one example: the sizes that the script cuts it by become 1."""
    assert loop.counter is not None
    source = next((ast.unparse(a) for a in call.args if isinstance(a, (ast.Name, ast.Attribute))
                   and ast.unparse(a) != loop.counter[0]), "")  # fmt: skip
    for name in (source, source.replace("train", "val"), source.replace("train", "valid")):
        found = values.definition(name, loop.scope) if name else None
        if found is None:
            continue
        if name != source:
            draft.val = ast.parse(name, mode="eval").body
            draft.shared.need(name, loop.scope, loop.line)
        for item in getattr(found[0], "args", []):
            if _SIZE.search(ast.unparse(item)):
                draft.ones.add(ast.unparse(item))
                if name == source:
                    draft.numbers.put("batch_size", item, values, found[1])


def _of_phase(node: ast.expr, phase: str) -> ast.expr:
    """``loaders["train"]`` for ``loaders[phase]``."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
        return ast.copy_location(ast.Subscript(node.value, ast.Constant(phase), ast.Load()), node)
    return node


def _need_step(draft: Draft, values: Values, loop: Loop, step: Step, bound: set[str], model: str) -> None:
    """What the step reads from outside: state that depends on the model goes before it, the rest to the top."""
    made: set[str] = set()
    outside = set(uses(tidied(step.loss))) | {key for s in step.statements for key in uses(tidied(s))}
    local = bound | {n.id for s in step.statements for n in ast.walk(s)
                     if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
    first = {n.id for n in ast.walk(loop.target or ast.Pass()) if isinstance(n, ast.Name)}
    outer = {key if key.startswith("self.") else key.partition(".")[0] for key in loop.outer}
    carried = {key for key in outer if key in local and key not in bound and key not in first}
    for key in sorted(carried):
        draft.before += [s for s in loop.scope.assigned.get(key, ()) if s.lineno < loop.line
                         and not values.skipped(s, loop.scope)][-1:]  # fmt: skip
    for statement in draft.before:
        made |= {ast.unparse(t) for t in getattr(statement, "targets", ())}
        outside |= uses(tidied(statement))
    head = model.partition(".")[0] if not model.startswith("self.") else model
    for key in sorted(outside):
        name = key if key.startswith("self.") else key.partition(".")[0]
        if name in local | made or name == head or key == model or name == "_":
            continue
        draft.shared.need(key, loop.scope, loop.line)
