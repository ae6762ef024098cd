"""Lines that would train, download or read the command line as soon as the script is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from advisor.init.script.source import Script, blocks, leaves

_DOWNLOADS = ("load_dataset", "urlretrieve", "snapshot_download", "hf_hub_download", "download_url", "untar_data",
              "from_pretrained")  # fmt: skip
_TRAINS = ("backward", "fit", "fit_one_cycle", "fine_tune", "train_model")
_PARSES = ("parse_args", "parse_known_args", "parse_args_into_dataclasses")
GUARD = 'if __name__ == "__main__":'


@dataclass(frozen=True, slots=True)
class Hazard:
    """One line.

    Attributes:
        line: Its number.
        does: ``trains``, ``downloads``, ``reads the command line`` or ``runs other code``.
        text: The line.
    """

    line: int
    does: str
    text: str

    def sentence(self, name: str) -> str:
        """What it does and how to guard it."""
        return f"{name}, line {self.line}, {self.does} on import: {self.text}  (guard it: put it under `{GUARD}`)"


def hazards(script: Script) -> list[Hazard]:
    """Every such line outside ``if __name__ == "__main__":``, in order; at most one reason a line."""
    found: dict[int, Hazard] = {}
    for node in script.module.body:
        if id(node) in script.guarded:
            continue
        inside = [node] if not blocks(node) else list(leaves([node]))
        if blocks(node) and any(_does(script, leaf) == "trains" for leaf in inside):
            found[node.lineno] = _hazard(script, node, "trains")
            continue
        for leaf in inside:
            does = _does(script, leaf)
            if does:
                found.setdefault(leaf.lineno, _hazard(script, leaf, does))
    return [found[line] for line in sorted(found)]


def _hazard(script: Script, node: ast.stmt, does: str) -> Hazard:
    return Hazard(node.lineno, does, script.lines[node.lineno - 1].strip()[:80])


def _does(script: Script, node: ast.stmt) -> str:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
        return ""
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    kinds = [_kind(script, call, frozenset()) for call in calls]
    return next((kind for kind in ("trains", "downloads", "reads the command line", "runs other code")
                 if kind in kinds), "")  # fmt: skip


def _kind(script: Script, call: ast.Call, seen: frozenset[str]) -> str:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    attribute = isinstance(call.func, ast.Attribute)
    on_trainer = attribute and "trainer" in ast.unparse(call.func).lower()
    if attribute and (name in _TRAINS or (name == "train" and on_trainer)):
        return "trains"
    if name in _PARSES:
        return "reads the command line"
    if name in _DOWNLOADS or any(
        k.arg == "download" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords
    ):
        return "downloads"
    if name == "exec" and not attribute:
        return "runs other code"
    function = script.functions.get(name) if not attribute else None
    if function is not None and name not in seen:
        inner = [_kind(script, c, seen | {name}) for c in ast.walk(function) if isinstance(c, ast.Call)]
        return next((kind for kind in ("trains", "downloads", "reads the command line") if kind in inner), "")
    return ""
