"""What a column is, read from its name: training or validation, loss or metric, or a setting."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from advisor.logs.run import Column

Role = Literal["train_loss", "val_loss", "train_metric", "val_metric", "lr"]
_TRAIN = {"train", "training", "tr", "trn"}
_HELD_OUT = ("val", "valid", "validation", "dev", "eval", "evaluation", "heldout", "holdout", "test", "testing", "tst")
_HIGHER = {
    "accuracy": 0, "acc": 0, "top1": 1, "f1": 2, "auc": 2, "auroc": 2, "bleu": 2, "iou": 2, "miou": 2, "dice": 2,
    "map": 2, "r2": 2, "precision": 4, "recall": 4, "score": 4, "top5": 5, "reward": 5,
}  # fmt: skip
_LOWER = {"error": 3, "err": 3, "wer": 3, "cer": 3, "mae": 3, "rmse": 3, "perplexity": 4, "ppl": 4}
_LOSS = {"loss", "nll", "xent", "crossentropy", "objective"}
_SKIP = {"smoothed", "smooth", "ema", "min", "max", "std", "var", "best", "final", "scale", "grad", "norm", "time"}
_STEP = (
    "step", "global_step", "trainer_global_step", "iteration", "iterations", "iter", "iters", "it", "steps",
    "batch", "batches", "update", "updates", "num_updates", "train_step", "i",
)  # fmt: skip
_EPOCH = ("epoch", "epochs", "epoch_num", "train_epoch")
_WALL = ("wall_time", "walltime", "timestamp", "time", "elapsed", "seconds", "relative_time", "elapsed_time")
_SETTINGS = {
    "momentum": "momentum", "weight_decay": "weight_decay", "wd": "weight_decay", "batch_size": "batch_size",
    "bs": "batch_size", "train_batch_size": "batch_size", "per_device_train_batch_size": "batch_size",
    "batchsize": "batch_size", "lr": "lr", "learning_rate": "lr", "max_lr": "lr", "peak_lr": "lr", "base_lr": "base_lr",
    "num_epochs": "epochs", "epochs": "epochs", "num_train_epochs": "epochs", "max_epochs": "epochs",
    "n_epochs": "epochs", "optim": "optimizer", "optimizer": "optimizer", "beta1": "momentum",
}  # fmt: skip
AS_COLUMNS = ("weight_decay", "batch_size", "momentum", "lr", "base_lr")
"""Settings that some loggers write as columns."""
SEEDS = ("seed", "random_seed", "random_state", "version", "run_id", "name", "run_name", "id", "device")
"""Settings that name a repeat and change nothing else."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the name of a column says.

    Attributes:
        role: What it is used as.
        higher_is_better: Direction of a metric; False for losses and rates.
        rank: The lower, the more likely it is the one that is meant.
    """

    role: Role
    higher_is_better: bool
    rank: float


def plain(name: str) -> str:
    """A name in lower case with single underscores: ``Train Loss``, ``trainLoss`` and ``train/loss`` alike."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


@lru_cache(maxsize=10_000)
def part(name: str) -> Part | None:
    """What a column is; None if its name says nothing known."""
    words = plain(name).replace("cross_entropy", "crossentropy").replace("top_1", "top1").replace("top_5", "top5")
    tokens = words.split("_")
    known = set(tokens)
    if "lr" in known or {"learning", "rate"} <= known or any(re.fullmatch(r"lr\d*", token) for token in tokens):
        return Part("lr", False, len(tokens))
    held = next((index for index, word in enumerate(_HELD_OUT) if word in known), None)
    is_train = bool(known & _TRAIN)
    penalty = 10.0 * len(known & _SKIP) + 0.01 * len(tokens) + (0.0 if held is None else 0.5 * held)
    if known & _LOSS:
        if held is not None and not is_train:
            return Part("val_loss", False, penalty)
        return Part("train_loss", False, penalty + (0.0 if is_train else 1.0) + (0.5 if "step" in known else 0.0))
    for table, higher in ((_HIGHER, True), (_LOWER, False)):
        ranks = [rank for word, rank in table.items() if word in known]
        if ranks:
            role: Role = "train_metric" if is_train else "val_metric"
            return Part(role, higher, penalty + 2.0 * min(ranks) + (1.0 if held is None and not is_train else 0.0))
    return None


def pick(columns: Iterable[Column], role: Role) -> tuple[Column, Part] | None:
    """The column most likely meant by a role: by name first, by number of points second."""
    found = []
    for item in columns:
        known = part(item.name)
        if known is not None and known.role == role and len(item.x) >= 2:
            found.append((known.rank, -len(item.x), item.name, item, known))
    if not found:
        return None
    *_, chosen, known = min(found, key=lambda entry: entry[:3])
    return chosen, known


def axis_of(names: Iterable[str]) -> tuple[str | None, str | None, str | None]:
    """The columns that count steps, epochs and seconds, as they are called; None where there is none."""
    by_plain = {plain(name): name for name in reversed(list(names))}

    def first(wanted: tuple[str, ...]) -> str | None:
        return next((by_plain[word] for word in wanted if word in by_plain), None)

    return first(_STEP), first(_EPOCH), first(_WALL)


@lru_cache(maxsize=10_000)
def is_read(name: str) -> bool:
    """Whether anything reads a column of this name: an axis, a curve, the rate, or a setting that may be constant."""
    return any(axis_of([name])) or part(name) is not None or setting_name(name) in AS_COLUMNS


def setting_name(name: str) -> str:
    """The one name of a hyper-parameter that has several."""
    words = plain(name.rsplit("/", 1)[-1].rsplit(".", 1)[-1])
    return _SETTINGS.get(words, plain(name))
