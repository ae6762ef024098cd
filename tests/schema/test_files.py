"""Results on disk: read once, checked once, refused with one clear error, and of an earlier schema still opened."""

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.errors import UsageError
from advisor.schema.base import checked, plain
from advisor.schema.comparison import ComparisonReport
from advisor.schema.files import read_comparison, read_report, report_from
from advisor.schema.report import SCHEMA, Report
from tests.report import sample
from tests.report.rendered import page_of

SAMPLES = sorted((Path(__file__).parents[2] / "reports" / "samples").glob("*/*/report.json"))
WRONG = (None, "words", -1.5, True, [[]], {"a": 1})
SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)


def small() -> dict[str, Any]:
    """A report with one of everything."""
    report = sample.healthy()
    for name in ("findings", "knobs", "changes", "rounds", "arms"):
        report[name] = report[name][:1]
    series = report["series"]
    for name in ("range_tests", "responses", "curves"):
        series[name] = series[name][:1]
    for table in (*series["range_tests"], *series["curves"]):
        table.update({name: column[:3] for name, column in table.items() if isinstance(column, list)})
    return report


SMALL = small()


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    return [here, *(place for key, item in items for place in places(item, (*here, key)))]


def changed(report: dict[str, Any], place: tuple[Any, ...], put: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(report))
    parent = copy
    for key in place[:-1]:
        parent = parent[key]
    if put == "delete":
        del parent[place[-1]]
    else:
        parent[place[-1]] = put
    return copy


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    for made in (sample.healthy(), sample.untrainable(), sample.interrupted()):
        report = report_from(made)
        (tmp_path / "report.json").write_text(json.dumps(plain(report)))
        assert read_report(tmp_path / "report.json") == report
    compared = checked(ComparisonReport, sample.comparison())
    (tmp_path / "compare.json").write_text(json.dumps(plain(compared)))
    assert read_comparison(tmp_path / "compare.json") == compared


@pytest.mark.parametrize("put", ["delete", *WRONG], ids=str)
def test_every_damage_is_named_or_harmless(put: Any) -> None:
    """Each part in turn is missing or of a wrong type: the message names the place, or a whole report is left."""
    named = 0
    for place in places(SMALL)[1:]:
        try:
            report = report_from(changed(SMALL, place, put))
        except msgspec.ValidationError as error:
            named += 1
            said = str(error)
            assert "Expected" in said or "missing required field" in said or "Invalid" in said, (place, said)
            continue
        assert report_from(plain(report)) == report, place
    assert named > 20


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_file_gives_one_error(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(places(SMALL)[1:]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        path.write_text(json.dumps(changed(SMALL, place, data.draw(VALUES))), encoding="utf-8")
        try:
            report = read_report(path)
        except UsageError as error:
            assert str(path) in error.found and "schema 1 or 2" in error.expected and error.do
        else:
            assert report_from(plain(report)) == report


@pytest.mark.parametrize("text", ["", "[]", "3", "{", "[" * 5000, '{"a":' * 5000, "\ud800", "{}", '{"schema": 3}'])
def test_what_is_no_report_is_an_error(text: str, tmp_path: Path) -> None:
    for name, read in (("report.json", read_report), ("compare.json", read_comparison)):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(UsageError, match=name):
            read(tmp_path / name)
        with pytest.raises(UsageError, match="No such file"):
            read(tmp_path / "absent" / name)


def test_not_a_number_is_null(tmp_path: Path) -> None:
    text = json.dumps(SMALL).replace('"noise": 0.009', '"noise": NaN').replace('"best_lr": 0.79', '"best_lr": Infinity')
    (tmp_path / "report.json").write_text(text)
    series = read_report(tmp_path / "report.json").series
    assert series.responses[0].noise is None and series.range_tests[0].best_lr is None
    unknown = msgspec.structs.replace(series.responses[0], noise=float("nan"), length=float("inf"))
    assert (plain(unknown)["noise"], plain(unknown)["length"]) == (None, None)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_report_of_schema_1_is_opened(path: Path) -> None:
    old = json.loads(path.read_text(encoding="utf-8")) | {"schema": 1}
    for test in old["series"]["range_tests"]:
        test["val_loss"] = [*test["val_loss"], 9.0]
    new = plain(report_from(old))
    assert new["schema"] == SCHEMA and set(new) >= set(old)
    kept = ("verdict", "recommended", "current", "changes", "knobs", "findings", "prediction", "provenance")
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    assert all(len(test["val_lr"]) == len(test["val_loss"]) for test in new["series"]["range_tests"])


EDGES = {"zero": 0, "negative": -1.5, "huge": 1e300, "tiny": 1e-300}


@pytest.mark.parametrize("put", EDGES.values(), ids=EDGES)
def test_any_numbers_are_drawn(put: float) -> None:
    """Numbers that no run would leave, at all places at once, still make a page."""

    def replaced(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: item if name == "schema" else replaced(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [replaced(item, key) for item in value]
        return put if isinstance(value, float) else value

    assert page_of(plain(report_from(replaced(SMALL)))).rstrip().endswith("</html>")


def test_a_report_is_frozen() -> None:
    report = report_from(SMALL)
    with pytest.raises(AttributeError):
        report.verdict = "other"  # type: ignore[misc]
    assert isinstance(report, Report)
