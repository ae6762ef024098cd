"""The measure behind a logged name: loss, metric or return, with its direction of improvement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from advisor.logs.measure_names import (
    ERRORS,
    EXCEPTIONS,
    JOINED,
    LOSS,
    MIXED,
    NEUTRAL,
    RETURN,
    SETTINGS_OF_LOSSES,
    TABLES,
    TOTAL,
    VAGUE,
)

Kind = Literal["loss", "metric", "return"]


@dataclass(frozen=True, slots=True)
class Measure:
    """The measure behind a name.

    Attributes:
        kind: A loss, a metric, or the return of an agent.
        higher_is_better: Direction of improvement.
        rank: The lower, the more likely it is what a run is judged by.
        part: Whether it is one term of a loss (``box_loss``) and not the whole.
        error: Whether it can replace a loss where none was logged (``rmse``).
    """

    kind: Kind
    higher_is_better: bool
    rank: float
    part: bool = False
    error: bool = False


def plain(name: str) -> str:
    """A name in snake case: ``Train Loss``, ``trainLoss`` and ``train/loss`` give the same."""
    known = MIXED.sub(lambda match: match[0].lower().replace("-", ""), name)
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", known)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


@lru_cache(maxsize=50_000)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, compound words joined."""
    words = plain(name) + "_"
    for apart, joined in JOINED:
        words = words.replace(apart, joined)
    words = words.replace("map50_95", "map5095")
    return tuple("map50_95" if word == "map5095" else word for word in words.strip("_").split("_"))


def measure(words: Sequence[str]) -> Measure | None:
    """The measure that the words of a name stand for; None if unknown."""
    known = set(words)
    if len(words) > 1 and words[1] == "error" and words[0] in EXCEPTIONS:
        return None
    if known & LOSS:
        return None if words[-1] in SETTINGS_OF_LOSSES else _loss(words)
    ranks = [(rank, word, higher) for table, higher in TABLES for word, rank in table.items() if word in known]
    if len(ranks) > 1:
        ranks = [item for item in ranks if item[1] not in VAGUE] or ranks
    if words[-1] != "per":
        ranks = [item for item in ranks if item[1] != "per"]
    if ranks:
        rank, word, higher = min(ranks)
        return Measure("metric", higher, 2.0 * rank, error=word in ERRORS)
    earned = [rank for word, rank in RETURN.items() if word in known]
    return Measure("return", True, 2.0 * min(earned)) if earned else None


def _loss(words: Sequence[str]) -> Measure:
    rest = [word for word in words if word not in NEUTRAL and not word.isdigit()]
    total = [word for word in rest if word in TOTAL]
    extra = len(rest) - len(total)
    return Measure("loss", False, 1.0 * extra - (0.2 if "total" in total else 0.0), part=extra > 0)
