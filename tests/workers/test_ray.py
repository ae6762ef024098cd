"""Workers on the nodes of a Ray cluster: two nodes on this machine."""

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import ContractError, NoRoom
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.workers.local import local_pool
from advisor.workers.pool import Pool
from advisor.workers.ray.workers import ray_pool
from tests.processes import essence

pytest.importorskip("ray", reason="Ray is not installed: pip install 'tuning-advisor[ray]'")
Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
SECONDS_FOR_ROOM = 60.0
STORE = 80 * 2**20


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """The folder for temporary files on all nodes; a short path, as a socket's has to be."""
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def cluster(temporary: Path) -> Iterator[Any]:
    """A head with one core; the first test adds nodes to it."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        node = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": STORE}
        made = Cluster(initialize_head=True, head_node_args=node)
        yield made
        made.shutdown()


@pytest.fixture
def pool(cluster: Any, temporary: Path) -> Iterator[Callable[..., Pool]]:
    """Makes pools on it, and closes them; nothing may be left on the nodes."""
    made: list[Pool] = []

    def on(room_seconds: float = SECONDS_FOR_ROOM) -> Pool:
        made.append(ray_pool(cluster.address, device="cpu", room_seconds=room_seconds))
        return made[-1]

    yield on
    assert list(temporary.glob("advisor-*"))
    for each in made:
        each.close()
    wait_until(lambda: not list(temporary.glob("advisor-*")))


def here(path: Path, specs: list[ProbeSpec]) -> list[tuple[object, ...]]:
    """The same specs on this machine without Ray."""
    local = local_pool(1, threads=1, device="cpu")
    try:
        local.open(TaskSource(str(path), device="cpu"))
        return [essence(trace) for trace in local.run(specs)]
    finally:
        local.close()


def wait_until(happened: Callable[[], bool]) -> None:
    """Waits for it, at most two minutes."""
    until = time.monotonic() + 120
    while not happened() and time.monotonic() < until:
        time.sleep(0.05)
    assert happened()


def test_a_lost_node_costs_only_its_unfinished_probes(
    cluster: Any, pool: Callable[..., Pool], write: Write, spec: Make
) -> None:
    path = write("""

import os, pathlib, time

here = pathlib.Path(__file__).parent


def loss(outputs, targets):
    if torch.initial_seed() > 100:
        (here / f"{os.getpid()}.pid").touch()
        while not (here / "go").exists():
            time.sleep(0.01)
    return nn.functional.cross_entropy(outputs, targets)
""")
    node = cluster.add_node(num_cpus=1, object_store_memory=STORE)
    engine = pool()
    engine.open(TaskSource(str(path), device="cpu"))
    specs = [spec(seed=seed) for seed in (101, 102, 103)]
    ended: list[str] = []
    with ThreadPoolExecutor(1) as other:
        running = other.submit(engine.run, specs, lambda each, _: ended.append(each.key))
        try:
            wait_until(lambda: len(list(path.parent.glob("*.pid"))) == 2)
            cluster.remove_node(node, allow_graceful=False)
            wait_until(lambda: not all(Path("/proc", pid.stem).exists() for pid in path.parent.glob("*.pid")))
            cluster.add_node(num_cpus=1, object_store_memory=STORE)
        finally:
            (path.parent / "go").touch()
        traces = running.result()
    assert sorted(ended) == sorted(each.key for each in specs)
    assert (engine.lost, engine.workers) == (1, 2)
    assert [essence(trace) for trace in traces] == here(path, specs)


def test_a_file_that_is_not_on_the_node_is_said(pool: Callable[..., Pool], write: Write) -> None:
    with pytest.raises(ContractError, match="the file at the same path on every node"):
        pool().open(TaskSource(str(write().with_name("elsewhere.py")), device="cpu"))


def test_faults_of_the_file_are_told_as_they_are_here(pool: Callable[..., Pool], write: Write) -> None:
    path = write("\n\nraise OSError('no disk')\n")
    with pytest.raises(ContractError) as caught:
        pool().open(TaskSource(str(path), device="cpu"))
    assert "no disk" in caught.value.found
    assert "Traceback" in caught.value.details


def test_a_cluster_without_room_is_said(pool: Callable[..., Pool], write: Write) -> None:
    path = write()
    pool().open(TaskSource(str(path), device="cpu"))
    with pytest.raises(NoRoom, match="takes a worker within"):
        pool(room_seconds=0.5).open(TaskSource(str(path), device="cpu"))
