"""Reading the contract: which names the file offers, and what they make together."""

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from advisor.errors import ContractError
from advisor.probes.memory import out_of_memory
from advisor.task.content import add_content
from advisor.task.data import Data, hold_out, look, make_data, tensors_in
from advisor.task.loading import load_module, user_files
from advisor.task.losses import class_axis, infer_loss, own_loss, prediction, user_loss
from advisor.task.settings import read_settings
from advisor.task.task import Forward, Metric, Task, accuracy, make_model


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks of the file.

    Attributes:
        path: The user's file.
        names: Other names than the contract's, e.g. ``{"model": "Net"}``.
        settings: Overrides of ``settings``; None entries are ignored.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        threads: CPU threads; 0 leaves torch's choice.
    """

    path: str
    names: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    device: str = "auto"
    threads: int = 0


def load_task(request: Request) -> Task:
    """Loads the file and checks that model, data and loss fit together on one batch.

    Raises:
        ContractError: With what was expected, what was found and what to do.
    """
    path = Path(request.path)
    module = load_module(path)
    device = choose_device(request.device)
    factory = _required(module, request.names, "model", "an nn.Module subclass, or a function that returns one")
    if not callable(factory):
        raise ContractError("model as an nn.Module subclass or a function", type(factory).__name__, "define it so")
    train = make_data(_data(module, request.names, "train_data", required=True), "train_data", device)
    inferred: list[str] = []
    given_val = _data(module, request.names, "val_data", required=False)
    if given_val is None:
        val, train = hold_out(train)
        inferred.append(f"no val_data: a fixed tenth of train_data ({val.size} examples) is held out for validation")
    else:
        val = make_data(given_val, "val_data", device)
    current = read_settings(_optional(module, {}, "settings"), request.settings, train.batch_size, train.size)
    inferred.extend(current.assumed)
    model = make_model(factory).to(device)
    forward, said = _forward(module, request.names, model, train)
    inferred.extend(said)
    metric = _metric(module, request.names, forward, model, train)
    groups = _optional(module, {}, "param_groups")
    if groups is not None and not callable(groups):
        raise ContractError("param_groups(model) -> list of dicts", type(groups).__name__, "define it so")
    return Task(
        name=path.stem,
        factory=factory,
        train=train,
        val=val,
        forward=forward,
        metric=metric,
        groups=groups,
        current=current,
        device=device,
        fingerprint=_fingerprint(module, model, train, val, request),
        inferred=tuple(inferred),
    )


def choose_device(name: str) -> torch.device:
    """CUDA, Apple's MPS or the CPU; ``auto`` takes the first that is there.

    Raises:
        ContractError: If the device asked for is not available.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(kind for kind, there in available.items() if there)
    if not available.get(name.split(":")[0], False):
        there = ", ".join(kind for kind, ok in available.items() if ok)
        raise ContractError("a device of this machine", f"--device {name}", f"use one of: auto, {there}")
    try:
        return torch.empty(0, device=name).device
    except RuntimeError as error:
        raise ContractError("a device of this machine", f"--device {name}: {error}", "leave out its number") from error


def _required(module: ModuleType, names: dict[str, str], role: str, what: str) -> Any:
    found = _optional(module, names, role)
    if found is None:
        name = names.get(role, role)
        offers = [key for key in vars(module) if not key.startswith("_")]
        classes = [
            key for key in offers if inspect.isclass(vars(module)[key]) and issubclass(vars(module)[key], nn.Module)
        ]
        hint = f"; did you mean --{role.removesuffix('_data')} {classes[0]}?" if role == "model" and classes else ""
        raise ContractError(
            f"`{name}` in {Path(str(module.__file__)).name}: {what}",
            f"no such name (the file has: {', '.join(offers[:12]) or 'nothing'})",
            f"define it, or name another with --{role.removesuffix('_data')} NAME{hint}",
        )
    return found


def _optional(module: ModuleType, names: dict[str, str], role: str) -> Any:
    if role in names and not hasattr(module, names[role]):
        raise ContractError(
            f"`{names[role]}` in {Path(str(module.__file__)).name}, as the command line names it",
            "no such name", "check the spelling",
        )  # fmt: skip
    return getattr(module, names.get(role, role), None)


def _data(module: ModuleType, names: dict[str, str], role: str, required: bool) -> Any:
    what = "a Dataset, a DataLoader, (inputs, targets), or a function that returns one"
    value = _required(module, names, role, what) if required else _optional(module, names, role)
    if callable(value) and not hasattr(value, "__getitem__") and not hasattr(value, "__iter__"):
        try:
            value = value()
        except Exception as error:
            raise ContractError(
                f"{role}() to return data when called without arguments",
                f"{type(error).__name__}: {error}",
                "make the function work on its own",
            ) from error
        if value is None:
            raise ContractError(f"{role}() to return data", "None", "return the Dataset")
    return value


def _forward(module: ModuleType, names: dict[str, str], model: nn.Module, train: Data) -> tuple[Forward, list[str]]:
    step = _optional(module, names, "training_step")
    if step is not None:
        if not callable(step):
            raise ContractError("training_step(model, batch) -> loss", type(step).__name__, "define it so")
        return _from_training_step(step), []
    given = _optional(module, names, "loss")
    if given is not None:
        return _from_loss(user_loss(given)), []
    with torch.no_grad():
        batch = look(train, "train_data", 8)
        outputs, targets = _try_model(model, batch)
    if own_loss(outputs) is not None:
        return _from_own_loss(), ["loss: the one that the model itself returns"]
    loss, said = infer_loss(outputs, targets)
    return _from_loss(loss), [said]


def _try_model(model: nn.Module, batch: Any) -> tuple[Any, Any]:
    try:
        return _outputs(model, batch)
    except ContractError:
        raise
    except Exception as error:
        shapes = ", ".join(f"{tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}" for t in tensors_in(batch))
        raise ContractError(
            "data that fits the model",
            f"model(inputs) raises {type(error).__name__}: {str(error).splitlines()[0]} (batch: {shapes})",
            "make the shapes and types of train_data match what the model's forward takes",
        ) from error


def _outputs(model: nn.Module, batch: Any) -> tuple[Any, Any]:
    if isinstance(batch, dict):
        return model(**batch), batch.get("labels", batch.get("targets"))
    if isinstance(batch, (tuple, list)) and len(batch) >= 2:
        return model(*batch[:-1]), batch[-1]
    if isinstance(batch, (tuple, list)):
        return model(*batch), batch[0]
    return model(batch), batch


def _from_loss(loss: Callable[[Any, Any], torch.Tensor]) -> Forward:
    def forward(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any, Any]:
        outputs, targets = _outputs(model, batch)
        return loss(outputs, targets), outputs, targets

    return forward


def _from_own_loss() -> Forward:
    def forward(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any, Any]:
        outputs, targets = _outputs(model, batch)
        loss = own_loss(outputs)
        assert loss is not None
        return loss, outputs, targets

    return forward


def _from_training_step(step: Callable[[nn.Module, Any], Any]) -> Forward:
    def forward(model: nn.Module, batch: Any) -> tuple[torch.Tensor, Any, Any]:
        result = step(model, batch)
        loss = result.get("loss") if isinstance(result, dict) else result
        if not isinstance(loss, torch.Tensor):
            found = f"a dict with {', '.join(map(str, result))}" if isinstance(result, dict) else type(loss).__name__
            raise ContractError('training_step to return a loss tensor or a dict with "loss"', found, "return it so")
        return loss, None, None

    return forward


def _metric(
    module: ModuleType, names: dict[str, str], forward: Forward, model: nn.Module, train: Data
) -> Metric | None:
    given = _optional(module, names, "metric")
    if given is not None:
        if not callable(given):
            raise ContractError("metric(outputs, targets) -> float", type(given).__name__, "define it so")
        name = getattr(given, "__name__", "metric")
        return Metric(given, str(name), bool(getattr(given, "higher_is_better", True)), True)
    try:
        with torch.no_grad():
            _, outputs, targets = forward(model, train.take(range(min(4, train.size))))
    except Exception as error:
        if out_of_memory(error):
            raise
        return None  # The inspection of the first batch reports it with more context.
    out = prediction(outputs)
    if not isinstance(out, torch.Tensor) or not isinstance(targets, torch.Tensor) or class_axis(out, targets) is None:
        return None
    return Metric(accuracy, "accuracy", True, False)


def _fingerprint(module: ModuleType, model: nn.Module, train: Data, val: Data, request: Request) -> str:
    """Code, data and shape of the task; settings that a probe spec already holds are not in it."""
    digest = hashlib.sha256()
    for file in user_files(Path(str(module.__file__))):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    digest.update(repr(sorted(request.names.items())).encode())
    digest.update(repr([(name, tuple(p.shape)) for name, p in model.named_parameters()]).encode())
    for data in (train, val):
        add_content(digest, data)
    return digest.hexdigest()[:16]
