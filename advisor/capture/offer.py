"""Decides whether a file is a task or a script, and converts a captured script to the contract."""

import ast
import hashlib
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from advisor.capture.captured import Captured
from advisor.capture.deliver import deliver
from advisor.capture.run import Watched, watch
from advisor.capture.source import Source, read_source
from advisor.errors import ContractError
from advisor.init.source import Source as Parsed
from advisor.init.source import called_name, calls, receiver
from advisor.records.task import ScriptDescription
from advisor.task.user_module import ROLES, Offer

_TRAIN_CALLS = ("backward", "fit", "fit_one_cycle", "fine_tune", "train_model")
_TRAINS = re.compile(r"\.backward\(|\.fit\(|\.train\(\)|\.run\(|\bTrainer\b|__main__|accelerat", re.I)


def offer_of_script(
    path: Path, names: dict[str, str], arguments: tuple[str, ...], guard: bool, nproc: int = 1
) -> Offer | None:
    """Runs a training script for its first steps and returns what it provides.

    Args:
        path: The file.
        names: Names from the command line; a file with given names is a task file.
        arguments: The script's own arguments; a file with arguments is a script.
        guard: Whether the kernel may block writes of this process.
        nproc: Processes that share each training.

    Returns:
        The offer; None for a task file, which is imported instead.

    Raises:
        ContractError: If the script cannot be run, or is out of scope.
    """
    if not path.exists() or path.is_dir() or (names and not arguments):
        return None
    source = read_source(path)
    bound = names_bound(source)
    if not arguments and path.suffix != ".ipynb" and is_task(source, bound):
        return None
    shared = _shared(path, arguments)
    watched = watch(source, arguments, guard, nproc)
    try:
        captured = deliver(watched)
    except ContractError:
        if _is_bare(watched, bound):
            watched.patches.undo()
            return None
        raise
    offer = offer_of(captured, path, shared)
    launched = watched.seen.launched
    if launched and nproc == 1:
        offer.said.append(f"found {launched}: give --nproc N to probe with N processes")
    offer.per_process = bool(launched) or (watched.handed is not None and watched.handed.kind != "skorch")
    return offer


def offer_of(captured: Captured, path: Path, shared: Path | None = None) -> Offer:
    """Converts a captured script to an offer.

    Args:
        captured: What was captured.
        path: The script.
        shared: File with the first worker's readings, which the workers of a run must agree on.
    """
    if shared is not None and captured.values:
        if shared.exists():
            known = json.loads(shared.read_text(encoding="utf-8"))
            captured.values["settings"], captured.said = known["settings"], known["said"]
        else:
            known = {"settings": captured.values["settings"], "said": captured.said}
            shared.write_text(json.dumps(known), encoding="utf-8")
    values = {role: captured.values.get(role) for role in ROLES}
    for role in ("model", "train_data", "val_data"):
        if values[role] is None:
            values[role] = captured.namespace.get(role)
    offer = Offer(values, dict(captured.namespace), path.name, {}, list(captured.said), device=captured.device)
    offer.loop_file = captured.loop[0] if captured.loop is not None else ""
    return offer


def names_bound(source: Source) -> set[str]:
    """Names that the file binds outside of functions, classes and its ``__main__`` block."""
    try:
        tree = ast.parse(source.text)
    except SyntaxError:
        return set()
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
        elif not (isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)):
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def is_task(source: Source, bound: set[str]) -> bool:
    """Whether the file meets the contract: defines its names, and does not train on import."""
    offered = bound & {"model", "train_data"}
    if not offered:
        return False
    if len(offered) == 1:
        return not _TRAINS.search(source.text)
    return not _trains_on_import(Parsed.of(source.text))


def _trains_on_import(parsed: Parsed) -> bool:
    """Whether statements outside of functions and the ``__main__`` block train, directly or through calls."""
    for node in parsed.tree.body:
        guarded = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
        if guarded or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for call in (call for part in [node, *parsed.called(node)] for call in calls(part)):
            by_trainer = called_name(call) == "train" and "trainer" in receiver(call).lower()
            if receiver(call) and (called_name(call) in _TRAIN_CALLS or by_trainer):
                return True
    return False


def _is_bare(watched: Watched, bound: set[str]) -> bool:
    """Whether the file trained nothing but may still contain what a framework's adapter finds."""
    trained = watched.seen.backwards or watched.handed is not None
    return not trained and watched.error is None and not watched.refused and _offers(watched, bound)


def _offers(watched: Watched, bound: set[str]) -> bool:
    if (bound | set(watched.space)) & {"model", "train_data"}:
        return True
    kinds = {base.__name__ for value in watched.space.values() if isinstance(value, type) for base in value.__mro__}
    kinds |= {base.__name__ for value in watched.space.values() for base in type(value).__mro__}
    return bool(kinds & {"LightningModule", "LightningDataModule", "PreTrainedModel", "NeuralNet", "TrainingArguments"})


def _shared(path: Path, arguments: tuple[str, ...]) -> Path | None:
    """A file shared by all workers of a run; None in other processes."""
    if not os.environ.get("TMPDIR"):
        return None
    key = hashlib.sha256(repr((str(path.resolve()), arguments)).encode()).hexdigest()[:12]
    return Path(os.environ["TMPDIR"]) / f"captured-{key}.json"


def described(path: Path, arguments: tuple[str, ...]) -> ScriptDescription:
    """The description of a script for ``advisor init``."""
    source = read_source(path)
    if not arguments and path.suffix != ".ipynb" and is_task(source, names_bound(source)):
        error = ContractError(
            "a training script", f"{path.name} is a task file already", f"run `advisor diagnose {path.name}`"
        )
        return ScriptDescription(refused=error.as_dict())
    watched = watch(source, arguments)
    try:
        found = deliver(watched)
    except ContractError as error:
        return ScriptDescription(refused=error.as_dict(), ran=watched.error is None)
    names = tuple(key for key in (*found.namespace, *found.values) if key != "settings")
    loop_file = found.loop[0] if found.loop is not None else ""
    return ScriptDescription(names, found.values.get("settings"), tuple(found.said), loop_file=loop_file)


def captured(path: str | Path, arguments: tuple[str, ...] = ()) -> Any:
    """The captured script for a task file written by ``advisor init``; its values are attributes.

    Args:
        path: The script.
        arguments: The script's own arguments.
    """
    found = deliver(watch(read_source(Path(path)), tuple(arguments), guard=False))
    return SimpleNamespace(**{**found.namespace, **found.values})
