"""Small projects of every kind, each diagnosed: inferences are reported, and the advice is sane."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from advisor.app.diagnose import diagnose
from advisor.app.options import Options
from advisor.errors import UsageError
from advisor.schema.base import plain

FILES = Path(__file__).parent / "files"
INFERRED = "loss inferred: "
HELD_OUT = "no val_data: a fixed tenth of train_data"


@dataclass(frozen=True)
class Project:
    """One shape.

    Attributes:
        name: Of its file.
        says: Pieces of sentences that must be among what was inferred.
        silent: Pieces that must not be there.
        holds: Of ``report["current"]``: what was read of today's settings.
        metric: What is judged by beside the loss.
        names: As on the command line.
    """

    name: str
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    holds: dict[str, Any] = field(default_factory=dict)
    metric: bool = True
    names: dict[str, str] = field(default_factory=dict)


SGD = {"name": "SGD", "momentum": 0.9}
PROJECTS = [
    Project("own_collate", ("the collate function of the DataLoader kept",), holds={"batch_size": 40}),
    Project("weighted_sampler", ("WeightedRandomSampler of the loader kept",), holds={"batch_size": 32}),
    Project("workers_and_augmentation", ("num_workers=1",), (HELD_OUT,), {"batch_size": 100}),
    Project("dict_batches", ("model(image), target label", INFERRED + "cross_entropy")),
    Project("nested_batches", ("model(*inputs) of 2 inputs", "called with the predictions in the model's output")),
    Project("object_batches", ("the training_step of the file", "the collate function"), (INFERRED,)),
    Project("output_tuple", ("called with the predictions in the model's output",), (INFERRED,)),
    Project("output_object", ("pixel_values, labels; it computes the loss itself", "loss: returned by the model")),
    Project("probabilities", (INFERRED + "binary_cross_entropy (",), metric=False),
    Project("autoencoder", ("inputs without targets", HELD_OUT, INFERRED + "mse_loss against"), metric=False),
    Project(
        "vae",
        ("inputs without targets", "called with the first output, the targets, and the other outputs"),
        (INFERRED,),
        metric=False,
        names={"model": "VAE", "loss": "loss_function"},
    ),
    Project(
        "masked_graph",
        ("one whole graph of 400 nodes, 100 for training and 200 for validation", "x, edge_index by name, target y",
         INFERRED + "nll_loss, as the outputs are log-probabilities"),
        (HELD_OUT,),
        {"batch_size": 1, "epochs": 400},
    ),
    Project("iterable_dataset", ("train_data: an IterableDataset that gives 600 examples",), holds={"batch_size": 40}),
    Project(
        "endless_stream",
        ("an IterableDataset that does not end", "the first 512 examples of train_data are held out",
         "15 steps count as one epoch, 20 epochs are 300 steps"),
        holds={"batch_size": 32, "epochs": 20},
        metric=False,
    ),
    Project(
        "get_batch",
        ("batches as they come (without end)", "its first 20 batches are kept", "the model gets inputs and"),
        holds={"batch_size": 1, "epochs": 20, "clip_grad_norm": 1.0},
    ),
    Project("grouped_batches", ("batches as they come (30 per pass)",), holds={"batch_size": 1}),
    Project("param_groups", ("3 parameter groups keep their ratios",), (INFERRED,)),
    Project(
        "own_schedule",
        ("StepLR is stepped once an epoch",),
        holds={"schedule": {"name": "StepLR", "step_size": 60, "gamma": 0.1}, "clip_grad_norm": 0.5},
    ),
    Project("accumulation", ("batch_size 40 is 4 accumulated passes of 10",), holds={"batch_size": 40, "amp": True}),
    Project("hooks", ("before_epoch of the file is called", "after_step of the file is called")),
    Project(
        "tied_weights",
        ("embed.weight and head.weight are one tensor", "to predict the next token", INFERRED + "cross_entropy"),
    ),
    Project("lazy_modules", ("lazy modules get their shapes from the first batch",)),
    Project("frozen_backbone", ("6,500 of 7,510 weights are frozen and stay frozen",)),
    Project("regression", ("called with targets in the shape and dtype", HELD_OUT), (INFERRED,), metric=False),
    Project("multi_label", (INFERRED + "binary_cross_entropy_with_logits",)),
    Project("segmentation", ("model(image), target mask", INFERRED + "cross_entropy")),
    Project(
        "other_names",
        ("optimizer AdamW assumed", "epochs 10 assumed"),
        (INFERRED, HELD_OUT),
        names={"model": "Classifier", "train_data": "training_set", "val_data": "test_set", "loss": "criterion"},
    ),
    Project(
        "lightning_module",
        ("LitDigits is a LightningModule", "the loaders of DigitsData", "2 parameter groups of configure_optimizers",
         "settings read from configure_optimizers: SGD, lr 0.002", "'val_loss'; metric: its 'val_acc'"),
        (INFERRED, HELD_OUT),
        {"batch_size": 40, "epochs": 12, "clip_grad_norm": 5.0,
         "schedule": {"name": "StepLR", "step_size": 75, "gamma": 0.3},
         "optimizer": {"name": "SGD", "lr": 0.002, "momentum": 0.9, "weight_decay": 1e-4}},
    ),
    Project(
        "huggingface_model",
        ("batches from data_collator", "settings read from TrainingArguments: AdamW, learning_rate 5e-05",
         "batch_size 32 is 2 accumulated passes of 16", "it computes the loss itself"),
        (INFERRED, HELD_OUT),
        {"batch_size": 32, "epochs": 24, "clip_grad_norm": 1.0,
         "optimizer": {"name": "AdamW", "lr": 5e-5, "betas": [0.9, 0.999], "weight_decay": 0.01}},
    ),
    Project(
        "huggingface_trainer",
        ("those of the Trainer in the file", "loss: returned by the model"),
        holds={"schedule": {"name": "CosineAnnealingLR", "T_max": 200}},
        metric=False,
    ),
    Project(
        "skorch_net",
        ("those of the NeuralNetClassifier of skorch", HELD_OUT),
        (INFERRED,),
        {"batch_size": 40, "epochs": 12, "clip_grad_norm": 2.0, "optimizer": SGD | {"lr": 0.01}},
    ),
    Project(
        "timm_names",
        ("settings read with timm's names", "2 parameter groups keep their ratios"),
        holds={"batch_size": 40, "epochs": 12,
               "optimizer": SGD | {"lr": 0.01, "nesterov": True, "weight_decay": 1e-4}},
    ),
]  # fmt: skip


def diagnosed(name: str, tmp_path: Path, **options: Any) -> dict[str, Any]:
    asked = Options(str(FILES / f"{name}.py"), out=tmp_path, run="r", device="cpu", engine="inline", **options)
    return plain(diagnose(asked).report)


@pytest.mark.parametrize("project", [pytest.param(project, id=project.name) for project in PROJECTS])
def test_a_project_as_it_is(project: Project, tmp_path: Path) -> None:
    report = diagnosed(project.name, tmp_path, names=project.names)
    said = report["profile"]["inferred"]
    assert [text for text in project.says if not any(text in line for line in said)] == [], said
    assert [text for text in project.silent if any(text in line for line in said)] == [], said
    assert {key: report["current"].get(key) for key in project.holds} == project.holds
    assert report["status"] == "advice", report["verdict"]
    assert 0 < report["recommended"]["optimizer"]["lr"] < 10
    assert report["recommended"]["optimizer"]["name"] == report["current"]["optimizer"]["name"]
    assert 0 < report["cost"]["full_runs"] <= 1
    finished = [arm for arm in report["arms"] if arm["kind"] == "cycle" and arm["status"] == "finished"]
    assert finished
    assert all(math.isfinite(arm["val_loss"]) for arm in finished)
    assert {arm["metric"] is not None and math.isfinite(arm["metric"]) for arm in finished} == {project.metric}


def test_a_model_too_slow_for_the_time_given(tmp_path: Path) -> None:
    """What can be said is said: how much would be needed."""
    with pytest.raises(UsageError, match="a budget for range test and ladder, about") as caught:
        diagnosed("slow_model", tmp_path, minutes=0.02)
    assert "full runs for this task" in caught.value.expected
    assert "(from --minutes)" in caught.value.found
