"""How a cluster is shared out, and how sources reach its nodes: no cluster is needed for either."""

import sys
from pathlib import Path

import pytest

from advisor.errors import ContractError, UsageError
from advisor.task.imports import code_hash, load_module
from advisor.workers.protocol import Share
from advisor.workers.ray.cluster import WIDEST, Layout, Node, lay_out
from advisor.workers.ray.code_shipping import placed, sources_of
from advisor.workers.ray.workers import ray_pool


@pytest.mark.parametrize(
    ("nodes", "device", "workers", "expected"),
    [
        ([Node(2)], "auto", 0, Layout(2, Share(1), 0)),
        ([Node(1), Node(1)], "auto", 0, Layout(2, Share(1), 0)),
        ([Node(64)] * 2, "cpu", 0, Layout(WIDEST, Share(32), 0)),
        ([Node(64)] * 2, "cpu", 16, Layout(16, Share(8), 0)),
        ([Node(2)], "cpu", 16, Layout(2, Share(1), 0)),
        ([Node(16, gpus=2), Node(4)], "auto", 0, Layout(2, Share(8, 1.0), 1.0)),
        ([Node(16, gpus=2)], "cuda", 4, Layout(4, Share(4, 0.5), 0.5)),
        ([Node(16, gpus=2)], "cuda", 5, Layout(5, Share(2, 0.3333), 0.3333)),
        ([Node(16, gpus=2)], "cpu", 0, Layout(2, Share(8), 0)),
        ([Node(32, gpus=8)] * 8, "auto", 0, Layout(WIDEST, Share(4, 1.0), 1.0)),
    ],
)
def test_nodes_are_shared_out(nodes: list[Node], device: str, workers: int, expected: Layout) -> None:
    assert lay_out(nodes, device, workers) == expected


@pytest.mark.parametrize("gpus", range(1, 9))
@pytest.mark.parametrize("workers", range(1, 20))
def test_no_gpu_is_given_to_more_than_fit(gpus: int, workers: int) -> None:
    layout = lay_out([Node(8, gpus=1)] * gpus, "cuda", workers)
    each = int(1 / layout.gpus + 1e-9)
    assert gpus * each >= layout.workers == workers
    assert layout.share.memory * each <= 1


@pytest.mark.parametrize(("nodes", "device"), [([Node(4)], "cuda"), ([], "auto"), ([Node(0)], "cpu")])
def test_a_cluster_without_what_is_needed_is_refused(nodes: list[Node], device: str) -> None:
    with pytest.raises(UsageError):
        lay_out(nodes, device, 0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A file that imports from its folder, with what is no part of it beside it."""
    for name, text in {
        "there/train.py": "# -*- coding: latin-1 -*-\nimport parts.net\nname = '\xe9'\n",
        "there/parts/net.py": "import lazily\n",
        "there/lazily.py": "x = 1\r\n",
        "there/.venv/other.py": "",
        "there/env/pyvenv.cfg": "",
        "there/env/lib/more.py": "",
        "there/data.csv": "1,2",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode("latin-1"))
    return tmp_path / "there" / "train.py"


def test_sources_are_the_same_where_they_arrive(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = sources_of(project)
    assert sorted(sources) == ["lazily.py", "parts/net.py", "train.py"]
    arrived = placed(sources, "train.py", Path("/nowhere"), tmp_path / "here")
    assert arrived == tmp_path / "here" / "train.py"
    hashes = []
    for file in (project, arrived):
        monkeypatch.setattr(sys, "path", list(sys.path))
        for name in ("parts", "parts.net", "lazily", "train"):
            sys.modules.pop(name, None)
        assert load_module(file).name == "\xe9"
        hashes.append(code_hash(file))
    assert hashes[0] == hashes[1]


def test_shared_storage_is_used_if_it_holds_the_same(project: Path, tmp_path: Path) -> None:
    sources = sources_of(project)
    assert placed(sources, "train.py", project.parent, tmp_path / "here") == project
    (project.parent / "lazily.py").write_text("x = 2")
    assert placed(sources, "train.py", project.parent, tmp_path / "here") == tmp_path / "here" / "train.py"


def test_a_folder_with_too_much_in_it_is_not_shipped(tmp_path: Path) -> None:
    for number in range(2001):
        (tmp_path / f"m{number}.py").touch()
    assert list(sources_of(tmp_path / "m7.py")) == ["m7.py"]


def test_no_file_and_no_ray_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ContractError, match="nothing at"):
        sources_of(tmp_path / "missing.py")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"tuning-advisor\[ray\]"):
        ray_pool(str(tmp_path / "missing.py"))
