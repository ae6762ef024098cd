"""Why a script cannot be tuned: one sentence, and what to do next."""

import ast
import re
import sys
import traceback

from advisor.capture.run import Watched
from advisor.capture.sandbox.network import NoNetwork
from advisor.errors import ContractError
from advisor.init.refusals import GAMES, NOT_TORCH

_WANTED = "a script that trains one model with PyTorch"
_PACKAGES = {
    "PIL": "pillow", "cv2": "opencv-python", "dotenv": "python-dotenv", "fitz": "pymupdf", "git": "gitpython",
    "hydra": "hydra-core", "ignite": "pytorch-ignite", "pkg_resources": "setuptools<81", "pl_bolts": "lightning-bolts",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "umap": "umap-learn", "yaml": "pyyaml",
}  # fmt: skip
"""Packages of modules that have another name."""
_NEXT = "`advisor init --no-run {name}` writes the form of one, to be filled in"


def check(watched: Watched) -> None:
    """Returns normally if there is a training to capture.

    Raises:
        ContractError: If there is none.
    """
    name = watched.source.path.name
    if watched.refused:
        raise ContractError(_WANTED, watched.refused, "give a script that trains with one optimizer on gradients")
    games = [package for package in GAMES if package in sys.modules]
    if games and watched.handed is None:
        raise ContractError(
            _WANTED,
            f"reinforcement learning ({games[0]}): its data changes as it learns, and short runs cannot be compared",
            "tune the supervised part alone, if there is one",
        )
    if watched.handed is not None or (watched.seen.backwards and (watched.seen.rates or watched.seen.by_hand)):
        return
    if watched.error is not None:
        raise _raised(watched)
    if watched.seen.backwards:
        raise ContractError(
            _WANTED,
            f"{name} called backward() {len(watched.seen.backwards)} times, and no optimizer of torch made a step",
            f"step an optimizer of torch.optim, or write a task file: {_NEXT.format(name=name)}",
        )
    raise _nothing(watched)


def _raised(watched: Watched) -> ContractError:
    """The script's own error before it trained, with the next step."""
    name, error = watched.source.path.name, watched.error
    assert error is not None
    where = f" ({watched.where})" if watched.where else ""
    details = "".join(traceback.format_exception(error))
    said = f"{type(error).__name__}: {error}".splitlines()[0][:300] + where
    command = " ".join(["python", name, *watched.arguments])
    do = f"make `{command}` run, then `advisor diagnose {name}`"
    hosts = [what for what in watched.sandbox.held if what.startswith("connects to")]
    if isinstance(error, SystemExit):
        usage = [line for line in watched.printed.splitlines() if "error:" in line]
        said = (
            f"{name} ends before it trains"
            + (f": {usage[-1].strip()}" if usage else f" (exit code {error.code})")
            + where
        )
        do = f"give its own arguments after two dashes: `advisor diagnose {name} -- ...`"
    elif isinstance(error, ModuleNotFoundError):
        missing = (error.name or "what it names").partition(".")[0]
        do = f"install {_PACKAGES.get(missing, missing)}, then `advisor diagnose {name}`"
    elif hosts or isinstance(error, NoNetwork):
        said = f"{name} {hosts[0] if hosts else 'needs the network'}, which is held back here: {said}"
        do = f"run `{command}` once until its data is there, then `advisor diagnose {name}`"
    elif any(word in said.lower() for word in ("cuda", "nvidia", "accelerator device")):
        do = f"run `advisor diagnose {name}` on a machine with a GPU"
    return ContractError(f"`{command}` to train", said, do, details)


def _nothing(watched: Watched) -> ContractError:
    """Nothing was trained: another framework, a file of functions, or a script that only evaluates."""
    path = watched.source.path
    other = [known for package, known in NOT_TORCH.items() if package in sys.modules]
    if other:
        return ContractError(_WANTED, f"{path.name} trains with {other[0]}", "the advisor tunes PyTorch only")
    callers = _callers(watched)
    if callers:
        return ContractError(
            _WANTED, f"{path.name} only defines what {callers[0]} uses", f"run `advisor diagnose {callers[0]}`"
        )
    functions = _with_backward(watched)
    if functions:
        return ContractError(
            _WANTED,
            f"{path.name} defines {functions[0]}(), which trains, and nothing in it calls {functions[0]}()",
            "name the script that does: `advisor diagnose train.py -- ...`",
        )
    return ContractError(
        _WANTED,
        f"{path.name} ran to its end and trained nothing",
        "name the script that starts the training, with its own arguments: `advisor diagnose train.py -- ...`",
    )


def _with_backward(watched: Watched) -> list[str]:
    """Functions of the file that call ``backward()``."""
    tree = ast.parse(watched.source.text)
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [f.name for f in functions for n in ast.walk(f) if isinstance(n, ast.Attribute) and n.attr == "backward"]


def _callers(watched: Watched) -> list[str]:
    """Scripts in the same folder that import the file, runnable ones first."""
    path = watched.source.path
    pattern = re.compile(
        rf"^\s*(?:from\s+[\w.]*\b{re.escape(path.stem)}\b|import\s+[\w., ]*\b{re.escape(path.stem)}\b)", re.M
    )
    found = []
    for folder in (path.parent, path.parent.parent):
        for other in sorted(folder.glob("*.py")):
            text = other.read_text(encoding="utf-8", errors="ignore")
            if other != path and pattern.search(text):
                found.append((not ("__main__" in text or ".backward(" in text), other))
    return [other.relative_to(path.parent).as_posix() if path.parent in other.parents else f"../{other.name}"
            for _, other in sorted(found)]  # fmt: skip


def not_modules(watched: Watched, what: str) -> ContractError:
    """Weights that belong to no module, or to one of an unusual kind."""
    return ContractError(
        _WANTED,
        f"{watched.source.path.name} trains {what}",
        "put the weights into a plain nn.Module as nn.Parameter",
    )


def outside(watched: Watched, names: list[str]) -> ContractError:
    """The loop of the step does not create its data, and the loop around it gives another loss."""
    name = watched.source.path.name
    return ContractError(
        f"the step of {name} to be captured",
        f"a loss on {', '.join(names)}, which the script replaces outside of the loop of its step",
        f"write a task file with a training_step: {_NEXT.format(name=name)}",
    )


def one_step(watched: Watched) -> ContractError:
    """The loop makes a single step on a single batch."""
    name = watched.source.path.name
    return ContractError(
        _WANTED,
        f"{name} makes one step on one batch, so that nothing can be compared",
        f"let it train for longer, then `advisor diagnose {name}`",
    )


def another_loss(watched: Watched, own: float, ours: float | None, failure: Exception | None) -> ContractError:
    """The loss of the captured step differs from the script's own."""
    name = watched.source.path.name
    if ours is not None:
        said = f"a first loss of {own:.6g} in the script and {ours:.6g} in the captured step"
    else:
        said = f"a loop body that cannot be run apart ({type(failure).__name__}: {failure})".splitlines()[0]
    return ContractError(
        f"the step of {name} to be captured",
        said,
        f"write a task file with a training_step: {_NEXT.format(name=name)}",
        "" if failure is None else "".join(traceback.format_exception(failure)),
    )
