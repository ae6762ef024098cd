"""Complexity of the data and size of the model, from which the first weight decay is derived."""

import math
import os
import platform
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from advisor.records.profile import DataProfile, DeviceProfile, ModelProfile, ProfileResult
from advisor.records.task import Shapes
from advisor.runtime.randomness import seeded
from advisor.task.data.batches import tensors_in
from advisor.task.data.indexed import spread
from advisor.task.task import Task

_SAMPLE = 1000
_NUMBERS = 2**25
_FEATURES = 64
_NORMALISATION = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm")
_WEIGHTED = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose2d,
    nn.RNNBase,
    nn.MultiheadAttention,
)


def profile(task: Task, shapes: Shapes) -> ProfileResult:
    """Measures data, model and device on a sample."""
    with seeded(0):
        return ProfileResult(_data(task, shapes), _model(task), _device(task.device))


def _data(task: Task, shapes: Shapes) -> DataProfile:
    """Effective rank by PCA, and errors of a linear probe and of nearest neighbours, on at most 1000 examples.

    Large examples are limited to 32 million numbers in all: they are copied several times, in double precision.
    """
    plain = DataProfile(
        examples=task.train.size,
        validation_examples=task.val.size,
        input_shape=shapes.inputs,
        targets=shapes.targets,
        classes=shapes.classes,
    )
    size = min(_SAMPLE, task.train.size, max(1, _NUMBERS // max(1, math.prod(shapes.inputs))))
    batch = task.train.take(spread(task.train.size, size))
    if not (isinstance(batch, (tuple, list)) and len(batch) == 2):
        return replace(plain, complexity="not measured: batches are not (inputs, targets)")
    inputs, targets = batch
    if not (isinstance(inputs, torch.Tensor) and inputs.is_floating_point() and len(inputs) == len(targets)):
        return replace(plain, complexity="not measured: inputs are not numbers that distances make sense for")
    if targets.numel() != len(targets) or len(inputs) < 50:
        return replace(plain, complexity="not measured: more than one target per example, or too few examples")
    return _measured(plain, inputs, targets, size)


def _measured(plain: DataProfile, inputs: torch.Tensor, targets: torch.Tensor, size: int) -> DataProfile:
    # Importing scikit-learn takes a second, so it is imported here.
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.preprocessing import StandardScaler

    x = inputs.detach().cpu().flatten(1).double().numpy()
    y = targets.detach().cpu().flatten().numpy()
    x = StandardScaler().fit_transform(x)
    pca = PCA(min(_FEATURES, *x.shape), random_state=0).fit(x)
    share = pca.explained_variance_ratio_
    rank = float(np.exp(-np.sum(share * np.log(np.maximum(share, 1e-12))) / max(share.sum(), 1e-12)))
    z = pca.transform(x)
    found = replace(plain, effective_rank=round(rank, 2), features=int(x.shape[1]), complexity_sample=size)
    classes = plain.targets == "classes"
    if classes and len(np.unique(y)) < 2:
        return found
    z_fit, z_test, y_fit, y_test = train_test_split(z, y, test_size=0.3, random_state=0)
    if classes:
        linear: Any = LogisticRegression(max_iter=200)
        near: Any = KNeighborsClassifier(5)
        if len(np.unique(y_fit)) < 2:
            return found
        error = {k: 1 - m.fit(z_fit, y_fit).score(z_test, y_test) for k, m in (("linear", linear), ("near", near))}
        chance = 1 - float(np.bincount(y_test.astype(int)).max()) / len(y_test)
    else:
        linear, near = Ridge(1.0), KNeighborsRegressor(5)
        error = {
            k: 1 - r2_score(y_test, m.fit(z_fit, y_fit).predict(z_test))
            for k, m in (("linear", linear), ("near", near))
        }
        chance = 1.0
    return replace(
        found,
        linear_probe_error=round(float(error["linear"]), 4),
        nearest_neighbour_error=round(float(error["near"]), 4),
        chance_error=round(chance, 4),
        error_kind="share misclassified" if classes else "share of variance not explained",
    )


def _model(task: Task) -> ModelProfile:
    model = task.fresh_model(0)
    modules = list(model.modules())
    kinds = {type(m).__name__ for m in modules}
    return ModelProfile(
        parameters=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for p in model.parameters() if p.requires_grad),
        depth=sum(isinstance(m, _WEIGHTED) for m in modules),
        normalisation=tuple(sorted(k for k in kinds if k.startswith(_NORMALISATION))),
        dropout=tuple(sorted({float(m.p) for m in modules if isinstance(m, nn.Dropout) and m.p > 0})),
        attention=any("Attention" in k for k in kinds),
        embedding=any(isinstance(m, nn.Embedding) for m in modules),
        flops_per_example=_flops(task, model),
        class_name=type(model).__name__,
    )


def _flops(task: Task, model: nn.Module) -> float | None:
    """Forward FLOPs per example; a lower bound, because unknown operations are not counted."""
    from torch.utils.flop_counter import FlopCounterMode

    batch = task.train.take(range(min(4, task.train.size)))
    model.eval()
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            task.loss(model, batch)
    except Exception:  # The counter breaks on operations it does not know; the number is only informative.
        return None
    examples = next((len(tensor) for tensor in tensors_in(batch) if tensor.ndim), 1)
    flops = counter.get_total_flops() / examples
    return float(flops) if math.isfinite(flops) and flops > 0 else None


def _device(device: torch.device) -> DeviceProfile:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    launched = int(os.environ.get("WORLD_SIZE", "1") or 1)
    count = max(launched, torch.cuda.device_count() if device.type == "cuda" else 1)
    return DeviceProfile(device.type, name, torch.get_num_threads(), count)
