"""Regression cases: scripts that once failed, checked against their headers with `init` and `diagnose`.

The folder is not part of the project: ``ADVISOR_SCRIPT_CASES`` names it, else it is looked for beside the repository.
"""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from advisor.app.loop import loop_findings, script_loop
from advisor.cli.main import main
from advisor.errors import ContractError
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.workers.local import LocalWorkers
from advisor.workers.messages import LoadRequest, ProbeRequest
from tests.capture.test_scripts import hashes

pytestmark = pytest.mark.usefixtures("warm")
FOLDER = Path(os.environ.get("ADVISOR_SCRIPT_CASES") or Path(__file__).parents[3] / "shared" / "cases" / "scripts")
_LOSSES = re.compile(r"first loss: (\S+) in the script, (\S+) here")


@dataclass(frozen=True)
class Case:
    """The expected result for one script.

    Attributes:
        optimizer: Name and rate, and other keywords; empty if it is refused.
        batch: Examples of a step, accumulated ones included.
        epochs: Of a full run.
        said: Words that stand in what is said.
        schedule: Name of the class, or None.
        sizes: Examples for training and validation.
        codes: Faults of its loop.
        refused: Words of the refusal.
        task: Whether it is a task file, which `init` does not take.
    """

    optimizer: dict[str, Any] = field(default_factory=dict)
    batch: int = 16
    epochs: int = 4
    said: tuple[str, ...] = ()
    schedule: str | None = None
    sizes: tuple[int, int] = (57, 7)
    codes: tuple[str, ...] = ()
    refused: str = ""
    task: bool = False


def sgd(lr: float, **others: Any) -> dict[str, Any]:
    return {"name": "SGD", "lr": pytest.approx(lr), **others}


def adam(lr: float, name: str = "Adam") -> dict[str, Any]:
    return {"name": name, "lr": pytest.approx(lr)}


FRESH = "fresh weights of its own seed"
CASES = {
    "accumulate_not_divided.py": Case(
        sgd(0.1, momentum=0.9), 128, 30, ("gradients of 8 batches", "val_loader"), None, (1400, 397), ("TL002",)
    ),
    "d01_batch_without_tensors.py": Case(adam(0.01), 16, 20, ("training_step",), None, (576, 64), task=True),
    "d02_sampler_of_ten_billion.py": Case(adam(0.01), 16, 10, ("400 steps",), None, (640, 640), task=True),
    "mlp_no_zero_grad.py": Case(sgd(0.05, momentum=0.9), 32, 20, (), None, (1400, 397), ("TL001",)),
    "no_zero_grad.py": Case(
        adam(1e-3), 1, 1, ("LSTM and Linear", "sees the same data", "1000 steps"), None, (900, 100), ("TL001",)
    ),
    "r01_optimizer_only_behind_flag.py": Case(sgd(20.0), said=("moved by hand",)),
    "r02_mask_name_holds_indices.py": Case(adam(0.01), 45, 20, ("rows of chosen",), None, (45, 5)),
    "r04/train.py": Case(adam(0.001)),
    "r05_weights_set_in_a_loop.py": Case(sgd(0.1), said=(FRESH,)),
    "r06_pretrained_weights_by_a_call.py": Case(sgd(0.1), said=("144 of 195 weights are frozen",)),
    "r08_whole_data_each_step.py": Case(sgd(0.001), 13, 60, ("rows of x, y",), None, (13, 2)),
    "r09_class_reads_a_global.py": Case(sgd(0.1), said=("Net, 195 weights",)),
    "r10_function_defined_twice_two_rates.py": Case(sgd(0.1, momentum=0.9), said=("Sequential, 195 weights",)),
    "r11_trainer_with_unpacked_datasets.py": Case(refused="r11_trainer_with_unpacked_datasets.py"),
    "r13_next_of_an_endless_loader.py": Case(adam(1e-3), 16, 281, ("1000 steps",)),
    "r14_schedule_by_hand.py": Case(sgd(0.1), 16, 20, ("LinearLR, fitted",), "LinearLR"),
    "r16_notebook.ipynb": Case(refused="makes one step on one batch"),
    "r17_framework_without_torch.py": Case(refused="No module named"),
    "r18_two_trainings_one_after_the_other.py": Case(sgd(0.001), said=("the first one was taken",)),
    "r19_loop_in_a_library.py": Case(refused="nothing in it calls fit()"),
    "r21_schedule_from_transformers.py": Case(adam(5e-4, "AdamW"), said=("fitted to",), schedule="OneCycleLR"),
    "r22_skorch.py": Case(sgd(0.1), 57, 10, ("NeuralNetClassifier",)),
    "r23_vali_and_test_loader.py": Case(adam(0.01), said=("the loader vali_loader",), sizes=(64, 32)),
    "r25_default_calls_an_import.py": Case(adam(1e-4)),
    "r27_own_cli_class.py": Case(adam(0.01), epochs=10, said=("LightningCLI",)),
    "r29_list_of_optimizers.py": Case(refused="several optimizers step by turns"),
    "r32_loss_in_a_batch_function.py": Case(sgd(1e-3)),
    "r34_state_set_by_a_method.py": Case(adam(1e-3)),
    "replaced_head.py": Case(adam(1e-3), 32, 20, ("4,160 of 4,810 weights are frozen",), None, (1400, 397)),
    "scheduler_per_batch.py": Case(
        sgd(0.05, momentum=0.9), 32, 40, ("StepLR, once a step",), "StepLR", (1400, 397), ("TL003",)
    ),
    "two_modules.py": Case(sgd(0.01, momentum=0.9), 32, 30, ("Sequential and Linear",), None, (1400, 397)),
}  # fmt: skip
NEEDS = {"r21": "transformers", "r22": "skorch", "r27": "lightning", "r11": "transformers"}


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no folder of scripts beside the repository")
@pytest.mark.parametrize("name", CASES)
def test_each_script_does_what_its_header_asks_for(name, tmp_path, monkeypatch):
    pytest.importorskip(NEEDS.get(name[:3], "torch"))
    source = FOLDER / name
    folder = tmp_path / "work"
    if source.parent == FOLDER:
        folder.mkdir()
        shutil.copy(source, folder)
    else:
        shutil.copytree(source.parent, folder)
    monkeypatch.chdir(folder)
    before, path = hashes(folder), folder / source.name
    _diagnoses(path, CASES[name])
    assert hashes(folder) == before
    _is_written(path, CASES[name], tmp_path / "task.py")
    assert hashes(folder) == before


def _diagnoses(path: Path, case: Case) -> None:
    """What a diagnosis does up to its first probe."""
    workers = LocalWorkers()
    worker = workers.start()
    try:
        if case.refused:
            with pytest.raises(ContractError, match=re.escape(case.refused)) as caught:
                worker.call(LoadRequest(TaskSource(str(path))))
            assert "advisor" in caught.value.do or "optimizer" in caught.value.do
            return
        task = worker.call(LoadRequest(TaskSource(str(path))))
        said = "\n".join(task.facts.inferred)
        losses = _LOSSES.search(said)
        assert (losses is not None) == (not case.task and "hands its training" not in said)
        assert losses is None or losses[1] == losses[2]
        for words in case.said:
            assert words in said
        current = task.current
        assert case.optimizer.items() <= current.optimizer.items()
        assert (current.batch_size, current.epochs) == (case.batch, case.epochs)
        assert (current.schedule or {}).get("name") == case.schedule
        assert (task.facts.train_size, task.facts.val_size) == case.sizes
        assert tuple(f.code for f in loop_findings(script_loop(task.loop_file))) == case.codes
        spec = ProbeSpec(
            kind="cycle", optimizer=current.optimizer, schedule=None, batch_size=current.batch_size, steps=2, seed=0,
            eval_steps=(2,), eval_examples=task.facts.val_size, clip_grad_norm=current.clip_grad_norm,
        )  # fmt: skip
        trace = worker.call(ProbeRequest(spec))
        assert trace.status == "finished", trace.reason
        assert trace.val_loss[-1] == trace.val_loss[-1]
    finally:
        worker.close()
        workers.close()


def _is_written(path: Path, case: Case, target: Path) -> None:
    """`init` writes the same settings, or refuses for the same reason."""
    done = CliRunner().invoke(main, ["init", str(path), "--out", str(target)])
    if case.refused or case.task:
        assert done.exit_code == 2 and not target.exists()
        assert ("is a task file already" if case.task else case.refused) in " ".join(done.stderr.split())
        return
    assert done.exit_code == 0, done.output
    text = target.read_text(encoding="utf-8")
    compile(text, str(target), "exec")
    for code in case.codes:
        assert code in text and code in done.stdout
    for words in case.said:
        assert words in " ".join(text.split()) or words.startswith(("training_step", "val_", "144", "4,160", "1000"))
    if "settings =" in text:
        assert f'"optimizer": "{case.optimizer["name"]}"' in text
        assert "first loss: " in text


def test_every_script_of_the_folder_is_expected():
    if not FOLDER.is_dir():
        pytest.skip("no folder of scripts beside the repository")
    found = {p.relative_to(FOLDER).as_posix() for kind in ("*.py", "*.ipynb") for p in FOLDER.rglob(kind)}
    assert found - CASES.keys() <= {"r04/settings_of_mine.py"}
