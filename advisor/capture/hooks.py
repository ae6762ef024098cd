"""The hooks that connect the recorder to PyTorch."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler

from advisor.capture import batches, launched
from advisor.capture.events import Phase
from advisor.capture.patching import Patches
from advisor.capture.record import Recorder


def install(patches: Patches, watching: Patches, recorder: Recorder, nproc: int) -> None:
    """Installs all hooks.

    Args:
        patches: Those that stay while the loop body is used.
        watching: Those that are needed only while the script itself runs.
        recorder: Is told.
        nproc: Processes that the script is to believe in.
    """
    recorder.hook()
    recorder.criteria.install(patches)
    batches.install(patches, recorder)
    patches.wrap(torch.Tensor, "backward", lambda old: _backward(old, recorder))
    patches.wrap(nn.Module, "train", lambda old: _unless_fed(old, recorder))
    cleared: tuple[Any, ...] = (nn.Module, torch.optim.Optimizer)
    for owner in cleared:
        patches.wrap(owner, "zero_grad", lambda old: _unless_fed(old, recorder))
        watching.wrap(owner, "zero_grad", lambda old: _after(old, recorder.note_by_hand))
    patches.wrap(torch.autocast, "__enter__", lambda old: _of_the_probe(old, recorder))
    patches.wrap(torch.autocast, "__exit__", lambda old: _of_the_probe(old, recorder, None))
    for owner in cleared:
        watching.wrap(owner, "__init__", lambda old: _making(old, recorder))
    watching.wrap(nn.Module, "__call__", lambda old: lambda self, *a, **k: recorder.call(old, self, a, k))
    clipping: tuple[Any, ...] = (nn.utils, nn.utils.clip_grad)
    for owner in clipping:
        watching.wrap(owner, "clip_grad_norm_", lambda old: _clip(old, recorder, by_value=False))
        watching.wrap(owner, "clip_grad_value_", lambda old: _clip(old, recorder, by_value=True))
    _schedulers(watching, recorder)
    patches.wrap(torch.amp.GradScaler, "__init__", _unscaled)
    _uncompiled(patches)
    launched.install(patches, watching, recorder.seen, nproc)


def _backward(old: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    inside = False

    def backward(self: torch.Tensor, *args: Any, **keywords: Any) -> Any:
        nonlocal inside
        if inside or recorder.phase is Phase.CLOSED:  # Called anew under a mode, or by a probe.
            return old(self, *args, **keywords)
        if not recorder.backward(self):
            return None
        inside = True
        try:
            result = old(self, *args, **keywords)
        finally:
            inside = False
        recorder.after_backward()
        return result

    return backward


def _unless_fed(old: Callable[..., Any], recorder: Recorder, *instead: Any) -> Callable[..., Any]:
    """Disables a call while a probe runs the loop body: mode, gradients and precision are the probe's."""

    def called(self: Any, *args: Any, **keywords: Any) -> Any:
        if recorder.phase is Phase.FEEDING:
            return instead[0] if instead else self
        return old(self, *args, **keywords)

    return called


def _of_the_probe(old: Callable[..., Any], recorder: Recorder, *instead: Any) -> Callable[..., Any]:
    """The same for precision, except while the script's own first loss is compared."""
    unless = _unless_fed(old, recorder, *instead)
    return lambda *args, **keywords: (old if recorder.feeding.own_precision else unless)(*args, **keywords)


def _after(old: Callable[..., Any], first: Callable[[], None]) -> Callable[..., Any]:
    def called(self: Any, *args: Any, **keywords: Any) -> Any:
        first()
        return old(self, *args, **keywords)

    return called


def _making(old: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    def init(self: Any, *args: Any, **keywords: Any) -> None:
        recorder.rounds.made(self)
        old(self, *args, **keywords)

    return init


def _clip(old: Callable[..., Any], recorder: Recorder, by_value: bool) -> Callable[..., Any]:
    def clip(parameters: Any, limit: Any, *args: Any, **keywords: Any) -> Any:
        recorder.clipped(float(limit), by_value)
        if recorder.phase is Phase.HURRYING:
            return torch.zeros(())
        return old(parameters, limit, *args, **keywords)

    return lambda parameters, max_norm=None, *args, **keywords: clip(
        parameters, keywords.pop("clip_value", max_norm), *args, **keywords
    )


def _unscaled(old: Callable[..., Any]) -> Callable[..., Any]:
    """A ``GradScaler`` that does not scale: the loss stays unscaled, and probes use their own scaler."""

    def init(self: Any, *args: Any, **keywords: Any) -> None:
        old(self, *args[:1], enabled=False)

    return init


def _schedulers(patches: Patches, recorder: Recorder) -> None:
    kinds = {
        kind
        for kind in vars(lr_scheduler).values()
        if isinstance(kind, type) and issubclass(kind, lr_scheduler.LRScheduler)
    }

    def made(old: Callable[..., Any]) -> Callable[..., Any]:
        def init(self: Any, *args: Any, **keywords: Any) -> None:
            if not any(self is other for other in recorder.seen.schedulers) and recorder.phase is Phase.WATCHING:
                recorder.seen.schedulers.append(self)
            before = len(recorder.seen.scheduled)
            old(self, *args, **keywords)
            del recorder.seen.scheduled[before:]

        return init

    def stepped(old: Callable[..., Any]) -> Callable[..., Any]:
        def step(self: Any, *args: Any, **keywords: Any) -> Any:
            recorder.scheduled(keywords.get("epoch", args[0] if args else None))
            return old(self, *args, **keywords)

        return step

    for kind in kinds:
        if "__init__" in vars(kind):
            patches.wrap(kind, "__init__", made)
        if "step" in vars(kind):
            patches.wrap(kind, "step", stepped)


def _uncompiled(patches: Patches) -> None:
    """Disables ``torch.compile``, which probes do not need."""

    def compiled(model: Any = None, *_: Any, **__: Any) -> Any:
        return model if model is not None else lambda function: function

    patches.wrap(torch, "compile", lambda old: compiled)
    patches.wrap(nn.Module, "compile", lambda old: lambda self, *_, **__: None)
