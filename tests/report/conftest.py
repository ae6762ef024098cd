import gzip
import json
import math
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from advisor.advice.build_report import build_report
from advisor.advice.recommend import choose
from advisor.evidence.io import from_json
from advisor.records.spec import ProbeSpec
from advisor.records.trace import Trace
from advisor.rules.engine import judge
from advisor.rules.registry import RULES
from advisor.schema.base import plain
from advisor.schema.report import Provenance
from advisor.schema.rounds import Cost
from advisor.search.forecast import forecast
from tests.report import sample as made

CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
RECORDINGS = Path(__file__).parents[1] / "rules" / "recordings"


@pytest.fixture
def sample() -> ModuleType:
    """The module of the sample reports."""
    return made


@pytest.fixture(params=["healthy", "untrainable", "interrupted"])
def report(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each sample report in turn."""
    return getattr(made, request.param)()


@pytest.fixture
def healthy() -> dict[str, Any]:
    return made.healthy()


def make_arm(lr: float = 0.1, seed: int = 0, diverged: bool = False, **more: Any) -> tuple[ProbeSpec, Trace]:
    steps = 40
    spec = ProbeSpec(
        kind="cycle",
        optimizer={"name": "SGD", "lr": lr, **more.pop("optimizer", {"momentum": 0.9})},
        schedule={"name": "OneCycleLR", "max_lr": lr},
        batch_size=64,
        steps=steps,
        seed=seed,
        eval_steps=(20, 40),
        eval_examples=128,
    )
    train = [2.3 * math.exp(-step / 20) for step in range(steps)]
    if diverged:
        train[30:] = [math.nan] * 10
    nan = math.nan
    trace = Trace(
        key=spec.key,
        status="diverged" if diverged else "finished",
        reason="loss is not finite" if diverged else "",
        step=tuple(range(1, steps + 1)),
        train_loss=tuple(train),
        lr=tuple(lr * step / steps for step in range(steps)),
        momentum=tuple([nan if spec.momentum is None else 0.9] * steps),
        norm_step=(1, 20, 40),
        grad_norm=(3.0, 2.0, nan if diverged else 1.0),
        weight_norm=(10.0, 11.0, 12.0),
        eval_step=(20, 40),
        val_loss=(0.9, nan if diverged else 0.4),
        val_metric=(0.7, nan if diverged else 0.9),
        val_loss_se=0.01,
        step_seconds=0.01,
        seconds=0.5,
        train_examples=2560,
        eval_examples=256,
    )
    return spec, trace


@pytest.fixture
def arm() -> Any:
    """A maker of one probe's spec and trace."""
    return make_arm


@cache
def _recorded(name: str) -> str:
    """The report of real recorded probes, as JSON text."""
    evidence = from_json(json.loads(gzip.decompress((RECORDINGS / f"{name}.json.gz").read_bytes())))
    if evidence.of_round("ladder"):
        evidence = evidence.with_(forecast=forecast(evidence))
    findings = judge(evidence, RULES)
    stopped = any(finding.judgement.blocking for finding in findings)
    choice = choose(evidence, findings) if evidence.of_round("ladder") and not stopped else None
    made = build_report(
        evidence,
        findings,
        choice,
        status="untrainable" if stopped else "advice",
        cost=Cost(full_runs=0.9, budget=1.0, probes=len(evidence.arms), seconds=3.0),
        name=name,
        run="recorded",
        provenance=Provenance(started="2026-01-01T00:00:00+00:00"),
    )
    return json.dumps(plain(made))


@pytest.fixture
def recorded() -> Callable[[str], dict[str, Any]]:
    """``recorded(name)``: the report that a recording of real probes gives, a fresh copy each time."""
    return lambda name: json.loads(_recorded(name))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium that asks nothing of the network by itself."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on PATH to open the report with")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield opened
        opened.close()
