"""What is to be said of a training that several processes share."""

from typing import TYPE_CHECKING

from torch import nn

from advisor.errors import ContractError
from advisor.task.data.batches import rows_in
from advisor.task.data.streams import BatchData
from advisor.training.accumulation import accumulates

if TYPE_CHECKING:
    from advisor.task.task import Task


def about_ranks(task: "Task", size: int) -> list[str]:
    """Sentences about the batch, and about what differs from one process with the whole batch.

    Raises:
        ContractError: If its batches cannot be divided.
    """
    total = task.current.config.batch_size
    backend = "nccl" if task.device.type == "cuda" else "gloo"
    each = f"{total / size:g}" if total % size == 0 else f"{total // size} or {total // size + 1}"
    said = [f"each probe trains with {size} processes ({backend}): the batch of {total} is the total, {each} on each"]
    if isinstance(task.train, BatchData) and total % size and (rows_in(task.train.take([0])) or 0) < size:
        raise ContractError(
            f"batches that can be divided among {size} processes",
            "ready-made batches whose tensors do not have as many rows each",
            f"give a Dataset, or let {size} batches make a step (accumulation_steps)",
        )
    modules = list(task.fresh_model(0).modules())
    if any(isinstance(module, nn.SyncBatchNorm) for module in modules):
        said.append("SyncBatchNorm takes its statistics from the whole batch")
    elif any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in modules):
        said.append(
            "batch normalisation takes its statistics from the rows of each process, as DistributedDataParallel does: "
            "results are not those of one process with the whole batch"
        )
    elif not accumulates(task):
        said.append(
            "the loss of a batch is not the mean of those of its parts: gradients are averaged over the processes, as "
            "DistributedDataParallel does, and are not those of one process with the whole batch"
        )
    return said
