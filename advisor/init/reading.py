"""Reads a script's training from its source without running it: constants, and the lines of everything else.

Only unambiguous values count: a literal that occurs once, a name that is assigned once, or the default of an
option. Everything else is left to the user, with its line.
"""

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from advisor.init.loop_faults.region import Region, find_region
from advisor.init.refusals import optimizer_name
from advisor.init.source import Source, called_name, calls, receiver

_KEPT = ("lr", "momentum", "betas", "weight_decay", "nesterov")
_SECOND = {"SGD": ("lr", "momentum"), "Adam": ("lr", "betas"), "AdamW": ("lr", "betas")}
_SCHEDULES = re.compile(r"(LR|Scheduler|WarmRestarts)$|^get_\w*schedul")
_HELD_OUT = re.compile(r"val|valid|dev|test", re.I)
_MODULES = ("Module", "LightningModule", "PreTrainedModel")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the script.

    Attributes:
        number: From 1.
        text: The line.
    """

    number: int
    text: str


@dataclass(slots=True)
class Reading:
    """What was read.

    Attributes:
        settings: Constants by contract name, each with its line.
        open: Settings of the script whose value is not a constant, each with its line.
        model: Lines that create the model.
        train: Lines that create training data.
        val: Lines that create validation data.
        step: Lines of the loop up to ``backward()``.
        schedules: Lines that create schedulers.
    """

    settings: dict[str, tuple[Any, Line]] = field(default_factory=dict)
    open: dict[str, Line] = field(default_factory=dict)
    model: list[Line] = field(default_factory=list)
    train: list[Line] = field(default_factory=list)
    val: list[Line] = field(default_factory=list)
    step: list[Line] = field(default_factory=list)
    schedules: list[Line] = field(default_factory=list)


def read(source: Source) -> Reading:
    """Reads a script."""
    found = Reading()
    made = [call for call in calls(source.tree) if optimizer_name(call)]
    if len(made) == 1 and not _chosen(source, made[0]):
        _optimizer(found, source, made[0])
    else:
        found.open |= {key: _line(source, call) for call in made[:1] for key in ("optimizer", "lr")}
    for call in calls(source.tree):
        name = called_name(call)
        if "Loader" in name:
            (found.val if _HELD_OUT.search(_line(source, call).text) else found.train).append(_line(source, call))
        elif _SCHEDULES.search(name) and name not in ("LightningModule",):
            found.schedules.append(_line(source, call))
        elif name == "clip_grad_norm_":
            _put(found, source, "clip_grad_norm", _argument(call, "max_norm"), call)
        elif name == "autocast":
            found.settings.setdefault("amp", (True, _line(source, call)))
    _batch_size(found, source)
    region = find_region(source)
    if region is not None:
        _loop(found, source, region)
    found.model = _model(source, made)
    return found


def _chosen(source: Source, node: ast.AST) -> bool:
    """Whether it is inside an ``if``, so that another run may use another one."""
    tests = [outer.test for outer in source.around(node) if isinstance(outer, ast.If)]
    return any("__name__" not in ast.unparse(test) for test in tests)


def _line(source: Source, node: ast.AST) -> Line:
    return Line(*source.line(node))


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    """The keyword of that name, else the second argument."""
    return next((k.value for k in call.keywords if k.arg == name), call.args[1] if len(call.args) > 1 else None)


def _put(found: Reading, source: Source, name: str, node: ast.expr | None, at: ast.AST) -> None:
    """Records a setting; conflicting values leave it open."""
    if node is None:
        return
    value, line = plain(source, node), _line(source, at)
    known = found.settings.pop(name, None)
    if value is None or name in found.open or (known is not None and known[0] != value):
        found.open[name] = line
    else:
        found.settings[name] = (value, line)


def _optimizer(found: Reading, source: Source, call: ast.Call) -> None:
    name = optimizer_name(call)
    found.settings["optimizer"] = (name, _line(source, call))
    given = dict(zip(_SECOND.get(name, ("lr",)), call.args[1:], strict=False))
    given |= {k.arg: k.value for k in call.keywords if k.arg in _KEPT}
    for key in _KEPT:
        _put(found, source, key, given.get(key), call)
    if any(k.arg is None for k in call.keywords) or "lr" not in given:
        found.open.setdefault("lr", _line(source, call))
        found.settings.pop("lr", None)


def _batch_size(found: Reading, source: Source) -> None:
    """Of the loaders that are not for validation."""
    for call in calls(source.tree):
        if "Loader" in called_name(call) and not _HELD_OUT.search(_line(source, call).text):
            _put(found, source, "batch_size", _argument(call, "batch_size"), call)


def _loop(found: Reading, source: Source, region: Region) -> None:
    """The epochs of the loops over them, and the lines of the step."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.For) and "epoch" in ast.unparse(node.target).lower():
            inner = node.iter
            while isinstance(inner, ast.Call) and called_name(inner) != "range" and inner.args:
                inner = inner.args[0]
            bounds = inner.args if isinstance(inner, ast.Call) else []
            if len(bounds) == 1:
                _put(found, source, "epochs", bounds[0], node)
            else:
                found.open["epochs"] = _line(source, node)
    statements = [n for n in ast.walk(region.body) if isinstance(n, (ast.Assign, ast.AugAssign, ast.Expr))]
    before = sorted({_line(source, n).number for n in statements if n.lineno <= region.backward.lineno})
    found.step = [Line(number, source.lines[number - 1].strip()) for number in before]


def _model(source: Source, made: list[ast.Call]) -> list[Line]:
    """Where the variable whose parameters are optimised is assigned; else classes that are modules."""
    given = [call for made_call in made for argument in made_call.args[:1] for call in calls(argument)]
    names = {receiver(call) for call in given if called_name(call).endswith("parameters")}
    assigned = [n for n in ast.walk(source.tree) if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call)
                and any(ast.unparse(target) in names for target in n.targets)]  # fmt: skip
    classes = [n for n in ast.walk(source.tree) if isinstance(n, ast.ClassDef)
               and any(ast.unparse(base).rpartition(".")[2] in _MODULES for base in n.bases)]  # fmt: skip
    return [_line(source, node) for node in assigned or classes]


def plain(source: Source, node: ast.expr) -> Any:
    """The value of an expression that is a literal, a name that is assigned one once, or an option's default.

    Returns:
        None where it is none of these.
    """
    try:
        value = ast.literal_eval(node)
        return list(value) if isinstance(value, tuple) else value
    except (ValueError, TypeError, SyntaxError, RecursionError):
        pass
    if isinstance(node, ast.Name):
        stored = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == node.id
                  and isinstance(n.ctx, ast.Store)]  # fmt: skip
        values = [n.value for n in ast.walk(source.tree) if isinstance(n, ast.Assign)
                  and any(isinstance(t, ast.Name) and t.id == node.id for t in n.targets)]  # fmt: skip
        arguments = any(a.arg == node.id for n in ast.walk(source.tree) if isinstance(n, ast.arguments)
                        for a in (*n.posonlyargs, *n.args, *n.kwonlyargs))  # fmt: skip
        single = len(stored) == len(values) == 1 and not arguments
        return plain(source, values[0]) if single and not isinstance(values[0], ast.Name) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return _default(source, node.attr, node.value.id)
    return None


def _default(source: Source, name: str, owner: str) -> Any:
    """Of ``--name``, where one option of the script has that name and what was parsed is held by ``owner``."""
    parsed = {ast.unparse(target) for node in ast.walk(source.tree) if isinstance(node, ast.Assign)
              and isinstance(node.value, ast.Call) and called_name(node.value) == "parse_args"
              for target in node.targets}  # fmt: skip
    changed = any(isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) and n.attr == name
                  for n in ast.walk(source.tree))  # fmt: skip
    options = [call for call in calls(source.tree) if called_name(call) == "add_argument" and name in _names(call)]
    if owner not in parsed | {"args", "opt", "opts", "config", "hparams"} or changed or len(options) != 1:
        return None
    default = next((k.value for k in options[0].keywords if k.arg == "default"), None)
    return None if default is None else plain(source, default)


def _names(call: ast.Call) -> list[str]:
    """What an option may be called in the namespace."""
    given = [str(k.value.value) for k in call.keywords if k.arg == "dest" and isinstance(k.value, ast.Constant)]
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    longest = [text for text in texts if text.startswith("--")] or texts
    return given or [text.lstrip("-").replace("-", "_") for text in longest[:1]]
