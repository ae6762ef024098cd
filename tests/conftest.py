import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from advisor.app.reminder import Reminder
from advisor.cli.main import main
from advisor.evidence.evidence import Evidence
from advisor.evidence.io import from_json

os.environ.setdefault("ADVISOR_LEAST_SECONDS", "0")  # Tests that are about it set it themselves.
WARM = Path(__file__).parent / "warm"
RECORDINGS = Path(__file__).parent / "rules" / "recordings"
Advisor = Callable[..., "subprocess.CompletedProcess[str]"]
PLAIN = {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"}
PROBES = ("diagnose", "compare")


@pytest.fixture(scope="session")
def warm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """The socket of an interpreter that has torch loaded; None where processes cannot be forked from it."""
    if sys.platform != "linux":
        yield None
        return
    path = tmp_path_factory.mktemp("warm") / "socket"
    command = [sys.executable, "-P", str(WARM / "server.py"), str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout and server.stdout.readline() == b"ready\n"
        yield path
        server.communicate()


@pytest.fixture(scope="module")
def warm(warm_server: Path | None) -> Iterator[None]:
    """Workers in this module need not load torch anew each: for tests of what an advisor says, not of processes."""
    with pytest.MonkeyPatch.context() as patch:
        if warm_server is not None:
            patch.setenv("ADVISOR_WARM", str(warm_server))
            patch.setenv("PYTHONPATH", os.pathsep.join([str(WARM), *filter(None, [os.environ.get("PYTHONPATH")])]))
        yield


@pytest.fixture(scope="module")
def warm_command(warm: None) -> Iterator[None]:
    """The command itself need not load what it imports either: for tests of what it prints, not of signals."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVISOR_WARM_COMMAND", "1")
        yield


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers in this test are started as they are for users: for tests of how processes end."""
    monkeypatch.delenv("ADVISOR_WARM", raising=False)


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return Path(__file__).parents[1] / "examples"


@cache
def _recording(name: str) -> Evidence:
    return from_json(json.loads(gzip.decompress((RECORDINGS / f"{name}.json.gz").read_bytes())))


@pytest.fixture(scope="session")
def recording() -> Callable[[str], Evidence]:
    """Reads recorded evidence by its name, each once."""
    return _recording


@pytest.fixture(scope="session")
def advisor() -> Advisor:
    """The command in this process, probes included: ``advisor("diagnose", path, cwd=folder)``."""

    def run(*arguments: object, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        words = list(map(str, arguments))
        for command in set(PROBES) & set(words):
            if "--engine" not in words:
                words[words.index(command) + 1 : words.index(command) + 1] = ["--engine", "inline"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["advisor", *words])
            patch.setattr(Reminder, "_wait", lambda *_: None)  # Whether it speaks is a matter of the machine's speed.
            for name, value in PLAIN.items():
                patch.setenv(name, value)
            if cwd is not None:
                patch.chdir(cwd)
            result = CliRunner().invoke(main, words, prog_name="advisor")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def advisor_process() -> Advisor:
    """The command as users start it, in a process of its own that starts worker processes."""

    def run(*arguments: object, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "advisor", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=cwd,
            timeout=300,
            env={**os.environ, **PLAIN},
        )

    return run
