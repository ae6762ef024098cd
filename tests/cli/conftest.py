import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Advisor = Callable[..., "subprocess.CompletedProcess[str]"]
PLAIN = {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"}


@pytest.fixture(scope="session")
def advisor() -> Advisor:
    """The real command in a process of its own: ``advisor("diagnose", path, cwd=folder)``."""

    def run(*arguments: object, cwd: Path | None = None, timeout: float = 300) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "advisor", *map(str, arguments)],
            capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=timeout, env={**os.environ, **PLAIN},
        )  # fmt: skip

    return run
