"""``advisor.diagnose``: the diagnosis of the command line for objects of this process, including notebooks.

Training happens in worker processes on copies: the caller's objects, files and random state are unchanged afterwards,
also after an error.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.app.objects import as_file
from advisor.app.options import EngineName, ObjectiveName, Options
from advisor.config.schedule import ScheduleKind
from advisor.errors import UsageError
from advisor.report.report import Report

if TYPE_CHECKING:
    from advisor.search.observer import Observer


def diagnose(
    model: Any,
    train_data: Any = None,
    val_data: Any = None,
    *,
    loss: Any = None,
    training_step: Any = None,
    metric: Any = None,
    param_groups: Any = None,
    settings: dict[str, Any] | None = None,
    budget: float = 1.0,
    percent: float | None = None,
    minutes: float | None = None,
    least_seconds: float | None = None,
    seed: int = 0,
    out: str | Path = "reports",
    run: str | None = None,
    name: str | None = None,
    device: str = "auto",
    engine: EngineName = "auto",
    address: str | None = None,
    workers: int = 0,
    nproc: int = 1,
    step_timeout: float | None = None,
    probe_timeout: float | None = None,
    objective: ObjectiveName = "auto",
    schedule: ScheduleKind = "1cycle",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    progress: bool = True,
) -> Report:
    """Probes a model for about the cost of one training run and says what to set.

    Args:
        model: ``nn.Module`` class or instance, a function that returns a fresh one, or the path of a file that
            provides everything by name (then no other objects are given).
        train_data: Dataset, DataLoader, ``(inputs, targets)``, or a function that returns one.
        val_data: The same; a fixed tenth of ``train_data`` if omitted.
        loss: ``loss(outputs, targets)`` or a loss module; inferred if omitted.
        training_step: ``training_step(model, batch) -> loss`` for any kind of batch, instead of ``loss``.
        metric: ``metric(outputs, targets) -> float``.
        param_groups: ``param_groups(model) -> list of dicts``.
        settings: Your current settings; for a file, they replace its own ``settings``.
        budget: Budget for probes, in full training runs.
        percent: Budget for probes in per cent of a full run instead: 3 is ``budget=0.03``.
        minutes: Budget for probes, in minutes.
        least_seconds: Seconds that probes of a small task may always take, whatever the budget; 30 by default.
        seed: First seed; the same seed gives the same advice.
        out: Folder for reports.
        run: Name of the run; by default the time.
        name: Name of the task; by default the model's class or function.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        engine: Where probes run: ``auto``, ``serial``, ``process``, ``fused``, ``inline`` or ``ray``. The advice is
            the same.
        address: Address of the Ray cluster: ``HOST:PORT``, ``auto`` or ``local``.
        workers: Worker processes; 0 chooses automatically.
        nproc: Processes that train each probe together, as under ``torchrun``; batch sizes are those of all.
        step_timeout: Seconds without progress after which a probe counts as hung; None derives it from the task.
        probe_timeout: Seconds that a whole probe may take; None derives it from the task.
        objective: ``loss``, ``metric`` or ``auto`` (the metric if one is given).
        schedule: ``1cycle``, ``cosine``, ``triangular`` or ``constant``.
        select: Rule codes or prefixes to use.
        ignore: Rule codes or prefixes to leave out.
        progress: Whether to show progress.

    Returns:
        The report. Its ``status`` is ``advice``, ``untrainable``, or ``interrupted`` after Ctrl-C.

    Raises:
        AdvisorError: If an argument is wrong; nothing is written in that case.
    """
    objects = {
        "model": model,
        "train_data": train_data,
        "val_data": val_data,
        "loss": loss,
        "training_step": training_step,
        "metric": metric,
        "param_groups": param_groups,
    }
    given = {key: value for key, value in objects.items() if value is not None}
    options = Options(
        path="",
        budget=budget,
        percent=percent,
        minutes=minutes,
        least_seconds=least_seconds,
        seed=seed,
        out=Path(out),
        run=run,
        device=device,
        engine=engine,
        address=address,
        workers=workers,
        nproc=nproc,
        step_timeout=step_timeout,
        probe_timeout=probe_timeout,
        objective=objective,
        schedule=schedule,
        select=tuple(select),
        ignore=tuple(ignore),
        command="advisor.diagnose(...)",
    )
    with _random_state_kept():
        if isinstance(model, (str, Path)):
            if len(given) > 1:
                found = ", ".join(sorted(given.keys() - {"model"}))
                raise UsageError("either a file or objects", f"a file and {found}", "define these names in the file")
            return _run(replace(options, path=str(model), settings=settings or {}), progress)
        if engine == "ray":
            raise UsageError(
                "a file, for engine='ray'", "objects", "define them in a file: advisor.diagnose('model.py')"
            )
        if "train_data" not in given:
            raise UsageError("train_data", "None", "give a Dataset, a DataLoader or (inputs, targets)")
        if settings is not None:
            given["settings"] = dict(settings)
        with as_file(given, name or _name_of(model)) as path:
            return _run(replace(options, path=str(path), from_objects=True), progress)


def _run(options: Options, progress: bool) -> Report:
    from advisor.app.diagnose import diagnose as run
    from advisor.schema.base import plain

    observer = _observer(progress)
    try:
        outcome = run(options, observer)
        if outcome.stopped_by is not None:
            observer.noticed(str(outcome.stopped_by))
    finally:
        observer.close()
    return Report(plain(outcome.report), outcome.folder.path)


def _observer(progress: bool) -> Observer:
    from advisor.app.progress import Live, Notebook, Plain
    from advisor.search.observer import Observer

    if not progress:
        return Observer()
    display = _display()
    if display is not None:
        return Notebook(display)
    return Live() if sys.stderr.isatty() else Plain()


def _display() -> Any:
    """A function that shows HTML in place of its previous output, in a notebook; None elsewhere."""
    if "ipykernel" not in sys.modules or "IPython" not in sys.modules:
        return None
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    return lambda text: handle.update(HTML(text))


def _name_of(model: Any) -> str:
    named = getattr(model, "__name__", "")
    return named if named and named != "<lambda>" else "task" if named else type(model).__name__


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Restores the random generators of this process, also after an exception; torch's only if it is loaded."""
    python = random.getstate()
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    arrays = numpy.random.get_state() if numpy is not None else None
    tensors = torch.get_rng_state() if torch is not None else None
    cuda = torch.cuda.get_rng_state_all() if torch is not None and torch.cuda.is_initialized() else None
    try:
        yield
    finally:
        random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(arrays)
        if torch is not None:
            torch.set_rng_state(tensors)
            if cuda is not None:
                torch.cuda.set_rng_state_all(cuda)
