"""Records the beginning of each round of a script's training loops: namespace and random state."""

import ast
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
    """

    space: Namespace
    random: Any


class Rounds:
    """The last round of each loop that began before the first ``backward()``.

    Attributes:
        closed: Whether ``backward()`` was called, so that further rounds are not recorded.
    """

    def __init__(self) -> None:
        self.closed = False
        self._of: dict[tuple[int, int], Started] = {}

    def began(self, line: int) -> None:
        """Called by the script at the beginning of a round of the loop at that line."""
        if not self.closed:
            frame = sys._getframe(1)
            self._of[id(frame), line] = Started(dict(frame.f_locals), random_state())

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
