"""Iteration over DataLoaders: their batches, or the single batch that a probe feeds to the loop body."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from torch.utils.data import DataLoader

from advisor.capture.events import Phase
from advisor.capture.patching import Patches
from advisor.capture.source import frames, is_users

if TYPE_CHECKING:
    from advisor.capture.record import Recorder

_WORKER_OPTIONS = (
    "num_workers", "persistent_workers", "prefetch_factor", "multiprocessing_context", "pin_memory", "worker_init_fn",
    "timeout", "pin_memory_device",
)  # fmt: skip
_AFTER_SAMPLERS = 5


def install(patches: Patches, recorder: "Recorder") -> None:
    """Makes loaders read in this process, records them, and returns ``Live`` iterators."""

    def made(old: Any) -> Any:
        def init(self: Any, *args: Any, **keywords: Any) -> None:
            for name in _WORKER_OPTIONS:
                keywords.pop(name, None)
            args = args[:_AFTER_SAMPLERS] + ((0, *args[6:7]) if len(args) > _AFTER_SAMPLERS else ())
            old(self, *args, **keywords)
            if recorder.phase is not Phase.CLOSED:
                self.advisor_site = _site()
                self.advisor_early = not recorder.seen.backwards
                recorder.seen.loaders.append(self)

        return init

    def opened(old: Any) -> Any:
        def begin(self: Any) -> Any:
            if recorder.phase is Phase.CLOSED:
                return old(self)
            if recorder.phase is Phase.FEEDING and not recorder.feeds(self):
                kept = any(self is other for other in recorder.seen.beside)
                return recorder.feeding.beside(self, lambda: old(self)) if kept else old(self)
            return Live(recorder, self, lambda: old(self))

        return begin

    patches.wrap(DataLoader, "__init__", made)
    patches.wrap(DataLoader, "__iter__", opened)


def _site() -> tuple[tuple[str, int], ...]:
    """The line of the user's code that creates a loader; a loader recreated for each epoch has the same one."""
    own = [f for f in frames(sys._getframe(2)) if is_users(f.f_code.co_filename)]
    return tuple((f.f_code.co_filename, f.f_lasti) for f in own[:6])


def apart(loader: Any, own: Any) -> bool:
    """Whether two loaders of one data set draw disjoint examples, by the indices of their samplers."""
    one, two = (getattr(getattr(each, "sampler", None), "indices", None) for each in (loader, own))
    return one is not None and two is not None and not {int(i) for i in one} & {int(i) for i in two}


class Live:
    """One pass over a loader.

    Args:
        recorder: Is told of every batch, and may cut the pass short.
        loader: The loader.
        opened: Begins the real pass.
    """

    def __init__(self, recorder: "Recorder", loader: Any, opened: Any) -> None:
        self._recorder, self.loader, self._opened = recorder, loader, opened
        self._inner: Iterator[Any] | None = None
        self._given: Any = None
        self.count = 0
        self.number = recorder.begin_pass()

    def __iter__(self) -> "Live":
        return self

    def __len__(self) -> int:
        return len(self.loader)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'_SingleProcessDataLoaderIter' object has no attribute '{name}'")

    def __next__(self) -> Any:
        recorder = self._recorder
        if recorder.phase is Phase.FEEDING and recorder.feeds(self.loader):
            if self._given is recorder.feeding.key:
                raise StopIteration
            self._given = recorder.feeding.key
            return recorder.feeding.take()
        if recorder.phase is Phase.HURRYING:
            self.count += 1
            return recorder.hurried(self)
        if self._inner is None:
            self._inner = iter(self._opened())
        batch = next(self._inner)
        self.count += 1
        recorder.drawn(self, batch)
        return batch

    def real(self) -> Any:
        """The next batch of the real pass."""
        if self._inner is None:
            self._inner = iter(self._opened())
        return next(self._inner)
