"""How many workers a cluster takes, and what each of them gets. Plain numbers; knows nothing of Ray."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.errors import UsageError
from advisor.workers.protocol import Share

WIDEST = 4
"""Workers that are started unless more are asked for: today's rounds have two or three arms (docs/scaling.md)."""
_PER_NODE = 2
_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Node:
    """What one machine of the cluster offers.

    Attributes:
        cpus: CPU cores.
        gpus: GPUs.
    """

    cpus: int
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """How the workers are laid out.

    Attributes:
        workers: How many.
        share: What each may use.
        gpus: Part of a GPU that each takes; 0 on CPUs.
    """

    workers: int
    share: Share
    gpus: float


def lay_out(nodes: Sequence[Node], device: str, workers: int) -> Layout:
    """Shares the nodes out, as each of them would be shared out alone: two workers a node on CPUs, one a GPU.

    Args:
        nodes: Machines that are there.
        device: As ``Options.device``.
        workers: How many are asked for; 0 takes what is there, at most ``WIDEST``.

    Raises:
        UsageError: If no node has what the device needs.
    """
    with_gpu = [node for node in nodes if node.gpus]
    if device not in ("auto", "cpu") and not with_gpu:
        raise UsageError(f"a node with a GPU, for --device {device}", "none in the cluster", "use --device cpu")
    if with_gpu and device != "cpu":
        return _on_gpus(with_gpu, workers)
    nodes = [node for node in nodes if node.cpus]
    if not nodes:
        raise UsageError("a node with a CPU", "none in the cluster", "start nodes with --num-cpus")
    return _on_cpus(nodes, workers)


def _on_gpus(nodes: Sequence[Node], workers: int) -> Layout:
    gpus = sum(node.gpus for node in nodes)
    workers = workers or min(gpus, WIDEST)
    each = math.ceil(workers / gpus)
    threads = min(node.cpus // (node.gpus * each) for node in nodes)
    part = math.floor(_PARTS / each) / _PARTS
    return Layout(workers, Share(max(1, threads), part), part)


def _on_cpus(nodes: Sequence[Node], workers: int) -> Layout:
    smallest = min(node.cpus for node in nodes)
    threads = smallest // min(_PER_NODE, smallest)

    def room() -> int:
        return sum(node.cpus // threads for node in nodes)

    while threads > 1 and room() < workers:
        threads -= 1
    return Layout(min(workers or WIDEST, room()), Share(threads), 0.0)
