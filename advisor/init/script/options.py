"""Command-line options and configuration classes of a script, with the values they have if nothing is given."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from advisor.init.script.source import Function, Script

NOTHING = ast.Constant(None)
_HF_DEFAULTS = {
    "learning_rate": 5e-5, "num_train_epochs": 3, "per_device_train_batch_size": 8, "per_device_eval_batch_size": 8,
    "weight_decay": 0.0, "max_grad_norm": 1.0, "seed": 42, "gradient_accumulation_steps": 1, "do_train": True,
    "do_eval": True, "adam_beta1": 0.9, "adam_beta2": 0.999, "warmup_ratio": 0.0, "fp16": False, "bf16": False,
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        default: The expression of its default.
        required: Whether the script does not run without it.
        help: What the script says about it.
    """

    default: ast.expr
    required: bool = False
    help: str = ""


Namespace = dict[str, Option]


def command_line(script: Script) -> Namespace:
    """Options of every ``add_argument`` in the file; ``set_defaults`` included."""
    found: Namespace = {}
    for call in ast.walk(script.tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr == "add_argument":
            name = _dest(call)
            if name:
                found[name] = _option(call)
        elif call.func.attr == "set_defaults":
            found |= {k.arg: Option(k.value) for k in call.keywords if k.arg}
    return found


def decorated(node: Function) -> Namespace:
    """Options of a function that ``click`` calls."""
    found: Namespace = {}
    for call in node.decorator_list:
        kind = call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""
        if isinstance(call, ast.Call) and kind in ("option", "argument") and _dest(call):
            option = _option(call)
            given = any(k.arg == "default" for k in call.keywords)
            needed = kind == "argument" and not given
            found[_dest(call)] = Option(option.default, option.required or needed, option.help)
    return found


def fields(script: Script, node: ast.ClassDef) -> Namespace:
    """Class-level values of a configuration class or dataclass, those of its bases in the file included."""
    found: Namespace = {}
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in script.classes and base.id != node.name:
            found |= fields(script, script.classes[base.id])
    for item in node.body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            found[item.targets[0].id] = Option(item.value)
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            found[item.target.id] = _field(item.value)
    return found


def training_arguments() -> Namespace:
    """What Hugging Face's TrainingArguments hold if nothing is given."""
    return {name: Option(ast.Constant(value)) for name, value in _HF_DEFAULTS.items()}


def _field(value: ast.expr | None) -> Option:
    if value is None:
        return Option(NOTHING, required=True)
    if isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) == "field":
        keywords = {k.arg: k.value for k in value.keywords}
        text = next((v for v in ast.walk(keywords.get("metadata", NOTHING)) if isinstance(v, ast.Constant)
                     and isinstance(v.value, str) and v.value != "help"), None)  # fmt: skip
        said = str(text.value) if text is not None else ""
        if "default" in keywords:
            return Option(keywords["default"], help=said)
        factory = keywords.get("default_factory")
        made = factory.body if isinstance(factory, ast.Lambda) else None
        return Option(made or NOTHING, required=factory is None, help=said)
    return Option(value)


def _dest(call: ast.Call) -> str:
    keywords = {k.arg: k.value for k in call.keywords}
    dest = keywords.get("dest")
    if isinstance(dest, ast.Constant):
        return str(dest.value)
    names = [str(a.value) for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    plain = [name for name in names if not name.startswith("-")]
    long = [name for name in names if name.startswith("--")]
    chosen = next(iter(plain or long or names), "")
    return chosen.lstrip("-").split("/")[0].replace("-", "_")


def _option(call: ast.Call) -> Option:
    keywords = {k.arg: k.value for k in call.keywords}
    action = _text(keywords.get("action"))
    default: ast.expr = keywords.get("default", NOTHING)
    if action in ("store_true", "store_false") and "default" not in keywords:
        default = ast.Constant(action == "store_false")
    kind = keywords.get("type")
    if isinstance(kind, ast.Name) and kind.id in ("float", "int") and isinstance(default, ast.Constant):
        try:
            if isinstance(default.value, (str, int, float)):
                default = ast.Constant(float(default.value) if kind.id == "float" else int(default.value))
        except ValueError:
            pass
    names = [_text(a) for a in call.args]
    positional = bool(names) and not any(name.startswith("-") for name in names)
    optional = _text(keywords.get("nargs")) in ("?", "*") or "default" in keywords
    asked = isinstance(keywords.get("required"), ast.Constant) and bool(getattr(keywords["required"], "value", False))
    required = (asked and "default" not in keywords) or (positional and not optional)
    return Option(default, required, _text(keywords.get("help")))


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
