"""The house as it was drawn: dependencies point down, the tools agree."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "advisor"
FILES = sorted(PACKAGE.rglob("*.py"))
LIGHT = (
    "advisor.agent",
    "advisor.conclusion",
    "advisor.cli",
    "advisor.rules",
    "advisor.fits",
    "advisor.report.html",
    "advisor.advice.choice",
    "advisor.advice.export.command",
    "advisor.api",
    "advisor.init.command",
    "advisor.result",
)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path) for path in FILES}


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


def below(folder: str) -> dict[str, set[str]]:
    return {module_name(path): imported(path) for path in FILES if module_name(path).startswith(f"advisor.{folder}")}


def within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in allowed)


def offenders(folder: str, forbidden: tuple[str, ...], but: tuple[str, ...] = ()) -> list[str]:
    modules = below(folder)
    assert modules, folder
    return [
        f"{module} imports {name}"
        for module, names in modules.items()
        for name in sorted(names)
        if within(name, forbidden) and not within(name, but)
    ]


@pytest.mark.parametrize(
    ("folder", "forbidden", "but"),
    [
        ("probes", ("advisor.rules", "advisor.advice", "advisor.report", "advisor.agent", "advisor.cli",
                    "advisor.rounds", "advisor.lab", "advisor.fits"), ()),
        ("task", ("advisor.rules", "advisor.advice", "advisor.report", "advisor.agent", "advisor.cli",
                  "advisor.rounds", "advisor.lab", "advisor.fits"), ()),
        ("rules", ("advisor.probes",),
         ("advisor.probes.spec", "advisor.probes.trace", "advisor.probes.preflight_result")),
        ("rules", ("torch", "advisor.task", "advisor.agent", "advisor.cli", "advisor.report", "advisor.advice",
                   "advisor.lab"), ()),
        ("fits", ("advisor",), ("advisor.fits", "advisor.jsonio", "advisor.probes.trace")),
        ("fits", ("torch",), ()),
        ("advice", ("torch", "advisor.task", "advisor.agent", "advisor.cli", "advisor.probes.engines"), ()),
        ("report", ("advisor.task", "advisor.agent", "advisor.cli", "advisor.rules", "advisor.probes.engines"), ()),
        ("rounds", ("torch", "advisor.task", "advisor.agent", "advisor.cli", "advisor.report"), ()),
        ("agent", ("torch", "advisor.task", "advisor.cli"), ()),
        ("conclusion", ("torch", "advisor.task", "advisor.agent", "advisor.cli"), ()),
        ("init", ("torch", "advisor"), ("advisor.init", "advisor.errors", "advisor.jsonio")),
        ("api", ("torch", "advisor.task", "advisor.cli"), ()),
    ],
)  # fmt: skip
def test_dependencies_point_down(folder: str, forbidden: tuple[str, ...], but: tuple[str, ...]) -> None:
    assert offenders(folder, forbidden, but) == []


def test_nothing_imports_the_links_at_the_top() -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for folder in ("advisor", "tests", "examples", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path)
        if within(name, ("rules", "probes"))
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


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=["ruff check", "ruff format", "mypy --strict"],
)
def test_tools_agree(command: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
