import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

WARM = Path(__file__).parent / "warm"


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


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers in this test are started as they are for users: for tests of how processes end."""
    monkeypatch.delenv("ADVISOR_WARM", raising=False)


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the examples."""
    return Path(__file__).parents[1] / "examples"
