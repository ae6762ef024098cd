"""Which data the script evaluates on."""

from __future__ import annotations

import ast
import copy
import math
import re

from advisor.init.analysis.batches import Batches
from advisor.init.analysis.draft import Draft
from advisor.init.analysis.loop import Loop
from advisor.init.script.source import Scope, Script, targets
from advisor.init.script.tidy import tidied

_WRAPS = ("enumerate", "tqdm", "iter")
_WORDS = ("val", "valid", "dev", "eval", "test")
_FORM = re.compile(r"(?:data|loader)*(?:(val|valid|validation|dev|devel|eval|evaluation)|test|testing|tst)"
                   r"(?:data|set|loader|dl|ds|iter)*s?")  # fmt: skip


def validation_data(draft: Draft, loop: Loop) -> None:
    """The loader that is not the training one: by its name, those that a loop reads first."""
    assert loop.over is not None
    script, train = draft.script, ast.unparse(loop.over)
    if isinstance(loop.over, ast.Subscript) and isinstance(loop.over.slice, ast.Name):
        phase = "valid" if '"valid"' in script.text or "'valid'" in script.text else "val"
        phase = phase if f"'{phase}'" in script.text or f'"{phase}"' in script.text else "test"
        draft.val = ast.Subscript(loop.over.value, ast.Constant(phase), ast.Load())
        return
    found = [*_looped(script), *_assigned(script)]
    ranked = [(rank, order) for order, (node, _, _) in enumerate(found) if (rank := _rank(node)) is not None
              and ast.unparse(node) != train]  # fmt: skip
    if not ranked:
        return
    rank, order = min(ranked)
    node, scope, line = found[order]
    draft.val = tidied(node)
    draft.shared.need_all(node, scope, line)
    if rank == 1:
        draft.found.append("validation data: the script evaluates on its test data")


def _rank(node: ast.expr) -> int | None:
    """Validation names before test names; no other names, such as ``device_loader`` or ``latest_loader``."""
    text = ast.unparse(node)
    words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).lower())
    ranks = [0 if form[1] else 1 for form in map(_FORM.fullmatch, words) if form]
    if "train" in text.lower() and 0 not in ranks:
        return None
    return min(ranks, default=None)


def _looped(script: Script) -> list[tuple[ast.expr, Scope, float]]:
    found: list[tuple[ast.expr, Scope, float]] = []
    for node in ast.walk(script.tree):
        if isinstance(node, ast.For):
            over = node.iter
            while isinstance(over, ast.Call) and over.args and ast.unparse(over.func).endswith(_WRAPS):
                over = over.args[0]
            if isinstance(over, (ast.Name, ast.Attribute)) and "load" in ast.unparse(over).lower():
                found.append((over, script.scope_of(node), node.lineno))
    return found


def _assigned(script: Script) -> list[tuple[ast.expr, Scope, float]]:
    found: list[tuple[ast.expr, Scope, float]] = []
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Assign):
            for target in targets(node):
                text = ast.unparse(target).lower()
                whole = "Loader(" in ast.unparse(node.value) or "load" in text
                if isinstance(target, (ast.Name, ast.Attribute)) and whole and "model" not in text:
                    load = copy.deepcopy(target)
                    load.ctx = ast.Load()
                    found.append((load, script.scope_of(node), math.inf))
    return found


def validation_call(draft: Draft, call: ast.Call) -> ast.Call | None:
    """``get_batch("val")`` for ``get_batch("train")``."""
    if not any(isinstance(a, ast.Constant) and a.value == "train" for a in call.args):
        return None
    word = next((w for w in _WORDS if f"'{w}'" in draft.script.text or f'"{w}"' in draft.script.text), "val")
    args: list[ast.expr] = [
        ast.Constant(word) if isinstance(a, ast.Constant) and a.value == "train" else a for a in call.args
    ]
    return ast.copy_location(ast.Call(call.func, args, call.keywords), call)


def validation_part(draft: Draft, loop: Loop, batches: Batches) -> None:
    """``idx_val`` beside ``idx_train``, ``x_val`` beside ``x_train``: the same expression with another name."""
    texts = [ast.unparse(part) for part in batches.parts]
    for word in _WORDS:
        others = [text.replace("train", word) for text in texts]
        if others != texts and all(_exists(draft, other) for other in others):
            draft.val = ast.parse(f"({', '.join(others)},)", mode="eval").body
            for other in others:
                draft.shared.need_all(ast.parse(other, mode="eval").body, loop.scope, loop.line)
            return


def _exists(draft: Draft, text: str) -> bool:
    head, _, attribute = text.partition(".")
    if attribute and head != "self":
        return text in draft.script.text
    return any(
        text in names for names in (draft.script.module.assigned, *(s.assigned for s in draft.script.scopes.values()))
    )
