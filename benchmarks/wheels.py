"""Checks that a wheel of this checkout installs and works, with the lowest and the newest allowed dependencies.

Usage: python benchmarks/wheels.py --work FOLDER [--python PYTHON ...] [--ends lowest newest] [--extras mcp ...]

Builds the wheel with `python -m build`, installs it into a clean environment for each interpreter and end, and there,
away from the checkout: `pip check`, `advisor --version`, `advisor rules`, one part of every kind of file that the
package carries, the typing marker, and `advisor diagnose` on the bundled example. "lowest" pins every dependency to the
floor that pyproject.toml names, "newest" takes the newest of the index.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "digits_cnn.py"
PARTS = ("py.typed", "rules/README.md", "report/templates")
PROGRAM = """
import sys, importlib.resources as resources, advisor
assert "site-packages" in advisor.__file__, advisor.__file__
assert "torch" not in sys.modules
root = resources.files("advisor")
missing = [part for part in sys.argv[1:] if not (root / part).is_file() and not (root / part).is_dir()]
assert not missing, missing
print(advisor.__version__, advisor.watch.__name__)
"""


def main() -> None:
    """Prints one JSON object; ends with 1 if something failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--python", nargs="+", default=[sys.executable])
    parser.add_argument("--ends", nargs="+", choices=["lowest", "newest"], default=["lowest", "newest"])
    parser.add_argument("--extras", nargs="*", default=[])
    parser.add_argument("--budget", default="1.5")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    wheel = build(given.work)
    rows = [
        tried(python, end, wheel, given.work, given.extras, given.budget)
        for python in given.python
        for end in given.ends
    ]
    text = json.dumps({"wheel": wheel.name, "size_kb": wheel.stat().st_size // 1024, "rows": rows}, indent=1) + "\n"
    if given.out:
        given.out.write_text(text, encoding="utf-8")
    print(text)
    raise SystemExit(any(row["failed"] for row in rows))


def build(work: Path) -> Path:
    """Builds the wheel of this checkout from its source distribution."""
    out = work / "dist"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)], check=True, stdout=sys.stderr)
    (wheel,) = out.glob("*.whl")
    return wheel


def floors() -> list[str]:
    """All dependencies at their lower bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [re.match(r"([\w.-]+)>=([\w.]+)", item) for item in project["dependencies"]]
    assert all(found), "a dependency without a floor"
    return [f"{match[1]}=={match[2]}" for match in found if match]


def tried(python: str, end: str, wheel: Path, work: Path, extras: list[str], budget: str) -> dict[str, Any]:
    """Runs all steps in one environment until one fails."""
    version = subprocess.run([python, "-c", "import platform; print(platform.python_version())"],
                             capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    home = work / f"{version}-{end}"
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(home / "venv")], check=True)
    away = home / "away"
    away.mkdir()
    shutil.copy(EXAMPLE, away / "model.py")
    inner = home / "venv" / "bin"
    named = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    pins = floors() if end == "lowest" else []
    steps = {
        "install": [inner / "pip", "install", "--quiet", named, *pins],
        "consistent": [inner / "pip", "check"],
        "version": [inner / "advisor", "--version"],
        "parts": [inner / "python", "-c", PROGRAM, *PARTS],
        "rules": [inner / "advisor", "rules", "--family", "LR"],
        "diagnose": [inner / "advisor", "diagnose", "model.py", "--budget", budget, "--least-seconds", "0", "--quiet"],
        "export": [inner / "advisor", "export", "{run}", "--to", "pytorch"],
    }
    row: dict[str, Any] = {"python": version, "end": end, "failed": "", "seconds": {}}
    for name, command in steps.items():
        run = next(iter((away / "reports").glob("*/*")), away) if name == "export" else away
        start = time.perf_counter()
        done = subprocess.run(
            [str(word).replace("{run}", str(run)) for word in command], cwd=away, capture_output=True, text=True,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        )  # fmt: skip
        row["seconds"][name] = round(time.perf_counter() - start, 1)
        print(f"{version} {end} {name}: {done.returncode}", file=sys.stderr, flush=True)
        if done.returncode != 0:
            row["failed"], row["said"] = name, (done.stdout + done.stderr)[-2000:]
            return row
        if name == "diagnose":
            row["diagnosis"] = done.stdout.splitlines()[0]
    listed = subprocess.run(
        [str(inner / "pip"), "list", "--format", "json"], capture_output=True, text=True, check=True
    )
    wanted = {item.split("==")[0].lower() for item in floors()}
    row["versions"] = {
        item["name"]: item["version"] for item in json.loads(listed.stdout) if item["name"].lower() in wanted
    }
    return row


if __name__ == "__main__":
    main()
