"""A short version of the benchmark of seeded faults: a sound training has no fault, injected faults are found."""

import json
import math
import re
import sys
from pathlib import Path

import pytest

import advisor
from advisor.errors import UsageError

FOLDER = Path(__file__).parents[2] / "benchmarks" / "mutations"
OWN = ("operators", "judging", "training", "results")
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no benchmarks beside these tests")


@pytest.fixture(scope="module")
def bench():
    """The benchmark's modules by name, gone again afterwards."""
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: __import__(name) for name in OWN}
    finally:
        sys.path.remove(str(FOLDER))
        for name in OWN:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def healthy():
    return {path.stem: path.read_text() for path in sorted((FOLDER / "healthy").glob("*.py"))}


@pytest.fixture(scope="module")
def diagnosed(tmp_path_factory):
    """What a diagnosis of a text says; ``look_only`` ends it after the first look, as no rule asks for probes then."""

    def diagnose(text, look_only=False):
        path = tmp_path_factory.mktemp("task") / "model.py"
        path.write_text(text)
        options = {"out": path.parent / "reports", "engine": "inline", "device": "cpu", "progress": False}
        try:
            data = advisor.diagnose(path, **options, select=("PF",) if look_only else ()).data
        except UsageError as error:
            assert look_only
            return {"detected": re.findall(r"\bPF\d{3}\b", str(error)), "recommended": None}
        codes = [finding["code"] for finding in data["findings"] if finding["verdict"] == "detected"]
        return {"detected": codes, "recommended": data["recommended"]}

    return diagnose


@pytest.fixture(scope="module")
def sound(healthy, diagnosed):
    return diagnosed(healthy["digits_mlp"])


def test_a_sound_training_is_not_blamed(bench, sound):
    assert not set(sound["detected"]) & set(bench["judging"].ALARMS)


@pytest.mark.parametrize(("operator", "severity"), [("rate too high", 2), ("momentum too large", 2)])
def test_a_wrong_setting_is_found(bench, healthy, diagnosed, sound, operator, severity):
    text = healthy["digits_mlp"]
    case = {"operator": operator, "healthy": text, "text": bench["operators"].OPERATORS[operator](text, severity)}
    assert bench["judging"].judge(case, diagnosed(case["text"]), sound)["found"]


@pytest.mark.parametrize(
    ("name", "operator", "severity"),
    [
        ("digits_cnn_bn", "output activation doubled", 2),
        ("digits_gru", "weights at the start", 2),
        ("topics_bag", "layers not optimised", 2),
        ("clusters_mlp", "sorted, not shuffled", 2),
    ],
)
def test_a_fault_of_the_file_is_found_before_any_probe(bench, healthy, diagnosed, name, operator, severity):
    found = diagnosed(bench["operators"].OPERATORS[operator](healthy[name], severity), look_only=True)["detected"]
    assert set(found) & set(bench["judging"].FOUND_BY[operator])


def test_missing_activations_are_found(bench, healthy, diagnosed):
    text = bench["operators"].OPERATORS["activations missing"](healthy["tumours_logit"], 2)
    assert "PF012" in diagnosed(text)["detected"]


def test_mutants_are_other_programs_than_their_parents(bench, healthy):
    made = bench["operators"].mutants(healthy)
    assert {operator for operator, _, _, _ in made} == set(bench["operators"].OPERATORS)
    assert len({text for _, _, _, text in made} | set(healthy.values())) == len(made) + len(healthy)
    for _, _, name, text in made:
        compile(text, name, "exec")


def test_a_mutant_counts_as_a_fault_only_if_it_hurts(bench):
    hurts = bench["judging"].hurts
    runs = {"loss": [0.10, 0.11, 0.10, 0.12, 0.11], "error": [0.02, 0.03, 0.02, 0.03, 0.02]}
    lost = {"loss": [None, None, None], "error": [1.0, 0.9, 1.0]}
    assert hurts("rate too low", {"loss": [0.31, 0.29, 0.30], "error": [0.1] * 3}, runs)["hurts"]
    assert hurts("rate too high", lost, runs)["hurts"]
    assert not hurts("rate too low", {"loss": [0.11, 0.10, 0.11], "error": [0.02] * 3}, runs)["hurts"]
    assert not hurts("rate too low", {"loss": [0.05, 0.06, 0.05], "error": [0.02] * 3}, runs)["hurts"]
    assert not hurts("output activation doubled", {"loss": [1.5, 1.5, 1.5], "error": [0.02, 0.03, 0.02]}, runs)["hurts"]


def test_a_setting_must_move_more_than_half_of_the_way_back(bench, healthy):
    text = healthy["digits_mlp"]
    change = bench["operators"].OPERATORS["rate too high"](text, 1)
    case = {"operator": "rate too high", "healthy": text, "text": change}
    now, sound = (bench["operators"].settings_of(item)["lr"] for item in (change, text))

    def advised(lr):
        return {"optimizer": {"name": "SGD", "lr": lr, "momentum": 0.9}, "batch_size": 32, "epochs": 20}

    assert bench["judging"].moved_back(case, advised(sound))
    assert bench["judging"].moved_back(case, advised(0.9 * math.sqrt(now * sound)))
    assert not bench["judging"].moved_back(case, advised(1.1 * math.sqrt(now * sound)))
    assert not bench["judging"].moved_back(case, None)


def test_committed_result_is_what_the_read_me_says(healthy):
    newest = max((FOLDER.parent / "results").glob("*-mutations-cpu.json"), default=None)
    if newest is None:
        pytest.skip("no result is committed")
    result = json.loads(newest.read_text())
    assert {item["name"] for item in result["healthy"]} == set(healthy)
    assert all(item["loss"] < item["guess_loss"] for item in result["healthy"])
    readme = (FOLDER.parents[1] / "README.md").read_text()
    for half in ("development", "held-out"):
        for share in (result[half]["false_alarms"], result[half]["recall"], result[half]["precision"]):
            assert f"{share['right']} of {share['of']}" in readme
