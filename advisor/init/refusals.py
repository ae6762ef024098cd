"""Scripts that are out of scope according to their source, each with a one-sentence reason."""

import ast

from advisor.init.loop_faults.region import find_region
from advisor.init.source import Source, called_name, calls, receiver

_TORCH = ("torch", "lightning", "pytorch_lightning", "transformers", "accelerate", "ignite", "skorch", "fastai", "trl",
          "torch_geometric", "timm", "diffusers", "sentence_transformers")  # fmt: skip
NOT_TORCH = {
    "tensorflow": "TensorFlow", "keras": "Keras", "tf_keras": "Keras", "jax": "JAX", "flax": "JAX (Flax)",
    "paddle": "PaddlePaddle", "mxnet": "MXNet",
}  # fmt: skip
GAMES = ("gym", "gymnasium", "stable_baselines3", "pettingzoo", "dm_control", "ale_py")
_TRAINERS = ("fit", "train", "run", "fine_tune", "fit_one_cycle")


def refusal(source: Source) -> str:
    """Why the script is out of scope, in one sentence; empty if nothing in its text says so."""
    packages = source.packages()
    torch = packages & {*_TORCH}
    foreign = [NOT_TORCH[name] for name in NOT_TORCH if name in packages]
    if foreign and not torch:
        return f"this script trains with {foreign[0]}, and the advisor tunes PyTorch only"
    games = [name for name in GAMES if name in packages]
    if games:
        return (
            f"this is reinforcement learning ({games[0]}): its data changes as it learns, and short runs cannot be "
            "compared"
        )
    if any(called_name(call) == "LBFGS" for call in calls(source.tree)):
        return "this script steps LBFGS on a closure, and the advisor tunes optimizers that step on gradients"
    region = find_region(source)
    if region is not None:
        stepped = {
            receiver(call) for call in calls(region.body) if called_name(call) == "step" and _is_made(source, call)
        }
        if len(stepped) > 1:
            named = ", ".join(sorted(stepped))
            return f"this script steps several optimizers by turns ({named}), and the advisor tunes one on one loss"
        return ""
    if torch and any(called_name(call) in _TRAINERS and receiver(call) for call in calls(source.tree)):
        return "this script leaves its loop to a trainer of another package, which only running it shows"
    return "no training loop (a call of backward(), or of a trainer) stands in this file"


def _is_made(source: Source, step: ast.Call) -> bool:
    """Whether what is stepped is assigned an optimizer in the file."""
    name = receiver(step)
    return any(
        isinstance(node, ast.Assign)
        and any(ast.unparse(target) == name for target in node.targets)
        and isinstance(node.value, ast.Call)
        and bool(optimizer_name(node.value))
        for node in ast.walk(source.tree)
    )


OPTIMIZERS = (
    "SGD", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "ASGD", "SparseAdam",
    "Adafactor", "Muon",
)  # fmt: skip
"""Classes of ``torch.optim`` that step on gradients."""


def optimizer_name(call: ast.Call) -> str:
    """The class of ``torch.optim`` that a call makes; else empty."""
    name, owner = called_name(call), receiver(call)
    return name if name in OPTIMIZERS and (not owner or "optim" in owner) else ""
