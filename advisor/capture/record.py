"""Records how a script trains, skips through the rest of it, and runs its loop body for probes."""

import copy
import sys
from contextlib import suppress
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from advisor.capture.batches import apart
from advisor.capture.by_hand import ByHand
from advisor.capture.criteria import Criteria
from advisor.capture.ending import Ending
from advisor.capture.events import (
    Backward,
    ModelCall,
    Phase,
    Place,
    Seen,
    Turn,
)
from advisor.capture.feeding import Feeding
from advisor.capture.hurry import Hurry
from advisor.capture.length import rounds_around
from advisor.capture.rounds import Rounds, random_state
from advisor.capture.source import frames, is_python_itself, is_users
from advisor.capture.stepping import Stepping
from advisor.capture.uncarried import Uncarried

STEPS = 3
_ENOUGH_PASSES = 1
_WITHOUT_STEP = 1000
"""Calls of ``backward()`` after which no optimizer is expected."""


class Recorder:
    """Records events by phase.

    Attributes:
        phase: What the hooks do at the moment.
        seen: What was noted.
        criteria: Losses that were computed.
        uncarried: Notes what probes leave out.
        rounds: How the rounds of its loops began.
        feeding: The batch of the present step of a probe.
        hurry: What the script goes through without computing.
        train: Loader of the training batches, or None.
        ending: When watching ends.
        steps: Notes what the optimizer does.
        rates_in_text: Whether the project's text may move the rate by hand.
    """

    def __init__(self, seconds: float) -> None:
        self.phase = Phase.WATCHING
        self.seen = Seen()
        self.criteria = Criteria()
        self.uncarried = Uncarried()
        self.feeding, self.hurry, self.rounds = Feeding(), Hurry(), Rounds()
        self.train: Any = None
        self.ending = Ending(seconds)
        self.steps = Stepping(self.seen, self.uncarried)
        self.rates_in_text = True
        self._turns = self._passes = self._depth = 0
        self._turn: Turn | None = None
        self._inside = False
        self._called_since_turn = True
        self._handles: list[Any] = []
        self._by_hand = ByHand()

    # The loop body fed by a probe

    def feeds(self, loader: Any) -> bool:
        """Whether this loader is the one whose batch a probe replaces."""
        return loader is self.train

    def trains(self, loader: Any) -> bool:
        """Whether it is the training loader, or the same one recreated for another epoch."""
        if loader is self.train:
            return True
        site = getattr(loader, "advisor_site", None)
        same = bool(site) and site == getattr(self.train, "advisor_site", None)
        if all(getattr(each, "advisor_early", False) for each in (loader, self.train)):
            return False  # Both were made before training began, as by one line for each part of the data.
        if same and not self.seen.other_data:
            first, now = (getattr(one, "dataset", ()) for one in (self.train, loader))
            with suppress(TypeError):
                self.seen.other_data = (len(first), len(now)) if len(first) != len(now) else ()
        return same

    def begin_feed(self, batch: Any) -> None:
        """Sets the batch that the loop body runs on."""
        self.phase = Phase.FEEDING
        self.feeding.begin(batch)
        self.criteria.clear()

    def end_feed(self) -> bool:
        """Removes it; returns whether the batch was used."""
        self.phase = Phase.CLOSED
        return self.feeding.end()

    # The script itself

    def begin_pass(self) -> int:
        """The number of a new pass over a loader."""
        self._passes += 1
        return self._passes

    def drawn(self, live: Any, batch: Any) -> None:
        """Called when a loader yields a batch."""
        self._check_time()
        self.note_by_hand()
        if self.steps.count < STEPS:
            before = None if self._called_since_turn else self._turn
            if before is not None and before.loader not in (None, live.loader):
                self.seen.beside.append(before.loader)
            self._turn = self._begin(live.loader, batch, live.number, sys._getframe(2))
            if before is not None and before.loader is live.loader:
                self._turn.ahead = before.batch

    def _begin(self, loader: Any, batch: Any, passing: int, frame: Any) -> Turn:
        self._turns += 1
        self._called_since_turn = False
        self.criteria.clear()
        self.uncarried.next_turn(self.seen.optimizer)
        if not self.seen.backwards:
            self.seen.calls.clear()
        own = [f for f in frames(frame) if is_users(f.f_code.co_filename)]
        spaces = {id(f): dict(f.f_locals) for f in own}
        kept = batch
        if not self.seen.backwards:
            with suppress(Exception):
                kept = copy.deepcopy(batch)
        return Turn(self._turns, loader, kept, passing, spaces, random_state())

    def call(self, call: Any, module: nn.Module, args: Any, kwargs: Any) -> Any:
        """Calls a module, and records the call unless it is inside another module."""
        if self._depth or self.phase in (Phase.FEEDING, Phase.CLOSED):
            return call(module, *args, **kwargs)
        if self.phase is Phase.WATCHING:
            self._called(module, args, kwargs)
        self._depth += 1
        try:
            return (
                call(module, *args, **kwargs)
                if self.phase is Phase.WATCHING
                else self._hurried_output(call, module, args, kwargs)
            )
        finally:
            self._depth -= 1

    def _called(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        self._called_since_turn = True
        if not torch.is_grad_enabled():
            self._evaluating(module)
            return
        self.note_by_hand()
        seen = self.seen
        last = seen.backwards[-1] if seen.backwards else None
        begun = self._turn is not None and (last is None or last.turn != self._turn.number)
        if not begun and not _without_weights(module):
            loaded = self._turn is not None and self._turn.loader is not None
            if not (loaded and last is not None and self._turn is not None and last.step == self.steps.count):
                self._turn = self._begin(None, None, 0, sys._getframe(2))
        if id(module) not in seen.roots and not _without_weights(module):
            seen.roots[id(module)] = module
            seen.trainable += [(p, p.requires_grad) for p in module.parameters()]
            seen.modes += [(inner, inner.training) for inner in module.modules()]
            for buffer in module.buffers():
                seen.initial.setdefault(id(buffer), (buffer, buffer.detach().clone()))
        if not seen.backwards and len(seen.calls) < 64:
            seen.calls.append(ModelCall(module, args, kwargs, module.training))
        kinds = ("cuda", "cpu") if torch.cuda.is_available() else ("cpu",)
        seen.amp = seen.amp or any(torch.is_autocast_enabled(kind) for kind in kinds)

    def _evaluating(self, module: nn.Module) -> None:
        """Records the loader that a trained model is evaluated on without gradients."""
        current = self._current
        if self.seen.backwards and current is not None and (not torch.is_grad_enabled() or not module.training):
            same = getattr(current, "dataset", 0) is getattr(self.train, "dataset", 1) and not apart(
                current, self.train
            )
            same = same or self.trains(current)
            if not same and not any(current is other for other in self.seen.evaluated):
                self.seen.evaluated.append(current)

    @property
    def _current(self) -> Any:
        return self.hurry.loader if self.phase is Phase.HURRYING else self._turn.loader if self._turn else None

    def backward(self, loss: torch.Tensor) -> bool:
        """Called for ``backward()`` on a loss; returns whether to compute it."""
        if self.phase is Phase.FEEDING:
            self.feeding.backward(loss)
            return False
        if self.phase is Phase.HURRYING:
            self._check_time()
            if self.hurry.step():
                self.uncarried.names(self.seen.places, frames(sys._getframe(2)))
            return False
        if self.phase is Phase.CLOSED or self._inside:
            return True
        self._check_time()
        seen = self.seen
        chain = frames(sys._getframe(2))
        own = [f for f in chain if is_users(f.f_code.co_filename)]
        where = (own[0].f_code.co_filename, own[0].f_lineno) if own else ("", 0)
        turn = self._turn
        if not seen.backwards:
            spaces = turn.spaces if turn is not None else {}

            def place(f: Any) -> Place:
                return Place(f, f.f_lineno, spaces.get(id(f), dict(f.f_locals)), f.f_code.co_filename)

            seen.places = [place(f) for f in own]
            seen.others = [place(f) for f in chain if f not in own and not is_python_itself(f.f_code.co_filename)]
            self.rounds.closed = True
            seen.turn, seen.criteria = turn, list(self.criteria.calls)
            seen.plain = bool(seen.criteria) and seen.criteria[-1].value is loss
            self.train = turn.loader if turn is not None else None
        else:
            self.uncarried.names(seen.places, own)
        number = turn.number if turn is not None else 0
        value = float(loss.detach().sum()) if not loss.is_meta else float("nan")
        if len(seen.backwards) >= _WITHOUT_STEP and not self.steps.count:
            self.ending.end()
        seen.backwards.append(Backward(value, self.steps.count, number, where))
        return True

    def after_backward(self) -> None:
        """Called when gradients are available: without an optimizer they give the rate of manual updates."""
        if self.phase is not Phase.WATCHING:
            return
        roots = self.seen.roots.values()
        parameters = list({id(p): p for root in roots for p in root.parameters()}.values())
        self.uncarried.backward(parameters)
        if not self.steps.count:
            self._by_hand.backward(parameters)

    def note_by_hand(self) -> None:
        """Detects manual updates: weights that changed by a multiple of their gradient without an optimizer."""
        if self.steps.count or self.phase is not Phase.WATCHING:
            return
        rate = self._by_hand.rate()
        if rate is not None:
            self.seen.by_hand = rate
            self.seen.initial |= self._by_hand.initial()
            self.ending.end()

    def stepping(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Called before an optimizer steps."""
        if self.phase not in (Phase.WATCHING, Phase.HURRYING):
            return
        self.steps.check(optimizer, args, kwargs)
        passing = self._turn.passing if self._turn is not None else 0
        passing = self.hurry.passing if self.phase is Phase.HURRYING else passing
        self.steps.note(optimizer, passing, computed=self.phase is Phase.WATCHING)
        if self.steps.count == STEPS and self.phase is Phase.WATCHING:
            self._begin_hurry()
        if self.phase is Phase.HURRYING:
            self._check_time()
            for group in optimizer.param_groups:
                for p in group["params"]:
                    p.grad = None

    def stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Called after an optimizer has stepped."""
        if self.phase is Phase.WATCHING:
            self.steps.stepped(optimizer)

    def nothing_moves(self) -> bool:
        """Whether further passes would add nothing: no rate changes, and the loops give their own length."""
        seen = self.seen
        if seen.schedulers or self.rates_in_text or len({rate.lr for rate in seen.rates}) > 1:
            return False
        place = seen.places[0] if seen.places else None
        rounds = rounds_around(seen.places, place, None) if place is not None else []
        return bool(rounds) and all(r.count is not None for r in rounds[1:])

    def scheduled(self, given: Any) -> None:
        """Called after a scheduler of torch has stepped, with the number that it was given, if any."""
        if self.phase in (Phase.WATCHING, Phase.HURRYING):
            self.steps.scheduled(given)

    def clipped(self, limit: float, by_value: bool = False) -> None:
        """Called when gradients are clipped."""
        self.uncarried.clipped = True
        if self.phase in (Phase.WATCHING, Phase.HURRYING):
            self.steps.clipped(limit, by_value)

    # To the end, without computing

    def _begin_hurry(self) -> None:
        self.phase = Phase.HURRYING
        passing = self._turn.passing if self._turn is not None else 0
        self.hurry.begin(self.train, passing, self.seen.optimizer)

    def hurried(self, live: Any) -> Any:
        """The next batch of a pass that is skipped through.

        Raises:
            StopIteration: If that pass is over.
        """
        self._check_time()
        loader, trains = live.loader, self.trains(live.loader)
        beside = any(loader is other for other in self.seen.beside)
        most = self.hurry.length(loader) if trains or beside else 1
        if live.count > most:
            raise StopIteration
        hurry = self.hurry
        hurry.loader = loader
        if trains:
            if live.number != hurry.passing:
                hurry.passes += 1
                if hurry.passes > _ENOUGH_PASSES and self.nothing_moves():
                    self.ending.end()
            hurry.passing = live.number
        return hurry.batch(live)

    def _hurried_output(self, call: Any, module: nn.Module, args: Any, kwargs: Any) -> Any:
        self._evaluating(module)
        return self.hurry.output(call, module, args, kwargs)

    def _check_time(self) -> None:
        self.ending.look(self.phase is Phase.HURRYING and self.hurry.is_over())

    def alarm(self) -> None:
        """Called by a timer: stops a script that calls none of the hooks.

        Raises:
            Stop: If time is up.
        """
        if self.phase in (Phase.WATCHING, Phase.HURRYING):
            self._check_time()

    def close(self) -> None:
        """Stops recording; the loader and ``backward`` hooks stay for probes."""
        self.phase = Phase.CLOSED
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self.hurry.close()

    def hook(self) -> None:
        """Registers PyTorch's own hooks."""
        self._handles = [
            register_optimizer_step_pre_hook(self.stepping),
            register_optimizer_step_post_hook(self.stepped),
        ]


def _without_weights(module: nn.Module) -> bool:
    return next(module.parameters(), None) is None
