"""The role of a column by its name: split, loss or metric, learning rate, axis or setting."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from advisor.logs.measures import measure, plain, tokens

Role = Literal["train_loss", "val_loss", "train_metric", "val_metric", "return", "lr"]
TRAIN = frozenset({"train", "training", "tr", "trn", "trl", "rollout"})
HELD_OUT = ("val", "valid", "validation", "dev", "eval", "evaluation", "heldout", "holdout", "test", "testing", "tst",
            "tel", "hella", "hellaswag")  # fmt: skip
_ON_TRAINING = (
    "cls_accuracy",
    "fg_cls_accuracy",
    "mask_rcnn_accuracy",
    "decode_acc_seg",
    "aux_acc_seg",
    "rewards_accuracies",
    "mean_token_accuracy",
)
"""Metrics that frameworks log for training batches without naming the split."""
_SKIP = {"smoothed", "smooth", "ema", "min", "max", "std", "var", "best", "final", "scale", "grad", "norm", "time",
         "far", "max_err", "lower", "upper", "per_class", "scaler"}  # fmt: skip
_STEP = (
    "step", "global_step", "trainer_global_step", "iteration", "iterations", "iter", "iters", "it", "steps",
    "batch", "batches", "update", "updates", "num_updates", "train_step", "i", "current_steps", "current_step",
    "total_steps_done", "global_steps", "training_step", "training_iteration", "train_iter", "niter", "n_iter",
    "time_total_timesteps", "total_timesteps", "timesteps", "total_env_steps", "env_steps", "s", "trainstep",
    "samples_seen", "tokens_seen", "curr_step", "cur_step", "episode", "episodes",
)  # fmt: skip
_EPOCH = ("epoch", "epochs", "epoch_num", "train_epoch", "epoch_id", "ep", "current_epoch", "epoch_index", "epoch_no")
_WALL = ("wall_time", "walltime", "timestamp", "time", "elapsed", "seconds", "relative_time", "elapsed_time",
         "relative_time_process", "time_elapsed", "time_time_elapsed")  # fmt: skip
_SETTINGS = {
    "momentum": "momentum", "weight_decay": "weight_decay", "wd": "weight_decay", "batch_size": "batch_size",
    "bs": "batch_size", "train_batch_size": "batch_size", "per_device_train_batch_size": "batch_size",
    "batchsize": "batch_size", "batch": "batch_size", "lr": "lr", "learning_rate": "lr", "max_lr": "lr",
    "peak_lr": "lr", "lr0": "lr", "base_lr": "base_lr", "num_epochs": "epochs", "epochs": "epochs",
    "num_train_epochs": "epochs", "max_epochs": "epochs", "max_epoch": "epochs", "n_epochs": "epochs",
    "optim": "optimizer", "optimizer": "optimizer", "beta1": "momentum",
}  # fmt: skip
UNSAID = 20.0
"""Added to the rank of a metric whose name does not tell the split."""
AS_COLUMNS = ("weight_decay", "batch_size", "momentum", "lr", "base_lr")
"""Settings that some loggers write as columns."""
SEEDS = ("seed", "random_seed", "random_state", "version", "run_id", "name", "run_name", "id", "device")
"""Settings that only distinguish repeats."""


@dataclass(frozen=True, slots=True)
class Part:
    """The meaning of a column's name.

    Attributes:
        role: Role of the column.
        higher_is_better: Direction of a metric; False for losses and rates.
        rank: The lower, the more likely it is the column for the role.
        part: Whether it is one term of a loss and not the whole.
        error: Whether it can replace a loss where none was logged.
    """

    role: Role
    higher_is_better: bool
    rank: float
    part: bool = False
    error: bool = False


@lru_cache(maxsize=10_000)
def part(name: str) -> Part | None:
    """The meaning of a column's name; None if unknown."""
    words = tokens(name)
    known = set(words)
    if "lr" in known or {"learning", "rate"} <= known or any(re.fullmatch(r"lr\d*|pg\d+", word) for word in words):
        return Part("lr", False, len(words) + 10.0 * len(known & _SKIP))
    found = measure(words)
    if found is None:
        return None
    held = next((index for index, word in enumerate(HELD_OUT) if word in known), None)
    is_train = bool(known & TRAIN) or any(plain(name).endswith(word) for word in _ON_TRAINING)
    penalty = 10.0 * len(known & _SKIP) + 0.01 * len(words) + (0.0 if held is None else 0.5 * min(held, 11))
    unsaid = held is None and not is_train
    if found.kind == "return":
        rank = penalty + found.rank + (0.0 if held is not None else 0.3)
        return Part("return", True, rank)
    if found.kind == "loss":
        if held is not None and not is_train:
            return Part("val_loss", False, penalty + found.rank, found.part)
        rank = penalty + found.rank + (1.0 if unsaid else 0.0) + (0.5 if "step" in known else 0.0)
        return Part("train_loss", False, rank, found.part)
    rank = penalty + found.rank + (UNSAID if unsaid else 0.0)
    return Part("train_metric" if is_train else "val_metric", found.higher_is_better, rank, error=found.error)


def split_of(name: str) -> str:
    """``train`` or ``val`` if the name contains a split, else empty."""
    known = set(tokens(name))
    if known & TRAIN:
        return "train"
    return "val" if known & set(HELD_OUT) else ""


def axis_of(names: Iterable[str]) -> tuple[str | None, str | None, str | None]:
    """Names of the columns that count steps, epochs and seconds; None where there is none."""
    by_plain = {_axis_name(name): name for name in reversed(list(names))}

    def first(wanted: tuple[str, ...]) -> str | None:
        return next((by_plain[word] for word in wanted if word in by_plain), None)

    return first(_STEP), first(_EPOCH), first(_WALL)


def _axis_name(name: str) -> str:
    words = plain(name)
    return words.removeprefix("trainer_") if words == "trainer_epoch" else words


@lru_cache(maxsize=10_000)
def axis_kind(name: str) -> str:
    """``step``, ``epoch`` or ``wall`` if a column of this name is an axis, else empty."""
    return next((kind for kind, hit in zip(("step", "epoch", "wall"), axis_of([name]), strict=True) if hit), "")


@lru_cache(maxsize=10_000)
def is_read(name: str) -> bool:
    """Whether a column of this name is used: an axis, a curve, the rate, or a setting that may be constant."""
    return any(axis_of([name])) or part(name) is not None or setting_name(name) in AS_COLUMNS


def setting_name(name: str) -> str:
    """The canonical name of a hyper-parameter."""
    words = plain(name.rsplit("/", 1)[-1].rsplit(".", 1)[-1])
    return _SETTINGS.get(words, plain(name))
