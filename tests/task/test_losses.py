"""Which loss is inferred from what outputs and targets look like."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from advisor.errors import ContractError
from advisor.task.step.losses import (
    class_axis,
    fit_loss,
    infer_loss,
    infer_unlabelled,
    own_loss,
    prediction,
    user_loss,
)

torch.manual_seed(0)
LOGITS = torch.randn(8, 3)
CLASSES = torch.arange(8) % 3
BINARY = torch.tensor([0.0, 1.0] * 4)
REAL = torch.randn(8, 1)
TABLE = [
    ("cross_entropy", LOGITS, CLASSES, F.cross_entropy(LOGITS, CLASSES)),
    ("nll_loss", LOGITS.log_softmax(1), CLASSES, F.cross_entropy(LOGITS, CLASSES)),
    ("negative log likelihood", LOGITS.softmax(1), CLASSES, F.cross_entropy(LOGITS, CLASSES)),
    ("mse_loss", REAL, REAL + 2, torch.tensor(4.0)),
    ("mse_loss", REAL, REAL[:, 0] + 2, torch.tensor(4.0)),
    ("mse_loss", REAL[:, 0], REAL + 2, torch.tensor(4.0)),
    ("mse_loss", LOGITS, LOGITS + 1, torch.tensor(1.0)),
    ("binary_cross_entropy_with_logits", REAL, BINARY, F.binary_cross_entropy_with_logits(REAL[:, 0], BINARY)),
    ("binary_cross_entropy_with_logits", REAL, BINARY.bool(), F.binary_cross_entropy_with_logits(REAL[:, 0], BINARY)),
    ("binary_cross_entropy ", REAL.sigmoid(), BINARY, F.binary_cross_entropy_with_logits(REAL[:, 0], BINARY)),
]


@pytest.mark.parametrize(
    ("name", "outputs", "targets", "value"), TABLE, ids=[f"{i} {row[0]}" for i, row in enumerate(TABLE)]
)
def test_inferred(name: str, outputs: torch.Tensor, targets: torch.Tensor, value: torch.Tensor) -> None:
    loss, said = infer_loss(outputs, targets)
    assert f"{said} ".startswith(f"loss inferred: {name}")
    assert float(loss(outputs, targets)) == pytest.approx(float(value), rel=1e-5)


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [(torch.randn(8, 5, 4, 4), torch.randint(0, 5, (8, 4, 4))), (torch.randn(8, 6, 5), torch.randint(0, 5, (8, 6)))],
    ids=["segmentation: classes in axis 1", "tokens: classes last"],
)
def test_classes_at_every_position(outputs: torch.Tensor, targets: torch.Tensor) -> None:
    loss, said = infer_loss(outputs, targets)
    flat = outputs.movedim(class_axis(outputs, targets) or 0, -1).reshape(-1, 5)
    assert said.startswith("loss inferred: cross_entropy")
    assert float(loss(outputs, targets)) == pytest.approx(float(F.cross_entropy(flat, targets.flatten())), rel=1e-5)


@pytest.mark.parametrize(
    ("outputs", "targets"),
    [
        (LOGITS, torch.randn(8, 2)),
        (LOGITS, torch.ones(8, 3, 2).long()),
        (LOGITS, "label"),
        ("text", CLASSES),
        (REAL, torch.arange(8)[:, None, None]),
    ],
)
def test_nothing_fits(outputs: Any, targets: Any) -> None:
    with pytest.raises(ContractError) as caught:
        infer_loss(outputs, targets)
    assert "define loss" in caught.value.do


@pytest.mark.parametrize(
    ("outputs", "targets", "axis"),
    [
        (torch.zeros(8, 3), CLASSES, 1),
        (torch.zeros(8, 5, 4), torch.zeros(8, 4).long(), 1),
        (torch.zeros(8, 4, 5), torch.zeros(8, 4).long(), 2),
        (torch.zeros(8, 3), torch.zeros(8), None),
        (torch.zeros(8, 3), torch.zeros(8, 3).long(), None),
        (torch.zeros(8, 3), torch.zeros(7).long(), None),
    ],
)
def test_class_axis(outputs: torch.Tensor, targets: torch.Tensor, axis: int | None) -> None:
    assert class_axis(outputs, targets) == axis


def test_own_loss_and_prediction() -> None:
    loss = torch.tensor(0.5)
    for outputs in ({"loss": loss, "logits": LOGITS}, SimpleNamespace(loss=loss, logits=LOGITS), (loss, LOGITS)):
        assert own_loss(outputs) is loss
        assert prediction(outputs) is LOGITS
    assert own_loss(loss) is loss
    assert own_loss(LOGITS) is None
    assert own_loss({"logits": LOGITS}) is None
    assert own_loss((loss, loss)) is None
    assert prediction(LOGITS) is LOGITS


def test_the_users_loss() -> None:
    given = nn.MSELoss()
    assert user_loss(given) is given
    assert isinstance(user_loss(nn.L1Loss), nn.L1Loss)
    assert user_loss(F.mse_loss) is F.mse_loss
    with pytest.raises(ContractError, match="loss\\(outputs, targets\\)"):
        user_loss(3)


def test_a_column_of_class_numbers_and_soft_targets() -> None:
    loss, said = infer_loss(LOGITS, CLASSES[:, None])
    assert said.startswith("loss inferred: cross_entropy")
    assert float(loss(LOGITS, CLASSES[:, None])) == pytest.approx(float(F.cross_entropy(LOGITS, CLASSES)))
    soft = F.one_hot(CLASSES, 3).float()
    loss, said = infer_loss(LOGITS, soft)
    assert "each row of targets sums to 1" in said
    assert float(loss(LOGITS, soft)) == pytest.approx(float(F.cross_entropy(LOGITS, CLASSES)))


TOKENS, SCORES = torch.randint(0, 5, (8, 6)), torch.randn(8, 6, 5)
FITTED: list[tuple[str, Any, Any, Any, float]] = [
    ("as it is", nn.CrossEntropyLoss(), LOGITS, CLASSES, float(F.cross_entropy(LOGITS, CLASSES))),
    ("of a tuple", nn.CrossEntropyLoss(), (LOGITS, REAL), CLASSES, float(F.cross_entropy(LOGITS, CLASSES))),
    ("tokens", F.cross_entropy, SCORES, TOKENS, float(F.cross_entropy(SCORES.flatten(0, 1), TOKENS.flatten()))),
    ("column against row", nn.MSELoss(), REAL, REAL[:, 0] + 2, 4.0),
    ("yes or no", nn.BCEWithLogitsLoss(), REAL, BINARY.long(), float(TABLE[7][3])),
    ("classes as floats", nn.CrossEntropyLoss(), LOGITS, CLASSES.float(), float(F.cross_entropy(LOGITS, CLASSES))),
    ("outputs spread", lambda a, t, b: (a - t).mean() + b.sum(), (LOGITS, REAL), LOGITS - 1, 1 + float(REAL.sum())),
]


@pytest.mark.parametrize(
    ("given", "outputs", "targets", "value"), [row[1:] for row in FITTED], ids=[row[0] for row in FITTED]
)
def test_the_users_loss_is_fitted(given: Any, outputs: Any, targets: Any, value: float) -> None:
    loss, said = fit_loss(given, outputs, targets)
    assert float(loss(outputs, targets)) == pytest.approx(value, rel=1e-5)
    assert (said == "") == (loss is given) == (given is FITTED[0][1])


def test_a_loss_that_does_not_fit_is_left_to_say_so() -> None:
    given = nn.NLLLoss()
    assert fit_loss(given, LOGITS, "text") == (given, "")


def test_more_than_a_reconstruction_needs_a_loss() -> None:
    loss, said = infer_unlabelled((LOGITS + 1, REAL), LOGITS)
    assert "mse_loss against the inputs" in said
    assert float(loss((LOGITS + 1, REAL), LOGITS)) == pytest.approx(1.0)
    with pytest.raises(ContractError, match="for a VAE with its KL term"):
        infer_unlabelled((LOGITS, REAL, REAL), LOGITS)
