"""Small logs in the shapes of real files, with a practitioner's verdict on each.

The files are kept apart from this repository: the folder is named by the environment variable ADVISOR_CASES. Twins of
what matters most are written by the tests beside this one.
"""

import os
from pathlib import Path

import pytest

from advisor.app.read.opening import NOTHING_WRONG, opening
from advisor.app.read.result import detected, read_and_judge
from advisor.fits import Forecast
from advisor.logs.forecast import forecast

FOLDER = Path(os.environ.get("ADVISOR_CASES", "/nonexistent"))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="ADVISOR_CASES is not set")


class Case:
    """One case as it was read."""

    def __init__(self, name):
        self.reading = read_and_judge([FOLDER / name])

    @property
    def only(self):
        assert len(self.reading.runs) == 1, self.reading.failures
        return self.reading.runs[0][0]

    @property
    def found(self):
        return {item.code: item for _, findings in self.reading.runs for item in detected(findings)}

    @property
    def serious(self):
        return {code for code, item in self.found.items() if item.severity != "info"}

    @property
    def faults(self):
        return {code for code, item in self.found.items() if item.severity == "fault"}

    @property
    def said(self):
        return "; ".join(text for evidence, findings in self.reading.runs for text in opening(evidence, findings))

    @property
    def comforts(self):
        return NOTHING_WRONG in self.said or "nothing that calls for a change" in self.said


@pytest.fixture
def case(request):
    return Case(request.node.name.removeprefix("test_"))


def test_01_map_not_known(case):
    assert case.only.main.name == "metrics/mAP50-95(B)" and case.serious == {"EP002"}


def test_02_yolo_val_off(case):
    assert not case.serious and len(case.only.val.raw) == 1 and not case.only.val.broken
    assert any("not measured" in note for note in case.only.run.notes)


def test_04_folder_called_train(case):
    assert "train/" not in case.only.val.name and "FT002" in case.found
    assert case.found["FT002"].judgement.values["at"] == pytest.approx(0.4, abs=0.05)


def test_05_bias_warm_up(case):
    assert case.only.schedule.peak == pytest.approx(0.01, rel=0.03) and not case.serious


def test_06_epoch_and_batch(case):
    assert len(case.only.train.raw) == 400 and not any("resumed" in note for note in case.only.run.notes)
    assert not case.faults


def test_07_openmmlab(case):
    assert case.only.metric.name == "val/mIoU" and not case.serious


def test_09_search_results(case):
    (table,) = case.reading.comparison
    assert not case.reading.runs and len(table.ranking) == 40
    assert table.ranking[0].value == max(item.value for item in table.ranking)


def test_09_table_of_runs(case):
    (table,) = case.reading.comparison
    assert not case.reading.runs and len(table.ranking) == 18
    assert table.ranking[0].value == min(item.value for item in table.ranking)
    assert {answer.knob for answer in table.knobs} == {"activation", "lr"}


def test_10_three_epochs_overfit(case):
    assert case.found["FT002"].confidence == "low" and "39%" in case.said and not case.comforts


def test_11_five_evals_all_rise(case):
    found = case.found["FT002"]
    assert found.judgement.values["looks"] == 5 and "evaluation 1" in found.judgement.advice
    assert "FT009" not in case.found


@pytest.mark.parametrize("name", ["13_chance_as_share", "13_chance_in_percent"])
def test_at_chance(name):
    found = Case(name).found["FT005"]
    assert found.judgement.values["classes"] == 10 and found.severity == "fault"


def test_15_total_loss(case):
    assert case.only.main.name == "total_loss" and not case.faults and not case.comforts


def test_17_json_lines_txt(case):
    assert case.serious == {"FT014"} and case.only.train.final < 3 and case.only.val.final > 7


def test_19_git_lfs_pointer(case):
    (failure,) = case.reading.failures
    assert "Git LFS" in failure.found and "git lfs pull" in failure.do


def test_21_variants_by_word(case):
    (group,) = case.reading.comparison
    assert {item.name for item in group.ranking} == {
        "UNet_GELU",
        "UNet",
        "UNet_Attention",
        "SwinUNETR",
        "SwinUNETR_AdamW",
    }


def test_23_rows_wider_than_header(case):
    assert case.only.train.raw[0] == pytest.approx(0.022) and case.only.val.raw[0] == pytest.approx(0.015)


def test_25_contradict_33_or_61(case):
    assert case.serious == {"FT002"} and case.found["FT002"].judgement.values["at"] == pytest.approx(0.33, abs=0.03)


def test_27_memorised_without_validation(case):
    assert "memorised" in case.said and not case.comforts and "FT009" not in case.found


def test_29_one_epoch(case):
    assert "too few" in case.said and not case.reading.failures


def test_31_underfits_at_995(case):
    assert "FT001" not in case.found and not case.faults


def test_12_constant_loss(case):
    assert case.found["FT005"].judgement.values["kind"] == "constant"


@pytest.mark.parametrize("name", ["14_ddpg", "14_gan", "14_sb3_monitor"])
def test_losses_that_say_nothing(name):
    case = Case(name)
    assert not case.faults and len(case.reading.declined) <= 1
    assert all("return" in evidence.main.name for evidence, _ in case.reading.runs)


def test_16_cosine_many_rows(case):
    assert {evidence.schedule.kind for evidence, _ in case.reading.runs} == {"decay"}
    assert not any("schedule" in text for item in case.reading.comparison for text in item.unfair)


def test_18_text(case):
    read = {evidence.run.name: evidence for evidence, _ in case.reading.runs}
    assert set(read) == {"build_nanogpt_log", "forum", "keras_progress", "nanogpt"} and not case.reading.failures
    assert all(evidence.train is not None and evidence.val is not None for evidence in read.values())
    assert read["forum"].train.raw[:2] == (1.61, 1.14) and read["forum"].val.raw[-1] == 0.67


@pytest.mark.parametrize("one_by_one", [False, True])
def test_names_of_files(one_by_one):
    folder = FOLDER / "20_names_of_files"
    paths = sorted(item for item in folder.rglob("*") if item.is_file()) if one_by_one else [folder]
    names = {evidence.run.name for evidence, _ in read_and_judge(paths).runs}
    assert names == {"v1_baseline", "v2_baseline", "v3_baseline"}


def test_24_sum_against_mean(case):
    assert not case.only.comparable and not case.found.keys() & {"FT007", "FT014", "FT001"}


def test_26_blew_up_and_came_back(case):
    assert "blew up to 844" in case.said
    made = forecast(case.only)
    assert isinstance(made, Forecast) and made.estimate.high < 1.0


def test_28_endless_epochs(case):
    assert case.only.run.setting("epochs") == "no fixed number"


def test_32_overfit_noisy(case):
    for _, findings in case.reading.runs:
        assert "FT002" in {item.code for item in detected(findings)}


def test_34_good_sign_of_a_bad_run(case):
    assert "FT009" not in case.found and case.serious == {"FT014"} and not case.comforts
