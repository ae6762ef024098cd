"""Cheap measurements on an untrained model that distinguish faults from tuning problems."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import nn

from advisor.probes.preflight.layers import LayerWatch
from advisor.probes.preflight.looks import make_looks
from advisor.probes.preflight.origin import made_by, reach
from advisor.probes.preflight.targets import are_predicted, sample_size, sampled_targets, target_look
from advisor.records.looks import Looks
from advisor.records.preflight import PreflightResult
from advisor.runtime.gradients import without_gradients
from advisor.runtime.oom import halving, out_of_memory
from advisor.task.data.batches import tensors_in
from advisor.task.data.content import as_bytes
from advisor.task.data.data import Data
from advisor.task.data.indexed import spread
from advisor.task.step.losses import class_axis, prediction

if TYPE_CHECKING:
    from advisor.task.task import Task

_LOOK = 256
_FIT_EXAMPLES = 16
_FIT_STEPS = 60
_FIT_RATES = (1e-2, 1e-3)
_FIT_DONE = 0.3
_FIRST_LABELS = 256
_WAKE_RATE = 1e-3
_AS_OUTPUT: dict[str, Callable[[torch.Tensor, int], torch.Tensor]] = {
    "logits": lambda scores, axis: scores,
    "probabilities": lambda scores, axis: scores.softmax(axis),
    "log_probabilities": lambda scores, axis: scores.log_softmax(axis),
}


def preflight(task: "Task", examples_allowed: int) -> PreflightResult:
    """Measures all inputs of the PF rules.

    Args:
        task: The task.
        examples_allowed: Training examples that fitting one batch may cost.
    """
    return halving(lambda look: _preflight(task, examples_allowed, look), _LOOK)


def _preflight(task: "Task", examples_allowed: int, look: int) -> PreflightResult:
    model = task.fresh_model(0)
    model.train()
    batch = task.train.take(spread(task.train.size, look))
    initial = _losses(task, model, batch)
    model.zero_grad(set_to_none=True)
    watch = LayerWatch(model)
    loss, outputs, targets = task.forward(model, batch)
    watch.close()
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    layers = watch.looks()
    finite = bool(torch.isfinite(loss)) and all(_finite(p.grad) for p in model.parameters())
    unreached = _unreached(task, model, batch)
    cut = {name for name, p in model.named_parameters() if p.grad is None and name.rpartition(".")[0] not in watch.idle}
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    out = prediction(outputs)
    seen = isinstance(out, torch.Tensor) and isinstance(targets, torch.Tensor)
    axis = class_axis(out, targets) if seen and task.way.scored else None
    kind = "classes" if axis is not None else "real" if seen and targets.is_floating_point() else "other"
    if kind == "real" and not are_predicted(task.criterion, out, targets, initial):
        kind = "other"
    start, end, steps, rate, spent = _fit_one_batch(task, examples_allowed)
    mean, std, low, high = _input_statistics(batch)
    paired = isinstance(batch, (tuple, list)) and len(batch) > 1
    count, validated = (sample_size(data.size, batch, min(look, task.train.size)) for data in (task.train, task.val))
    wanted = kind != "other" and (paired or task.criterion is not None)
    sample = sampled_targets(task, count, look) if wanted else None
    expected = baseline = math.nan
    if sample is not None and task.criterion is not None:
        expected, baseline = _uninformed(task, out, targets, axis, sample, validated, look)
    optimised = {id(p) for group in _groups(task, model) for p in group}
    return PreflightResult(
        parameters=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for _, p in named),
        optimised=sum(p.numel() for _, p in named if id(p) in optimised),
        without_gradient=unreached if len(unreached) == len(named) else tuple(n for n in unreached if n in cut),
        not_optimised=tuple(name for name, p in named if id(p) not in optimised),
        targets=kind,
        classes=int(out.shape[axis]) if axis is not None else None,
        initial_loss=initial,
        expected_loss=expected,
        baseline_loss=baseline,
        gradient_finite=finite,
        batch_start=start,
        batch_end=end,
        batch_steps=steps,
        batch_lr=rate,
        input_mean=mean,
        input_std=std,
        input_range=(low, high),
        output_kind=_output_kind(out, targets, axis) if seen else "unknown",
        doubled_activation=_doubled(model, out, targets, axis, float(loss.detach())) if seen else "",
        input_sensitivity=_sensitivity(model, batch, out) if seen else math.nan,
        first_labels=_first_labels(task, task.train, kind),
        overlap=_overlap(task.train, task.val),
        shuffled=task.train.shuffled,
        train_examples=spent + (3 if unreached else 2) * min(look, task.train.size),
        layers=layers,
        target_look=target_look(sample, count, kind, _bounds(watch, out)) if paired and sample is not None else None,
        linear_pairs=tuple(watch.chains.pairs),
        tensors=len(named),
        looks=replace(
            _looks(task, batch, sample, [layer.name for layer in layers if layer.carries]),
            dropout_last=watch.dropped(out),
        ),
    )


def _looks(task: "Task", batch: Any, sample: torch.Tensor | None, order: list[str]) -> Looks:
    """Further checks on a separate model; empty if the user's code does not support them."""
    try:
        return make_looks(task, task.fresh_model(0), batch, sample, order)
    except Exception as error:
        if out_of_memory(error):
            raise
        return Looks()


def _bounds(watch: LayerWatch, out: torch.Tensor) -> tuple[float, float]:
    """Bounds of the output, by the module or the function that made it."""
    low, high = watch.bounds(out)
    least, most = reach(out)
    return max(low, least), min(high, most)


def _losses(task: "Task", model: nn.Module, batch: Any) -> float:
    return without_gradients(lambda: float(task.loss(model, batch).detach()))


def _groups(task: "Task", model: nn.Module) -> list[list[nn.Parameter]]:
    groups = task.param_groups(model)
    return [list(group["params"]) if isinstance(group, dict) else [group] for group in groups]


def _unreached(task: "Task", model: nn.Module, batch: Any) -> tuple[str, ...]:
    """Trainable parameters without a gradient, now and after one small step (for zero-initialised branches)."""

    def idle() -> set[str]:
        pairs = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        return {name for name, p in pairs if p.grad is None or not bool(p.grad.any())}

    first = idle()
    if first:
        grads = [p.grad for p in model.parameters()]
        model = copy.deepcopy(model)
        for parameter, grad in zip(model.parameters(), grads, strict=True):
            parameter.grad = grad  # Deep copies do not copy gradients.
        torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=_WAKE_RATE).step()
        model.zero_grad(set_to_none=True)
        loss = task.loss(model, batch)
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
        first &= idle()
    return tuple(name for name, _ in model.named_parameters() if name in first)


def _finite(grad: torch.Tensor | None) -> bool:
    return grad is None or bool(torch.isfinite(grad).all())


def _fit_one_batch(task: "Task", allowed: int) -> tuple[float, float, int, float, int]:
    """Trains on a few examples with Adam; stops at the first rate that gets well below the initial loss."""
    count = min(_FIT_EXAMPLES, task.train.size)
    steps = min(_FIT_STEPS, allowed // (count * len(_FIT_RATES)))
    if steps < 10:
        return math.nan, math.nan, 0, math.nan, 0
    batch = task.train.take(spread(task.train.size, count))
    best = (math.inf, math.inf, 0, math.nan)
    spent = 0
    for rate in _FIT_RATES:
        model = task.fresh_model(0)
        model.train()
        optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=rate)
        start = loss_value = math.nan
        done = 0
        for done in range(1, steps + 1):
            optimizer.zero_grad(set_to_none=True)
            loss = task.loss(model, batch)
            if not loss.requires_grad:
                return float(loss), float(loss), done, rate, spent
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            spent += count
            loss_value = float(loss.detach())
            start = loss_value if done == 1 else start
            if not math.isfinite(loss_value) or loss_value < _FIT_DONE * start:
                break
        if math.isfinite(loss_value) and loss_value < best[1]:
            best = (start, loss_value, done, rate)
        if loss_value < _FIT_DONE * start:
            break
    return (*best, spent) if math.isfinite(best[1]) else (start, math.nan, done, rate, spent)


def _input_statistics(batch: Any) -> tuple[float, float, float, float]:
    first = batch[:-1] if isinstance(batch, (tuple, list)) and len(batch) > 1 else batch
    floating = [t.detach().float() for t in tensors_in(first) if t.is_floating_point()]
    if not floating:
        return math.nan, math.nan, math.nan, math.nan
    values = floating[0]
    return float(values.mean()), float(values.std()), float(values.min()), float(values.max())


def _uninformed(
    task: "Task",
    out: torch.Tensor,
    targets: torch.Tensor,
    axis: int | None,
    train: torch.Tensor,
    validated: int,
    chunk: int,
) -> tuple[float, float]:
    """Loss of equal class probabilities or the mean on training targets, and of the best constant on validation.

    Args:
        task: The task, with a criterion.
        out: Outputs for a batch.
        targets: Its targets.
        axis: Class axis, or None.
        train: Targets of a sample of the training data.
        validated: Number of validation examples.
        chunk: Number of examples read at a time.
    """
    assert task.criterion is not None

    def on_validation(constant: Callable[[torch.Tensor], torch.Tensor]) -> float:
        """Mean loss of a prediction made from the shape of the targets; chunks are weighted by their examples."""
        assert task.criterion is not None
        total = 0.0
        for batch, count in task.val.subset_batches(min(task.val.size, validated), chunk):
            val = task.targets(batch)
            total += float(task.criterion(constant(val), val)) * count / validated
        return total

    try:
        with torch.no_grad():
            if axis is not None:
                classes = int(out.shape[axis])
                shape = [1] * out.ndim
                shape[axis] = classes
                counts = torch.bincount(train.flatten().clamp_min(0), minlength=classes).float()
                logits = (counts + 1e-3).log() - (counts + 1e-3).sum().log()
                as_model = _AS_OUTPUT[_output_kind(out, targets, axis)]
                equal, shares = as_model(torch.zeros_like(out), axis), as_model(logits.view(shape), axis)
                expected = float(task.criterion(equal, targets))
                return expected, on_validation(lambda val: _broadcast(shares, out, val, axis))
            if not targets.is_floating_point() or out.numel() != targets.numel():
                return math.nan, math.nan
            centre = train.float().mean(0, keepdim=True)
            expected = float(task.criterion(centre.expand_as(targets).reshape(out.shape), targets))

            def always(value: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
                return lambda val: value.expand_as(val).reshape(len(val), *out.shape[1:])

            losses = [on_validation(always(value)) for value in _constants(train.float(), centre)]
            return expected, min(filter(math.isfinite, losses), default=math.nan)
    except (RuntimeError, ValueError, TypeError, IndexError):
        return math.nan, math.nan


def _constants(targets: torch.Tensor, centre: torch.Tensor) -> list[torch.Tensor]:
    """Constant predictions that minimise common losses: mean, median, and the logit of a share between 0 and 1."""
    found = [centre, targets.median(0, keepdim=True).values]
    if bool(((targets >= 0) & (targets <= 1)).all()):
        found.append(torch.logit(centre, eps=1e-4))
    return found


def _broadcast(logits: torch.Tensor, out: torch.Tensor, targets: torch.Tensor, axis: int) -> torch.Tensor:
    shape = list(targets.shape)
    shape.insert(axis, int(out.shape[axis]))
    return logits.expand(shape).contiguous()


def _output_kind(out: torch.Tensor, targets: torch.Tensor, axis: int | None) -> str:
    values = out.detach().float()
    if axis is not None:
        total = values.sum(axis)
        if bool((values >= 0).all()) and torch.allclose(total, torch.ones_like(total), atol=1e-3):
            return "probabilities"
        spread = values.logsumexp(axis)
        return "log_probabilities" if torch.allclose(spread, torch.zeros_like(spread), atol=1e-3) else "logits"
    in_unit = bool(((values >= 0) & (values <= 1)).all())
    binary = bool(((targets == 0) | (targets == 1)).all())
    return "probabilities" if in_unit and binary else "unknown"


def _doubled(model: nn.Module, out: torch.Tensor, targets: torch.Tensor, axis: int | None, loss: float) -> str:
    """The softmax or sigmoid at the end of the model, if the loss applies it again."""
    if _output_kind(out, targets, axis) != "probabilities":
        return ""
    if axis is None and made_by(out) != "sigmoid":
        return ""  # Raw scores may be between 0 and 1 by chance.
    values = out.detach().float()
    with torch.no_grad():
        if axis is not None:
            moved = values.movedim(axis, 1)
            again = float(F.cross_entropy(moved, targets))
        else:
            again = float(F.binary_cross_entropy_with_logits(values, targets.float().reshape(values.shape)))
    if not math.isclose(again, loss, rel_tol=1e-3, abs_tol=1e-5):
        return ""
    activations = [
        f"{name} ({type(module).__name__})"
        for name, module in model.named_modules()
        if isinstance(module, (nn.Softmax, nn.Sigmoid))
    ]
    return activations[-1] if activations else "softmax or sigmoid in forward()"


def _sensitivity(model: nn.Module, batch: Any, out: torch.Tensor) -> float:
    """Change of the outputs when inputs are shuffled over the batch."""
    if not isinstance(batch, (tuple, list)) or len(batch) < 2 or len(out) < 4:
        return math.nan
    was = model.training
    model.eval()
    try:
        with torch.no_grad():
            straight = prediction(model(*batch[:-1])).float()
            rolled = prediction(model(*(t.roll(len(t) // 2, 0) for t in batch[:-1]))).float()
    except (RuntimeError, TypeError, AttributeError):
        return math.nan
    finally:
        model.train(was)
    size = float(straight.abs().mean())
    return float((straight - rolled).abs().mean()) / size if size > 0 else 0.0


def _first_labels(task: "Task", data: Data, kind: str) -> tuple[int, int]:
    if kind != "classes":
        return 0, 0
    count = min(_FIRST_LABELS, data.size)
    labels = task.targets(data.take(range(count)))
    if not isinstance(labels, torch.Tensor):
        return 0, 0
    return int(torch.unique(labels).numel()), count


def _overlap(train: Data, val: Data) -> float:
    """Share of validation examples whose inputs occur byte for byte in the training data, beyond chance.

    Inputs with few distinct values repeat anywhere: twice the share of duplicates within the training data is expected.
    """
    inputs, held_out = (getattr(data, "tensors", None) for data in (train, val))
    if inputs is None or held_out is None:
        return math.nan
    seen = {as_bytes(row) for row in held_out[0].cpu()}
    both: set[bytes] = set()
    once: set[int] = set()
    repeated = 0
    for row in map(as_bytes, inputs[0].cpu()):  # Avoids keeping a copy of the training data.
        if row in seen:
            both.add(row)
        key = hash(row)
        repeated += key in once
        once.add(key)
    share, chance = len(both) / max(1, len(seen)), 2.0 * repeated / max(1, len(inputs[0]))
    noise = 3.0 * math.sqrt(max(share, chance) / max(1, len(seen))) if repeated else 0.0
    return share if share > chance + noise else 0.0
