"""Where each round of a script's training loops begins: its names and its random state then, and what it makes."""

import ast
import itertools
import random
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from advisor.capture.events import Namespace
from advisor.init.source import Source, called_name, calls

MARK = "__advisor_round__"
_BACKWARD = ("backward", "manual_backward")


@dataclass(frozen=True, slots=True)
class Started:
    """The beginning of a round.

    Attributes:
        space: Namespace of its frame, including the loop variable.
        random: State of torch's, NumPy's and Python's generators.
        at: When that was, among the beginnings of rounds and the makings of modules and optimizers.
    """

    space: Namespace
    random: Any
    at: int = 0


class Rounds:
    """The last round of each loop that began before the first ``backward()``.

    Attributes:
        closed: Whether ``backward()`` was called, so that further rounds are not recorded.
    """

    def __init__(self) -> None:
        self.closed = False
        self._of: dict[tuple[int, int], Started] = {}
        self._made: dict[int, int] = {}
        self._clock = itertools.count(1)

    def made(self, thing: Any) -> None:
        """A module or an optimizer was made."""
        if not self.closed:
            self._made[id(thing)] = next(self._clock)

    def makes(self, frame: Any, line: int, *things: Any) -> bool | None:
        """Whether a round of the loop of that line begins with making these things; None if that is not known."""
        started = self.of(frame, line)
        known = [self._made[id(thing)] for thing in things if id(thing) in self._made]
        return None if started is None or not known else all(at > started.at for at in known)

    def began(self, line: int) -> None:
        """Called by the script at the beginning of a round of the loop at that line."""
        if not self.closed:
            frame = sys._getframe(1)
            self._of[id(frame), line] = Started(dict(frame.f_locals), random_state(), next(self._clock))

    def of(self, frame: Any, line: int) -> Started | None:
        """The round of the loop at that line in which ``backward()`` was called first."""
        return self._of.get((id(frame), line))


def marked(text: str) -> ast.Module:
    """The tree of a script with a call of ``began`` in each round of a loop that trains.

    Raises:
        SyntaxError: If the text is not Python.
    """
    source = Source.of(text)
    for loop in [node for node in ast.walk(source.tree) if isinstance(node, (ast.For, ast.While))]:
        parts = [loop, *source.called(loop)]
        if any(called_name(call) in _BACKWARD for part in parts for call in calls(part)):
            mark = ast.Expr(ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(loop.lineno)], []))
            loop.body.insert(0, ast.fix_missing_locations(ast.copy_location(mark, loop.body[0])))
    return source.tree


def random_state() -> Any:
    """State of torch's, NumPy's and Python's generators."""
    return torch.get_rng_state(), np.random.get_state(), random.getstate()
