"""Workers on the nodes of a Ray cluster: two nodes on this machine."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import ContractError, NoRoom
from advisor.probes.engines.local import local_pool
from advisor.probes.engines.pool import Pool
from advisor.probes.engines.ray_workers import ray_pool
from advisor.probes.spec import ProbeSpec
from advisor.probes.trace import Trace

pytest.importorskip("ray", reason="Ray is not installed: pip install 'tuning-advisor[ray]'")
Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
SECONDS_FOR_ROOM = 20.0
STORE = 80 * 2**20


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head with two cores; a test adds a node to it."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        node = {"num_cpus": 2, "include_dashboard": False, "object_store_memory": STORE}
        made = Cluster(initialize_head=True, head_node_args=node)
        yield made
        made.shutdown()


@pytest.fixture
def pool(cluster: Any) -> Iterator[Callable[..., Pool]]:
    """Makes pools on it, and closes them."""
    made: list[Pool] = []

    def on(path: Path, workers: int = 1, room_seconds: float = SECONDS_FOR_ROOM) -> Pool:
        made.append(ray_pool(str(path), cluster.address, workers, "cpu", room_seconds=room_seconds))
        return made[-1]

    yield on
    for each in made:
        each.close()


def here(path: Path, specs: list[ProbeSpec]) -> list[tuple[object, ...]]:
    """The same specs on this machine without Ray."""
    local = local_pool(1, threads=1, device="cpu")
    try:
        local.open({"path": str(path), "device": "cpu"})
        return [essence(trace) for trace in local.run(specs)]
    finally:
        local.close()


def essence(trace: Trace) -> tuple[object, ...]:
    """All of a trace but its times."""
    return trace.key, trace.status, trace.train_loss, trace.val_loss, trace.grad_norm, trace.val_metric


def test_a_lost_node_costs_only_its_unfinished_probes(
    cluster: Any, pool: Callable[..., Pool], write: Write, spec: Make
) -> None:
    path = write("""

import pathlib, time

here = pathlib.Path(__file__).parent


def loss(outputs, targets):
    seed = torch.initial_seed()
    if seed > 100:
        (here / f"began{seed}").touch()
        while not (here / "go").exists():
            time.sleep(0.01)
    return nn.functional.cross_entropy(outputs, targets)
""")
    node = cluster.add_node(num_cpus=1, object_store_memory=STORE)
    engine = pool(path, workers=2)
    engine.open({"path": str(path), "device": "cpu"})
    specs = [spec(seed=seed) for seed in (101, 102, 103)]
    ended: list[str] = []

    def kill() -> None:
        until = time.monotonic() + 60
        while len(list(path.parent.glob("began*"))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        cluster.remove_node(node, allow_graceful=False)
        (path.parent / "go").touch()

    killer = threading.Thread(target=kill)
    killer.start()
    traces = engine.run(specs, lambda each, _: ended.append(each.key))
    killer.join()
    assert sorted(ended) == sorted(each.key for each in specs)
    assert (engine.lost, engine.workers) == (1, 2)
    assert [essence(trace) for trace in traces] == here(path, specs)


def test_code_is_shipped_where_it_is_not(pool: Callable[..., Pool], write: Write, tmp_path: Path, spec: Make) -> None:
    once = tmp_path.with_name(f"{tmp_path.name}_once")
    path = write(f"""

import os, pathlib

from helper import layers

once = pathlib.Path({str(once)!r})


def model():
    return nn.Sequential(*layers())


def loss(outputs, targets):
    if once.exists() and torch.initial_seed() == 7:
        once.unlink()
        os._exit(9)
    return nn.functional.cross_entropy(outputs, targets)
""")
    helper = "from torch import nn\n\ndef layers():\n    return nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)\n"
    path.with_name("helper.py").write_text(helper)
    expected = here(path, [spec(seed=7)])
    engine = pool(path)
    away = tmp_path.with_name(f"{tmp_path.name}_away")
    shutil.move(tmp_path, away)
    engine.open({"path": str(path), "device": "cpu"})
    once.touch()
    assert [essence(trace) for trace in engine.run([spec(seed=7)])] == expected
    assert engine.lost == 1
    assert not path.exists()


def test_faults_of_the_file_are_told_as_they_are_here(pool: Callable[..., Pool], write: Write) -> None:
    path = write("\n\nraise OSError('no disk')\n")
    with pytest.raises(ContractError) as caught:
        pool(path).open({"path": str(path), "device": "cpu"})
    assert "no disk" in caught.value.found
    assert "Traceback" in caught.value.details


def test_a_cluster_without_room_is_said(pool: Callable[..., Pool], write: Write) -> None:
    path = write()
    pool(path, workers=2).open({"path": str(path), "device": "cpu"})
    with pytest.raises(NoRoom, match="takes a worker within"):
        pool(path, room_seconds=0.5).open({"path": str(path), "device": "cpu"})
