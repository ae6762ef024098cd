"""A whole graph as a single batch, with masks for training and validation nodes."""

from typing import Any

import torch

from advisor.errors import ContractError
from advisor.task.data.batches import field, move, tensors_in, with_field
from advisor.task.data.streams import BatchData

TRAIN_MASK, VAL_MASK = "train_mask", "val_mask"


def is_masked(value: Any) -> bool:
    """Whether this is a whole graph (an object or a dict) with a training mask."""
    return isinstance(field(value, TRAIN_MASK), torch.Tensor)


def masked(value: Any, device: torch.device, said: list[str]) -> tuple[BatchData, BatchData]:
    """Training and validation data of a masked graph: one batch each.

    The validation batch is a shallow copy whose ``train_mask`` is the validation mask, so that a ``training_step``
    that masks its loss works for both.

    Raises:
        ContractError: If there is no validation mask, or one of the masks is empty.
    """
    if not isinstance(field(value, VAL_MASK), torch.Tensor):
        raise ContractError(f"{VAL_MASK} beside {TRAIN_MASK} in train_data", "none", "give one, or val_data")
    for name in (TRAIN_MASK, VAL_MASK):
        if not bool(field(value, name).any()):
            raise ContractError(f"{name} with nodes in it", "none", "check how the graph is split")
    whole = move(value, device)
    other = with_field(whole, TRAIN_MASK, field(whole, VAL_MASK))
    counts = [int(mask.sum()) if mask.dtype == torch.bool else len(mask) for mask in (
        field(whole, TRAIN_MASK), field(whole, VAL_MASK))]  # fmt: skip
    nodes = max((len(tensor) for tensor in tensors_in(whole) if tensor.ndim), default=0)
    said.append(
        f"train_data: one whole graph of {nodes} nodes, {counts[0]} for training and {counts[1]} for validation; "
        "one step is one epoch, so there is no batch size to tune"
    )
    return BatchData(lambda: [whole], device, 1), BatchData(lambda: [other], device, 1)
