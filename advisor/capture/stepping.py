"""What a script's optimizers and schedulers do."""

import sys
from typing import Any

import torch

from advisor.capture.events import Rate, Refused, Seen
from advisor.capture.source import frames, is_users
from advisor.capture.uncarried import Uncarried, settings_of

Line = tuple[tuple[str, int], ...]


class Stepping:
    """Notes it.

    Args:
        seen: Where it is noted.
        uncarried: Is told of what the first loss does not show.

    Attributes:
        count: Steps that were made by the optimizer that is tuned.
    """

    def __init__(self, seen: Seen, uncarried: Uncarried) -> None:
        self._seen, self._uncarried = seen, uncarried
        self._order: list[Any] = []
        self._tuned: list[Any] = []
        self._line: Line = ()
        self.count = 0

    def check(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Returns if the advisor can tune what the optimizer does.

        Raises:
            Refused: If it steps on a closure, or by turns with another one: two optimizers that do are one training of
                another kind; one after the other are two trainings.
        """
        closure = any(callable(a) and not isinstance(a, torch.optim.Optimizer) for a in args) or kwargs.get("closure")
        if closure:
            raise Refused(
                f"{type(optimizer).__name__} steps on a closure here, and the advisor tunes optimizers that step on "
                "gradients"
            )
        if self._order and self._order[-1] is optimizer:
            return
        again = any(optimizer is other for other in self._order)
        self._order.append(optimizer)
        first = self._seen.optimizer
        line = _line()
        if first is None:
            self._line = line
        if first is not None and not again and line == self._line and _alike(first, optimizer):
            self._tuned.append(optimizer)
            self._uncarried.made_anew()
            return
        if again:
            names = sorted({type(optimizer).__name__, type(first).__name__})
            raise Refused(
                f"several optimizers step by turns here ({' and '.join(names)}), and the advisor tunes one "
                "optimizer on one loss"
            )
        if first is not None:
            self._seen.second = type(optimizer).__name__

    def note(self, optimizer: Any, passing: int, computed: bool) -> None:
        """An optimizer is about to step; the first one that does is the one that is tuned.

        Args:
            optimizer: It.
            passing: The pass over the training data that it is in.
            computed: Whether its gradients are real.
        """
        seen = self._seen
        if seen.optimizer is None:
            seen.optimizer, seen.groups = optimizer, settings_of(optimizer)
            for group in optimizer.param_groups:
                for p in group["params"]:
                    seen.initial[id(p)] = (p, p.detach().clone())
        if optimizer is seen.optimizer or any(optimizer is other for other in self._tuned[-1:]):
            seen.rates.append(Rate(passing, float(optimizer.param_groups[0]["lr"])))
            self._uncarried.cycled = any(getattr(s, "cycle_momentum", False) for s in seen.schedulers)
            self._uncarried.stepping(optimizer, seen.groups, computed)
            self.count += 1

    def stepped(self, optimizer: Any) -> None:
        """An optimizer has stepped on real gradients."""
        if optimizer is self._seen.optimizer:
            self._uncarried.stepped(optimizer)

    def scheduled(self, given: Any) -> None:
        """A scheduler of torch has stepped, and was given a number (of an epoch, also a broken one) or none."""
        self._seen.scheduled.append(self.count)
        if isinstance(given, (int, float)):
            self._seen.scheduled_to = float(given)

    def clipped(self, limit: float, by_value: bool) -> None:
        """Gradients are clipped."""
        if by_value:
            self._seen.clip_value = limit
        else:
            self._seen.clip = limit


def _alike(first: Any, other: Any) -> bool:
    """Whether one optimizer takes the place of another: of the same class and for the same weights."""
    one, two = ({id(p) for group in each.param_groups for p in group["params"]} for each in (first, other))
    return type(first) is type(other) and one == two


def _line() -> Line:
    """The lines of the user's code that lead to a step."""
    own = [f for f in frames(sys._getframe(2)) if is_users(f.f_code.co_filename)]
    return tuple((f.f_code.co_filename, f.f_lineno) for f in own)
