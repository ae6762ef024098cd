"""Scripts that the advisor cannot help: each gets one sentence that says why."""

from __future__ import annotations

import ast

from advisor.init.script.source import Script, targets
from advisor.init.script.values import Values

TORCH_OPTIMIZERS = (
    "SGD", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "ASGD", "SparseAdam",
    "LBFGS", "Adafactor", "Muon",
)  # fmt: skip
_NOT_TORCH = {
    "tensorflow": "TensorFlow", "keras": "Keras", "tf_keras": "Keras", "jax": "JAX", "flax": "JAX (Flax)",
    "paddle": "PaddlePaddle", "mxnet": "MXNet",
}  # fmt: skip
_LEARNING_BY_REWARD = ("gym", "gymnasium", "stable_baselines3", "pettingzoo", "dm_control", "ale_py")
_STEPS_ON = ("zero_grad", "step", "minimize")


def refusal(script: Script) -> str:
    """Why the script is out of scope, in one sentence; empty if it is not."""
    packages = {item.dotted.lstrip(".").partition(".")[0] for item in script.imports.values()}
    packages |= {(node.module or "").partition(".")[0] for node in script.stars}
    torch = packages & {"torch", "lightning", "pytorch_lightning", "transformers", "fastai", "torch_geometric"}
    foreign = [_NOT_TORCH[name] for name in _NOT_TORCH if name in packages]
    if foreign and not ("torch" in packages or torch - {"transformers"}):
        return f"this script trains with {foreign[0]}, and the advisor tunes PyTorch only"
    if not torch:
        return "this script does not import PyTorch, and the advisor tunes PyTorch only"
    rewarded = [name for name in _LEARNING_BY_REWARD if name in packages]
    if rewarded:
        return (
            f"this is reinforcement learning ({rewarded[0]}): its data changes as it learns, so that short runs "
            "cannot be compared, and the advisor does not tune it"
        )
    made = optimizer_calls(script)
    if any(optimizer_name(script, call) == "LBFGS" for call in made):
        return (
            "this script trains with LBFGS, which needs a closure; the advisor tunes optimizers that step on a gradient"
        )
    several = _two_that_step(script, made)
    if several:
        return (
            f"this script steps several optimizers in turn ({', '.join(several)}), as GANs do; "
            "the advisor tunes one optimizer on one loss"
        )
    return ""


def optimizer_calls(script: Script) -> list[ast.Call]:
    """Every place where an optimizer is made."""
    return [n for n in ast.walk(script.tree) if isinstance(n, ast.Call) and optimizer_name(script, n)]


def optimizer_name(script: Script, call: ast.Call) -> str:
    """The ``torch.optim`` class that a call makes, also by another package's class of a similar name; else empty."""
    if isinstance(call.func, ast.Call):
        return _by_name(script, call.func)
    dotted = script.dotted(call.func)
    name = dotted.rpartition(".")[2]
    if name in TORCH_OPTIMIZERS and (
        "optim" in dotted.rpartition(".")[0]
        or dotted.startswith(("transformers", "timm", "apex", "fastai"))
        or dotted == name
    ):
        if dotted == name and name not in script.imports and not script.stars:
            return ""
        return name
    return {"FusedAdam": "Adam", "FusedLAMB": "AdamW", "Adam8bit": "Adam", "AdamW8bit": "AdamW"}.get(name, "")


def _by_name(script: Script, call: ast.Call) -> str:
    """``getattr(torch.optim, args.optim)``: the class that the option names by default."""
    if getattr(call.func, "id", "") != "getattr" or len(call.args) < 2 or "optim" not in script.dotted(call.args[0]):
        return ""
    value = Values(script).of(call.args[1], script.scope_of(call))
    return value if value in TORCH_OPTIMIZERS else "SGD"


def _two_that_step(script: Script, made: list[ast.Call]) -> list[str]:
    """Names of optimizers that are stepped side by side, if there are two."""
    names: set[str] = set()
    for call in made:
        above = script.parent.get(id(call))
        while above is not None and not isinstance(above, ast.stmt):
            above = script.parent.get(id(above))
        if isinstance(above, (ast.Assign, ast.AnnAssign)):
            names |= {ast.unparse(target) for target in targets(above) if isinstance(target, (ast.Name, ast.Attribute))}
    methods = [call.func for call in ast.walk(script.tree) if isinstance(call, ast.Call)]
    stepped = {ast.unparse(m.value) for m in methods if isinstance(m, ast.Attribute) and m.attr in _STEPS_ON}
    given = {ast.unparse(k) for call in ast.walk(script.tree) if isinstance(call, ast.Call)
             for k in (*call.args, *(w.value for w in call.keywords))}  # fmt: skip
    stepping = sorted(names & stepped)
    if len(stepping) > 1:
        return stepping
    returned = [node.value for node in ast.walk(script.tree) if isinstance(node, ast.Return) and node.value is not None]
    for value in returned:
        firsts = [value, *getattr(value, "elts", [])]
        for first in firsts:
            listed = [ast.unparse(item) for item in getattr(first, "elts", []) if ast.unparse(item) in names]
            if len(listed) > 1:
                return listed
    passed = sorted(name for name in names & given if name not in stepped)
    return passed if len(passed) > 1 and len(passed) == len(names) else []
