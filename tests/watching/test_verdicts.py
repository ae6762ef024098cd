"""What is said once, and when it is taken back."""

import math

import pytest

from advisor.rules.finding import Finding, Judgement, Verdict
from advisor.watching.series import LONGEST, Series
from advisor.watching.verdicts import Verdicts
from advisor.watching.words import as_steps


def finding(verdict, code="FT008", severity="fault", told_by=None, **values):
    judgement = Judgement(Verdict(verdict), "seen", values=values)
    return Finding(code, code[:2], "title", "neutral", severity, "medium", judgement, "", (), told_by)


def drive(*verdicts, **rest):
    """Judged at steps 100, 110, 121, ...; returns what was said as (kind, index)."""
    standing, said, step = Verdicts(), [], 100.0
    for index, verdict in enumerate(verdicts):
        said += [(event.kind, index) for event in standing.update([finding(verdict, **rest)], round(step))]
        step *= 1.1
    return said, standing


YES, NO, OPEN = "detected", "not_detected", "not_identifiable"


def test_it_is_said_when_it_has_held_while_the_run_grew_by_half():
    assert drive(*[YES] * 12)[0] == [("said", 5)]


def test_what_comes_and_goes_is_never_said():
    assert drive(*[YES, YES, YES, NO] * 6)[0] == []


def test_it_is_taken_back_when_it_is_gone_for_as_long():
    assert drive(*[YES] * 6, *[NO] * 6)[0] == [("said", 5), ("taken_back", 11)]


def test_it_is_not_taken_back_for_a_short_while():
    said, standing = drive(*[YES] * 6, NO, NO, YES, NO, NO, YES, OPEN, OPEN, OPEN, OPEN, OPEN, OPEN)
    assert said == [("said", 5)]
    assert standing.standings[0].state == "said"


def test_what_was_taken_back_is_not_said_again_on_the_way():
    said, standing = drive(*[YES] * 6, *[NO] * 6, *[YES] * 12)
    assert [kind for kind, _ in said] == ["said", "taken_back"]
    assert standing.standings[0].turns == 2


def test_what_the_whole_run_says_is_said_at_its_end():
    standing = Verdicts()
    assert standing.update([finding(YES)], 100) == []
    assert [event.kind for event in standing.update([finding(YES)], 101, ended=True)] == ["said"]


@pytest.mark.parametrize(("values", "code"), [({"kind": "non_finite"}, "FT005"), ({}, "PF001")])
def test_what_is_certain_is_said_at_once(values, code):
    assert [event.kind for event in Verdicts().update([finding(YES, code, **values)], 10)] == ["said"]


def test_another_finding_that_tells_the_same_does_not_take_it_back():
    standing = Verdicts()
    for step in (100, 150):
        standing.update([finding(YES)], step)
    for step in (200, 400, 800):
        assert standing.update([finding("not_applicable", told_by="FT005")], step) == []
    assert standing.standings[0].state == "said"


def test_shares_become_steps():
    assert as_steps("val_loss 0.3 at 40% of the run, 0.5 at its end", 900) == "val_loss 0.3 at step 360, 0.5 now"


def test_a_series_keeps_its_shape_in_bounded_memory():
    series = Series("loss")
    for step in range(1, 50_001):
        series.add(step, 1.0 / step)
    column = series.column()
    assert len(column.x) < LONGEST
    assert column.group == 8
    assert column.x[0] == pytest.approx(4.5)
    assert sum(column.y) * column.group == pytest.approx(sum(1.0 / step for step in range(1, 50_001)), rel=1e-3)
    series.add(50_001, math.nan)
    assert series.not_finite_at_end() == 0
