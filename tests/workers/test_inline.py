"""The engine in this process: the same answers as worker processes, and nothing of this process changed after."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from advisor.errors import ContractError
from advisor.records.spec import ProbeSpec
from advisor.records.task import TaskSource
from advisor.utils.codec import to_text
from advisor.workers.inline import InlineEngine
from advisor.workers.local import local_pool
from advisor.workers.messages import PreflightRequest, ThroughputRequest, WorkerResources
from tests.processes import essence

Write = Callable[..., Path]
Make = Callable[..., ProbeSpec]


@pytest.fixture
def inline() -> Iterator[InlineEngine]:
    engine = InlineEngine(WorkerResources(threads=1))
    yield engine
    engine.close()


@pytest.mark.usefixtures("warm")
def test_answers_are_those_of_a_worker_process(inline: InlineEngine, write: Write, spec: Make) -> None:
    source = TaskSource(str(write()), device="cpu")
    specs = [spec(), spec(seed=1)]
    pool = local_pool(1, threads=1, device="cpu")
    try:
        loaded, preflight = pool.open(source), pool.ask(PreflightRequest(500))
        traces = pool.run(specs)
    finally:
        pool.close()
    assert inline.open(source) == loaded
    assert to_text(inline.ask(PreflightRequest(500))) == to_text(preflight)
    assert inline.ask(ThroughputRequest(0)).rows[0].batch_size == loaded.current.batch_size
    seen: list[tuple[str, str]] = []
    again = inline.run(specs, lambda each, trace: seen.append((each.key, trace.key)))
    assert list(map(essence, again)) == list(map(essence, traces))
    assert seen == [(each.key, each.key) for each in specs]


def test_a_fault_of_the_file_is_one_error(inline: InlineEngine, write: Write) -> None:
    with pytest.raises(ContractError, match="ends the program on import") as caught:
        inline.open(TaskSource(str(write("\n\nraise SystemExit(3)\n")), device="cpu"))
    assert "Traceback" in caught.value.details


def test_a_probe_that_fails_is_a_failed_trace(inline: InlineEngine, write: Write, spec: Make) -> None:
    path = write(
        "\n\n_plain = loss\n\n\ndef loss(o, t):\n"
        "    if torch.initial_seed() == 7:\n        raise OSError('broken')\n    return _plain(o, t)\n"
    )
    inline.open(TaskSource(str(path), device="cpu"))
    broken, sound = inline.run([spec(seed=7), spec()])
    assert (broken.status, sound.status) == ("failed", "finished")
    assert "broken" in broken.reason


def test_an_error_of_the_receiver_is_raised_as_it_is(inline: InlineEngine, write: Write, spec: Make) -> None:
    inline.open(TaskSource(str(write()), device="cpu"))

    def fail(*_: object) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        inline.run([spec()], on_progress=fail)


def test_this_process_is_left_as_it_was(write: Write, spec: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        "\n\nimport os, beside_it\n\nos.environ['LEFT'] = '1'\nprint('said')\ntorch.set_num_threads(2)\n",
        "left_as_it_was.py",
    )
    path.with_name("beside_it.py").write_text("")
    before = (list(sys.path), dict(os.environ), torch.get_num_threads(), torch.get_rng_state().tolist())
    engine = InlineEngine(WorkerResources(threads=1))
    engine.open(TaskSource(str(path), device="cpu"))
    engine.run([spec()])
    assert "beside_it" in sys.modules
    engine.close()
    assert (list(sys.path), dict(os.environ), torch.get_num_threads(), torch.get_rng_state().tolist()) == before
    assert not {"beside_it", path.stem} & set(sys.modules)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "said\n")
