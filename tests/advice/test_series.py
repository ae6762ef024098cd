"""Figures of findings, on every recording."""

import re
from pathlib import Path

import pytest

from advisor.advice.series import figure_ids, response_id
from advisor.rules.engine import judge
from advisor.rules.registry import RULES

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.name.removesuffix(".json.gz") for path in (ROOT / "tests/rules/recordings").glob("*.json.gz"))
SCHEMA = (ROOT / "docs" / "report-schema.md").read_text(encoding="utf-8")
FIGURES = re.findall(r"`([a-z]+)`", SCHEMA.partition("Figure ids are")[2].partition(".")[0])


@pytest.mark.parametrize("name", NAMES)
def test_findings_name_documented_figures(name, recording):
    evidence = recording(name)
    figures = {*FIGURES, *(f"response-{response_id(evidence, i)}" for i in range(len(evidence.responses)))}
    for finding in judge(evidence, RULES):
        assert set(figure_ids(evidence, finding)) <= figures, f"{finding.code} on {name}"
