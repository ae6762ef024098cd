"""TL010: validation in training mode."""

import ast
from collections.abc import Iterator

from advisor.init.loop_faults.around import without_gradient
from advisor.init.loop_faults.region import Region, unwrapped
from advisor.init.source import Function, Source, called_name, calls
from advisor.records.loop import LoopFact, LoopFault

_LAYERS = (
    "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d",
)  # fmt: skip
_LOOPS = (ast.For, ast.GeneratorExp, ast.ListComp)
_MEANT = ("mc_dropout", "monte carlo", "monte_carlo", "mcdropout")
_SETS_MODE = ("eval", "train", "train_mode")


def evaluation_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL010: the trained model is called in a loop without gradients over other data, and there is no ``eval()``."""
    text = "\n".join(source.lines).lower()
    if not any(called_name(call) in _LAYERS for call in calls(source.tree)) or any(word in text for word in _MEANT):
        return
    if any(_leaves_training(call) for call in calls(source.tree)) or ".training =" in text:
        return
    trained = {called_name(call) for call in calls(region.body) if isinstance(call.func, ast.Name)}
    for loop in (node for node in ast.walk(source.tree) if isinstance(node, _LOOPS) and node is not region.body):
        if not without_gradient(source, loop) or _over_training_data(region, loop):
            continue
        asked = [call for call in calls(loop) if isinstance(call.func, ast.Name) and called_name(call) in trained]
        models = [call for call in asked if _is_object(source, call)]
        if models and not any(called_name(call) == "backward" for call in calls(loop)):
            yield LoopFact(LoopFault.EVALUATED_IN_TRAINING, *source.line(models[0]), called_name(models[0]))
            return


def _over_training_data(region: Region, loop: ast.For | ast.GeneratorExp | ast.ListComp) -> bool:
    """Accuracy on the training data in training mode may be meant."""
    over = loop.iter if isinstance(loop, ast.For) else loop.generators[0].iter
    return region.over is not None and ast.unparse(unwrapped(over)) == ast.unparse(region.over)


def _leaves_training(call: ast.Call) -> bool:
    """``model.eval()``, or ``train`` with a mode."""
    name = called_name(call)
    if not isinstance(call.func, ast.Attribute) or name not in _SETS_MODE:
        return False
    return name == "eval" or bool(call.args or call.keywords)


def _is_object(source: Source, call: ast.Call) -> bool:
    """Whether what is called is a variable that was given a new object (a model), and no function or loss."""
    name = called_name(call)
    made = [node for node in ast.walk(source.tree) if isinstance(node, ast.Assign) and _gives(node, name)]
    return bool(made) and any(_holds_layers(source, node) for node in made)


def _gives(node: ast.Assign, name: str) -> bool:
    return any(isinstance(item, ast.Name) and item.id == name for target in node.targets for item in ast.walk(target))


def _holds_layers(source: Source, node: ast.Assign) -> bool:
    """Whether the assigned expression, or a class or function of the script that it names, makes one of the layers."""
    wanted = {called_name(call) for call in calls(node.value)}
    defined = [item for item in ast.walk(source.tree) if isinstance(item, ast.ClassDef | Function)]
    parts = [node.value, *(item for item in defined if item.name in wanted)]
    return any(called_name(call) in _LAYERS for part in parts for call in calls(part))
