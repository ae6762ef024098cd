"""How a cluster is shared out: no cluster is needed for that."""

import sys

import pytest

from advisor.errors import UsageError
from advisor.workers.ray.workers import lay_out, ray_pool


@pytest.mark.parametrize(
    ("cpus", "gpus", "device", "expected"),
    [
        ([2], [0], "auto", (2, 1, 0)),
        ([1, 1], [0, 0], "auto", (2, 1, 0)),
        ([64, 64], [0, 0], "cpu", (4, 32, 0)),
        ([64, 16], [0, 0], "cpu", (10, 8, 0)),
        ([16, 4], [2, 0], "auto", (2, 8, 1)),
        ([16], [2], "cpu", (2, 8, 0)),
        ([32] * 8, [8] * 8, "auto", (64, 4, 1)),
    ],
)
def test_nodes_are_shared_out(cpus: list[int], gpus: list[int], device: str, expected: tuple[int, int, int]) -> None:
    assert lay_out(cpus, gpus, device) == expected


def test_a_training_of_several_processes_stays_on_one_node() -> None:
    assert lay_out([32, 32, 8], [8, 6, 2], "auto", 4) == (3, 16, 4)
    assert lay_out([8], [0], "auto", 4) == (2, 4, 0)
    with pytest.raises(UsageError, match="a node with 4 GPUs, for --nproc 4"):
        lay_out([16, 16], [2, 2], "auto", 4)


@pytest.mark.parametrize(("cpus", "gpus", "device"), [([4], [0], "cuda"), ([], [], "auto"), ([0], [0], "cpu")])
def test_a_cluster_without_what_is_needed_is_refused(cpus: list[int], gpus: list[int], device: str) -> None:
    with pytest.raises(UsageError):
        lay_out(cpus, gpus, device)


def test_a_missing_ray_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"tuning-advisor\[ray\]"):
        ray_pool()
