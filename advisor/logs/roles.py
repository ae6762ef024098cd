"""Selects the training loss, validation loss, metric and rate among a run's columns."""

from collections.abc import Iterable, Sequence

import numpy as np

from advisor.logs.names import UNSAID, Part, Role, part
from advisor.logs.run import Column

_UNLIKELY = 9.0  # ranks of smoothed, extreme and scaled columns start here


def pick(columns: Iterable[Column], role: Role) -> tuple[Column, Part] | None:
    """The most likely column for a role: by name first, by number of points second.

    A whole loss takes precedence over its terms; if only terms were logged, their sum is taken. A metric without a
    split counts as training if another one names held-out data.
    """
    found = _candidates(list(columns), role)
    if not found:
        return None
    if role == "lr":
        return _usual_rate(found)
    best = min(found, key=_order)
    if best[1].part and role in ("train_loss", "val_loss"):
        terms = [item for item in found if item[1].part and item[1].rank < _UNLIKELY and item[0].x == best[0].x]
        if len(terms) > 1:
            return _sum([item for item, _ in terms]), best[1]
    return best


def _candidates(columns: Sequence[Column], role: Role) -> list[tuple[Column, Part]]:
    known = [(item, found) for item in columns if item.x and (found := part(item.name)) is not None]
    if role not in ("val_metric", "train_metric"):
        return [entry for entry in known if entry[1].role == role]
    metrics = [entry for entry in known if entry[1].role in ("val_metric", "train_metric")]
    held = [entry for entry in metrics if entry[1].role == "val_metric" and entry[1].rank < UNSAID - 5.0]
    if role == "val_metric":
        return held or [entry for entry in metrics if entry[1].role == role]
    said = [entry for entry in metrics if entry[1].role == role]
    return said or [entry for entry in metrics if held and entry not in held]


def _order(entry: tuple[Column, Part]) -> tuple[bool, float, int, str]:
    item, known = entry
    return len(item.x) < 2, known.rank, -len(item.x), item.name


def _usual_rate(found: Sequence[tuple[Column, Part]]) -> tuple[Column, Part]:
    """The rate of most parameter groups: a group with its own warm-up (biases, for example) is not representative."""
    best = min(found, key=_order)
    alike = [entry for entry in found if len(entry[0].x) == len(best[0].x) and entry[1].rank < best[1].rank + 1.0]
    counts = [sum(other[0].y == entry[0].y for other in alike) for entry in alike]
    most = max(counts, default=0)
    return alike[counts.index(most)] if most > 1 else best


def _sum(terms: Sequence[Column]) -> Column:
    names = [terms[0].name, *(item.name.rsplit("/", 1)[-1] for item in terms[1:])]
    y = np.sum([item.y for item in terms], axis=0)
    return Column(" + ".join(names), terms[0].x, tuple(y.tolist()), terms[0].wall, terms[0].group)
