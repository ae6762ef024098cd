"""Out of memory: a smaller device batch if the training stays the same, an error message if not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.errors import WorkerDied
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.records.trace import Trace
from advisor.task.load import load_task
from advisor.training.accumulation import fitting
from advisor.training.trainer import run_probe
from advisor.utils.codec import from_text, to_text

Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]
FULL = 'raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has 1 MiB free")'
SMALL_DEVICE = f"""

plain = loss


def loss(outputs, targets):
    if len(outputs) > 6:
        {FULL}
    return plain(outputs, targets)
"""
ONCE = """

plain, left = loss, [25, {where}]


def loss(outputs, targets):
    if outputs.requires_grad == left[1]:
        left[0] -= 1
        if left[0] == 0:
            {fault}
    return plain(outputs, targets)
"""
NORMALISED = """

def model():
    return nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
"""
SUMMED = "\n\nloss = nn.CrossEntropyLoss(reduction='sum')\n"


def run(path: Path, spec: ProbeSpec) -> Trace:
    return run_probe(load_task(TaskSource(path=str(path), device="cpu")), spec)


def test_a_batch_that_does_not_fit_is_accumulated(write: Write, spec: Make) -> None:
    whole = run(write(), spec())
    parts = run(write(SMALL_DEVICE, "small.py"), spec())
    assert whole.device_batch == 0
    assert parts.status == "finished"
    assert parts.device_batch == 5
    assert parts.train_loss == pytest.approx(whole.train_loss, rel=1e-4)
    assert parts.grad_norm == pytest.approx(whole.grad_norm, rel=1e-4)
    assert parts.val_loss == pytest.approx(whole.val_loss, rel=1e-4)
    assert parts.train_examples == whole.train_examples
    assert from_text(Trace, to_text(parts)).device_batch == 5


@pytest.mark.parametrize("more", [NORMALISED, SUMMED], ids=["batch statistics", "sum over the batch"])
def test_where_that_would_be_another_training_it_is_infeasible(more: str, write: Write, spec: Make) -> None:
    trace = run(write(more + SMALL_DEVICE), spec())
    assert trace.status == "failed"
    assert "infeasible: a batch of 20 does not fit into memory" in trace.reason
    assert "20.00 GiB" in trace.reason


@pytest.mark.parametrize("where", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("fault", [FULL, "bytearray(2**62)", "torch.empty(2**55)"], ids=["device", "python", "torch"])
def test_memory_that_is_there_again_changes_nothing(fault: str, where: bool, write: Write, spec: Make) -> None:
    looks = {"eval_steps": tuple(range(5, 31, 5)), "steps": 30}
    plain = run(write(), spec(**looks))
    again = run(write(ONCE.format(fault=fault, where=where)), spec(**looks))
    assert again.status == "finished"
    assert again.device_batch == 0
    assert (again.train_loss, again.val_loss, again.val_loss_se) == (
        plain.train_loss, plain.val_loss, plain.val_loss_se,
    )  # fmt: skip


def test_other_errors_are_not_tried_again(write: Write) -> None:
    task, calls = load_task(TaskSource(path=str(write()), device="cpu")), []

    def work(size: int) -> None:
        calls.append(size)
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        fitting(task, 20, work)
    assert calls == [0]


def test_a_lost_device_needs_a_new_process(write: Write, spec: Make) -> None:
    fault = 'raise RuntimeError("CUDA error: an illegal memory access was encountered")'
    with pytest.raises(WorkerDied, match="illegal memory access"):
        run(write(ONCE.format(fault=fault, where=True)), spec())
