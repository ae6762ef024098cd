"""How a model is called with batches of every make."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from advisor.errors import ContractError
from advisor.task.data.batches import move, tensors_in
from advisor.task.step.calling import find_call

X, Z, Y = torch.randn(6, 4), torch.randn(6, 4), torch.arange(6) % 3


class One(nn.Linear):
    def __init__(self) -> None:
        super().__init__(4, 3)


class Two(One):
    def forward(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return super().forward(left + right)


class Whole(One):
    def forward(self, batch: Any) -> torch.Tensor:
        return super().forward(batch["left"] - batch["right"])


class WithLoss(One):
    def forward(self, x: torch.Tensor, targets: torch.Tensor | None = None) -> Any:  # type: ignore[override]
        logits = super().forward(x)
        return logits, None if targets is None else nn.functional.cross_entropy(logits, targets)


class Flexible(One):
    def forward(self, x: torch.Tensor, scale: float = 1.0) -> torch.Tensor:  # type: ignore[override]
        return super().forward(x) * scale


@dataclass
class Item:
    x: torch.Tensor
    y: torch.Tensor
    note: str = "kept"


WAYS: list[tuple[str, nn.Module, Any, Any]] = [
    ("pair", One(), (X, Y), lambda m: m(X)),
    ("list", One(), [X, Y], lambda m: m(X)),
    ("two inputs", Two(), (X, Z, Y), lambda m: m(X, Z)),
    ("nested inputs", Two(), ((X, Z), Y), lambda m: m(X, Z)),
    ("inputs by name", Two(), ({"left": X, "right": Z}, Y), lambda m: m(X, Z)),
    ("one input of two", One(), (X, Z, Y), lambda m: m(X)),
    ("an optional argument stays away", Flexible(), (X, Y), lambda m: m(X)),
    ("dict by other names", One(), {"image": X, "label": Y}, lambda m: m(X)),
    ("dict by name", Two(), {"left": X, "right": Z, "labels": Y}, lambda m: m(X, Z)),
    ("the whole dict", Whole(), {"left": X, "right": Z, "target": Y}, lambda m: m({"left": X, "right": Z})),
    ("the model makes the loss", WithLoss(), (X, Y), lambda m: m(X, Y)),
    ("by name, too", WithLoss(), {"x": X, "targets": Y}, lambda m: m(X, Y)),
    ("an object's x and y", One(), Item(X, Y), lambda m: m(X)),
]


@pytest.mark.parametrize(("model", "batch", "expected"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_the_model_gets_its_inputs(model: nn.Module, batch: Any, expected: Any) -> None:
    call, outputs, targets = find_call(model, batch)
    wanted = expected(model)
    pairs = zip(outputs, wanted, strict=True) if isinstance(wanted, tuple) else [(outputs, wanted)]
    assert all(torch.equal(found, right) for found, right in pairs)
    found = targets if isinstance(targets, torch.Tensor) else targets[-1]
    assert torch.equal(found, Y)
    assert call.has_targets == isinstance(model, WithLoss)


def test_inputs_alone() -> None:
    for batch in (X, (X,), [X]):
        call, outputs, targets = find_call(One(), batch)
        assert call.unlabelled
        assert targets is X
        assert outputs.shape == (6, 3)


def test_a_masked_graph_is_cut_to_its_mask() -> None:
    graph = SimpleNamespace(left=X, right=Z, y=Y, train_mask=torch.tensor([True, False] * 3))
    _, outputs, targets = find_call(Two(), graph)
    assert outputs.shape == (3, 3)
    assert targets.tolist() == Y[::2].tolist()


def test_nothing_fits() -> None:
    with pytest.raises(ContractError, match=r"forward|shapes") as caught:
        find_call(One(), (torch.randn(6, 5), Y))
    assert "(6, 5) float32, (6,) int64" in caught.value.found
    with pytest.raises(ContractError, match="other arguments than the batch contains"):
        find_call(Two(), (X, Y))


def test_objects_are_moved_and_left_alone() -> None:
    item = Item(X.double(), Y)
    moved = move(item, torch.device("meta"), float32=True)
    assert (moved.x.device.type, moved.x.dtype, moved.y.dtype, moved.note) == ("meta", torch.float32, Y.dtype, "kept")
    assert (item.x.device.type, item.x.dtype) == ("cpu", torch.float64)
    assert [tensor.shape for tensor in tensors_in(item)] == [X.shape, Y.shape]


def test_an_object_moves_itself() -> None:
    class Own:
        def __init__(self) -> None:
            self.x, self.asked = X, ""

        def to(self, device: torch.device) -> None:
            self.asked = str(device)

    own = Own()
    assert move((own, Y), torch.device("cpu"))[0] is own
    assert own.asked == "cpu"
