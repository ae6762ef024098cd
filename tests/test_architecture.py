"""The layers of the package: every file belongs to one, and imports point downwards."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "advisor"
FILES = sorted(PACKAGE.rglob("*.py"))
LAYERS = (
    "errors",
    "_version",
    "utils",
    "runtime",
    "records",
    "schema",
    "config",
    "init",
    "fits",
    "report",
    "export",
    "task",
    "capture",
    "evidence",
    "logs",
    "training",
    "probes",
    "rules",
    "workers",
    "search",
    "advice",
    "watching",
    "app",
    "agents",
    "cli",
)
"""From the bottom to the top: a file may import its own layer and those before it, also inside functions."""
TOP = ("advisor", "advisor.__main__")
"""The package itself and ``python -m advisor`` may import everything."""
LOADS_TORCH = ("runtime", "task", "capture", "training", "probes")
"""Layers whose code runs in worker processes."""
LIGHT = (
    "advisor.app.diagnose",
    "advisor.app.conclude",
    "advisor.cli.main",
    "advisor.rules.registry",
    "advisor.fits",
    "advisor.report.html",
    "advisor.advice.recommend",
    "advisor.export.command",
    "advisor.app.api",
    "advisor.cli.init",
    "advisor.report.report",
)
WORKER_SIDE = (
    "advisor.config.config",  # for types only
    "advisor.config.build_optimizer",
    "advisor.config.build_scheduler",
    "advisor.workers.handler",
    "advisor.workers.worker",
    "advisor.app.train",
    "advisor.watching.watch",  # in the process that trains
    "advisor.watching.losses",
    "advisor.watching.recorder",
    "advisor.watching.signs",
    "advisor.watching.frameworks",
)
"""Modules of other layers that import torch: in worker processes, for `advisor train`, or for types."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}


def layer(module: str) -> str:
    return module.split(".")[1]


def imported(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; for ``from a import b`` the module b if it is one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in MODULES else base for a in node.names}
    return found


INNER = sorted(set(MODULES) - set(TOP))


@pytest.mark.parametrize("module", INNER)
def test_every_file_has_a_layer_and_imports_only_downwards(module: str) -> None:
    assert layer(module) in LAYERS, f"{module} is in no layer: put it into a package of tests/test_architecture.LAYERS"
    allowed = LAYERS[: LAYERS.index(layer(module)) + 1]
    ours = {name for name in imported(MODULES[module]) if name.split(".")[0] == "advisor" and name not in TOP}
    upwards = sorted(name for name in ours if layer(name) not in allowed)
    assert upwards == [], f"{module} imports upwards: {', '.join(upwards)}"


def test_at_most_five_files_stand_loose_at_the_top() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 5


def test_only_worker_layers_import_torch() -> None:
    offenders = [
        module
        for module in INNER
        if layer(module) not in LOADS_TORCH
        and not module.startswith((*WORKER_SIDE, "advisor.workers.ray"))
        and any(name.split(".")[0] == "torch" for name in imported(MODULES[module]))
    ]
    assert offenders == []


def test_architecture_page_names_every_package() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    packages = sorted(
        path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*") if (path / "__init__.py").exists()
    )
    missing = [package for package in packages if f"{package}/" not in page]
    assert missing == []


def test_every_room_has_tests_of_its_own() -> None:
    missing = [
        name for name in LAYERS if (PACKAGE / name).is_dir() and not any((ROOT / "tests" / name).glob("**/test_*.py"))
    ]
    assert missing == []


def test_nothing_imports_the_links_at_the_top() -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for folder in ("advisor", "tests", "examples", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path)
        if name.split(".")[0] in ("rules", "probes")
    ]
    assert found == []


@pytest.mark.parametrize("name", ["rules", "probes"])
def test_the_links_at_the_top(name: str) -> None:
    link = ROOT / name
    assert link.is_symlink()
    assert link.readlink() == Path("advisor") / name
    assert (link / "__init__.py").exists()


@pytest.mark.parametrize("module", LIGHT)
def test_no_torch_in_the_advisors_own_process(module: str) -> None:
    program = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
