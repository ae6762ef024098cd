"""What stands around the step: the optimizer's model, the mode, the loss, the validation data."""

import ast
from collections.abc import Iterator

from advisor.init.loop_faults.gradients import OPTIMIZERS
from advisor.init.loop_faults.region import Region, assigned_calls, unwrapped
from advisor.init.source import Function, Source, called_name, calls, receiver
from advisor.records.loop import LoopFact, LoopFault

_SAME_MODEL = (
    "to",
    "cuda",
    "cpu",
    "DataParallel",
    "DistributedDataParallel",
    "compile",
    "train",
    "eval",
    "half",
    "float",
)
_HAS_MODES = ("dropout", "batchnorm", "resnet", "torchvision", "timm", "transformer", "pretrained")
_WRAPS = ("tensor", "as_tensor", "Variable", "FloatTensor", "Tensor")
_CUTS = ("item", "detach", "numpy", "tolist")
_HELD_OUT = ("val", "valid", "validation", "dev", "test")


def optimizer_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL005: a layer of the model, or the model, is made anew after the optimizer was given its parameters."""
    for name, (made, call) in assigned_calls(source, OPTIMIZERS).items():
        given = ast.unparse(call.args[0]) if call.args else ""
        if not given.endswith(".parameters()"):
            continue
        model = given.removesuffix(".parameters()")
        block = _block_of(source, made)
        later = block[block.index(made) + 1 :] if made in block else []
        for statement in later:
            if any(node is region.backward for node in ast.walk(statement)) or _again(statement, name):
                break
            if isinstance(statement, ast.Assign) and _replaces(statement, model):
                yield LoopFact(LoopFault.OPTIMIZER_TOO_EARLY, *source.line(statement), name)
                break


def epoch_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL011: the model whose parameters an optimizer of the epoch loop is given is made in that loop, too."""
    loop = region.epochs
    if not isinstance(loop, ast.For) or "load_state_dict" in ast.unparse(loop):
        return
    if "epoch" not in f"{ast.unparse(loop.target)} {ast.unparse(loop.iter)}".lower():
        return
    text = ast.unparse(loop)
    for statement in loop.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        made = called_name(statement.value)
        if made[:1].isupper() and made not in _SAME_MODEL and any(f"{name}.parameters()" in text for name in names):
            yield LoopFact(LoopFault.MADE_EACH_EPOCH, *source.line(statement), names[0])
            return


def _block_of(source: Source, node: ast.AST) -> list[ast.stmt]:
    return list(getattr(source.parents.get(node), "body", []))


def _again(statement: ast.stmt, name: str) -> bool:
    text = ast.unparse(statement)
    return text.startswith(f"{name} =") or f"{name}.add_param_group" in text


def _replaces(statement: ast.Assign, model: str) -> bool:
    """``model.head = nn.Linear(...)`` or ``model = Net(...)``, but not ``model = model.to(device)``."""
    if not isinstance(statement.value, ast.Call):
        return False
    made = called_name(statement.value)
    if model in ast.unparse(statement.value) or made in _SAME_MODEL or not made[:1].isupper():
        return False
    targets = [ast.unparse(target) for target in statement.targets]
    if any(target == model for target in targets):
        return True
    if made == "Parameter" or not any(target.startswith(f"{model}.") for target in targets):
        return False
    return ast.unparse(statement.value.func).startswith(("nn.", "torch.nn.")) or made in ("Sequential", "Linear")


def mode_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL006: ``eval()`` in the epoch loop, and no ``train()`` there."""
    text = ast.unparse(source.tree).lower()
    if not any(word in text for word in _HAS_MODES):
        return
    loop = region.epochs or _caller_loop(source, region)
    if loop is None:
        return
    parts: list[ast.AST] = [loop, *source.called(loop)]
    evaluated = [call for part in parts for call in calls(part) if called_name(call) == "eval" and not call.args]
    models = [call for call in evaluated if receiver(call) and not receiver(call).startswith(("pd", "df", "ast"))]
    trained = [call for part in parts for call in calls(part) if called_name(call) in ("train", "train_mode")]
    if models and not any(receiver(call) for call in trained):
        yield LoopFact(LoopFault.EVAL_NOT_UNDONE, *source.line(models[0]), receiver(models[0]))


def _caller_loop(source: Source, region: Region) -> ast.AST | None:
    """The loop that calls the function in which the batch loop stands."""
    function = next((node for node in source.around(region.backward) if isinstance(node, Function)), None)
    if function is None:
        return None
    for call in calls(source.tree):
        if called_name(call) == function.name:
            loop = next((node for node in source.around(call) if isinstance(node, (ast.For, ast.While))), None)
            if loop is not None:
                return loop
    return None


def loss_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL007: the loss is made into a new tensor, or detached, before ``backward``."""
    assert isinstance(region.backward.func, ast.Attribute)
    names = {node.id for node in ast.walk(region.backward.func.value) if isinstance(node, ast.Name)}
    names |= {node.id for item in region.backward.args for node in ast.walk(item) if isinstance(node, ast.Name)}
    if _cuts(region.backward.func.value, names):
        yield LoopFact(LoopFault.LOSS_CUT, *source.line(region.backward), ast.unparse(region.backward.func.value))
        return
    before = [
        node
        for node in ast.walk(region.body)
        if isinstance(node, ast.Assign) and node.lineno < region.backward.lineno
        and any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
    ]  # fmt: skip
    last = max(before, key=lambda node: node.lineno, default=None)
    if last is not None and _cuts(last.value, names):
        yield LoopFact(LoopFault.LOSS_CUT, *source.line(last), ast.unparse(last.value))


def _cuts(value: ast.expr, names: set[str]) -> bool:
    """Whether an expression of the loss leaves its graph: the outermost thing done to it, not its parts."""
    if isinstance(value, ast.Attribute):
        return value.attr == "data"
    if not isinstance(value, ast.Call):
        return False
    if called_name(value) in ("requires_grad_", "to", "mean", "sum", "clone", "float"):
        return isinstance(value.func, ast.Attribute) and _cuts(value.func.value, names)
    if called_name(value) in _CUTS:
        return bool(receiver(value))
    if called_name(value) not in _WRAPS or not value.args:
        return False
    inside = {node.id for node in ast.walk(value.args[0]) if isinstance(node, ast.Name)}
    return bool(inside & names) or any(called_name(call) == "item" for call in calls(value.args[0]))


def validation_faults(source: Source, region: Region) -> Iterator[LoopFact]:
    """TL008: a loop without gradients runs over the training loader, while the held-out one is never used or named."""
    if region.over is None or not isinstance(region.over, (ast.Name, ast.Attribute)):
        return
    trained = ast.unparse(region.over)
    loads = [ast.unparse(n) for n in ast.walk(source.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    stored = {n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    unused = {name for name in stored if _held_out(name) and "loader" in name.lower() and name not in loads}
    for loop in (node for node in ast.walk(source.tree) if isinstance(node, ast.For) and node is not region.body):
        if ast.unparse(unwrapped(loop.iter)) != trained or not without_gradient(source, loop):
            continue
        if _function(source, loop) is not _function(source, region.body) or _trains(loop):
            continue
        summed = [ast.unparse(node.target) for node in ast.walk(loop) if isinstance(node, ast.AugAssign)]
        if unused or any(map(_held_out, summed)):
            yield LoopFact(LoopFault.VALIDATES_ON_TRAINING, *source.line(loop), trained)
            return


def _function(source: Source, node: ast.AST) -> ast.AST | None:
    """The function around a node: the same name may mean other data elsewhere."""
    return next((item for item in source.around(node) if isinstance(item, Function)), None)


def _trains(loop: ast.AST) -> bool:
    return any(called_name(call) == "backward" for call in calls(loop))


def _held_out(name: str) -> bool:
    return any(part in _HELD_OUT for part in name.lower().replace(".", "_").split("_"))


def without_gradient(source: Source, node: ast.AST) -> bool:
    """Whether a node stands under, or holds, ``no_grad`` or ``inference_mode``."""
    around = [item for item in source.around(node) if isinstance(item, ast.With)]
    inside = [item for item in ast.walk(node) if isinstance(item, ast.With)]
    words = [ast.unparse(entry.context_expr) for item in (*around, *inside) for entry in item.items]
    return any("no_grad" in word or "inference_mode" in word for word in words)
