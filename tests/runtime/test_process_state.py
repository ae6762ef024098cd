"""What a probe changes around it is put back: the switches of torch that decide how it computes."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from advisor.runtime.process_state import restored


def state() -> tuple[object, ...]:
    cudnn = torch.backends.cudnn
    return (
        torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.fp32_precision,
        torch.backends.mkldnn.matmul.fp32_precision, cudnn.conv.fp32_precision, cudnn.benchmark, cudnn.deterministic,
        torch.get_default_dtype(), torch.is_grad_enabled(), Path.cwd(), list(sys.path),
    )  # fmt: skip


def legacy() -> None:
    torch.set_float32_matmul_precision("high")


def newer() -> None:
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    torch.backends.cudnn.conv.fp32_precision = "ieee"


def others() -> None:
    torch.backends.cudnn.benchmark = True
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    os.chdir("/")
    sys.path.append("elsewhere")


@pytest.mark.parametrize("change", [legacy, newer, others])
def test_what_a_probe_switches_is_put_back(change: Callable[[], None]) -> None:
    before = state()
    with pytest.raises(KeyError), restored():
        change()
        raise KeyError
    assert state() == before


def test_what_the_users_file_switched_stays_so() -> None:
    with restored():
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True
        theirs = state()
        with restored():
            torch.set_float32_matmul_precision("highest")
            torch.backends.cudnn.benchmark = False
        assert state() == theirs


def test_the_newer_way_of_setting_it_is_no_error() -> None:
    with restored():
        torch.backends.cuda.matmul.fp32_precision = "tf32"
        with restored():
            torch.backends.cuda.matmul.fp32_precision = "ieee"
        assert torch.backends.cuda.matmul.fp32_precision == "tf32"
