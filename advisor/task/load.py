"""Reads the contract: what the file provides, combined into a task."""

import hashlib
from contextlib import suppress
from pathlib import Path

import torch
from torch import nn

from advisor.config.settings import Extent, read_settings
from advisor.errors import ContractError
from advisor.records.task import TaskSource
from advisor.task.adapters import adapt
from advisor.task.data.batches import tensors_in
from advisor.task.data.content import add_content
from advisor.task.data.data import Data, hold_out, make_data
from advisor.task.data.graphs import is_masked, masked
from advisor.task.data.streams import BatchData, StreamData
from advisor.task.device import choose_device
from advisor.task.imports import load_module, user_files
from advisor.task.step.forward import find_way
from advisor.task.step.hooks import hook
from advisor.task.step.metrics import find_judge, find_metric
from advisor.task.task import Task, about_model, make_model
from advisor.task.user_module import Offer, called, read_offer

_LARGEST_VALIDATION = 2000


def load_task(source: TaskSource, given: Offer | None = None) -> Task:
    """Loads the file and checks that model, data and loss fit together on one batch.

    Args:
        source: Path, names and overrides.
        given: What the file provides, if known without importing it.

    Raises:
        ContractError: With what was expected, what was found and what to do.
    """
    path = Path(source.path)
    offer = adapt(given or read_offer(load_module(path), source.names))
    device = choose_device(offer.device or source.device)
    factory, said = offer.required("model"), offer.said
    if not callable(factory):
        raise ContractError("model as an nn.Module subclass or a function", type(factory).__name__, "define it so")
    train, val = _both(offer, device)
    fixed = isinstance(train, BatchData)
    endless = isinstance(train, (StreamData, BatchData)) and train.endless
    processes = source.nproc if offer.per_process else 1
    extent = Extent(None if endless else train.size, train.batch_size, fixed, processes)
    current = read_settings(offer.values["settings"], source.settings, extent)
    said.extend(current.assumed)
    if isinstance(train, (StreamData, BatchData)) and endless:
        train.epoch_of(current.epoch)
    model = make_model(factory).to(device)
    said.extend(about_model(model))
    way = find_way(offer.values["training_step"], offer.values["loss"], model, train, said)
    val.float32 = train.float32
    judge, metric = find_judge(offer.validation, model, val, said)
    for name in ("before_epoch", "after_step"):
        said.extend([f"{name} of the file is called"] if offer.values[name] is not None else [])
    groups = offer.values["param_groups"]
    if groups is not None and not callable(groups):
        raise ContractError("param_groups(model) -> list of dicts", type(groups).__name__, "define it so")
    if groups is not None:
        with suppress(Exception):  # The inspection reports it with more context.
            said.append(f"{len(groups(model))} parameter groups keep their ratios of learning rate and weight decay")
    return Task(
        name=path.stem,
        factory=factory,
        train=train,
        val=val,
        way=way,
        metric=find_metric(offer.values["metric"], way, model, train) or metric,
        groups=groups,
        current=current,
        device=device,
        fingerprint=_fingerprint(model, train, val, source),
        inferred=tuple(said),
        piece=current.piece,
        before_epoch=hook(offer.values["before_epoch"], "before_epoch"),
        after_step=hook(offer.values["after_step"], "after_step"),
        judge=judge,
    )


def _both(offer: Offer, device: torch.device) -> tuple[Data, Data]:
    """Training and validation data."""
    said = offer.said
    given = called(offer.required("train_data"), "train_data")
    given_val = called(offer.values["val_data"], "val_data")
    if is_masked(given) and given_val is None:
        return masked(given, device, said)
    train = make_data(given, "train_data", device, said)
    if given_val is None:
        return _held_out(train, said)
    val = make_data(given_val, "val_data", device, said)
    if isinstance(val, (StreamData, BatchData)):
        kept = val.materialised(_LARGEST_VALIDATION)
        if val.endless or kept.size < val.size:
            kind = "batches" if isinstance(val, BatchData) else "examples"
            said.append(f"val_data: its first {kept.size} {kind} are kept, the same for every probe")
        return train, kept
    return train, val


def _held_out(train: Data, said: list[str]) -> tuple[Data, Data]:
    val, train = hold_out(train)
    if isinstance(train, (StreamData, BatchData)):
        kind = "batches" if isinstance(train, BatchData) else "examples"
        said.append(
            f"no val_data: the first {val.size} {kind} of train_data are held out for validation (if it draws new "
            "examples each time, give val_data)"
        )
    else:
        said.append(f"no val_data: a fixed tenth of train_data ({val.size} examples) is held out for validation")
        if _random(val):
            said.append("examples change each time (augmentation), including those held out: give val_data without it")
    return train, val


def _random(data: Data) -> bool:
    """Whether examples differ each time they are read, as with random augmentation."""
    try:
        pair = [list(tensors_in(data.take([0]))) for _ in range(2)]
    except Exception:
        return False  # Reported by the inspection of the first batch with more context.
    return any(a.shape != b.shape or not torch.equal(a, b) for a, b in zip(*pair, strict=True))


def _fingerprint(model: nn.Module, train: Data, val: Data, source: TaskSource) -> str:
    """Hash of code, data and shapes of the task; settings are excluded, as probe specs contain them."""
    digest = hashlib.sha256()
    for file in user_files(Path(source.path)):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    digest.update(repr((sorted(source.names.items()), *source.arguments)).encode())
    digest.update(repr([(name, tuple(p.shape)) for name, p in model.named_parameters()]).encode())
    digest.update(f"{source.nproc} processes".encode() if source.nproc > 1 else b"")
    for data in (train, val):
        add_content(digest, data)
    return digest.hexdigest()[:16]
