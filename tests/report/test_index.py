import json
import re

from advisor.report import index
from advisor.report.index import write_index
from advisor.schema.files import report_from


def render_index(reports):
    return index.render_index([*map(report_from, reports)])


def test_lists_newest_first_with_links(tmp_path, sample):
    for name, run, maker, day in (
        ("digits", "a", sample.healthy, 1),
        ("digits", "b c", sample.untrainable, 3),
        ("x", "d", sample.interrupted, 2),
    ):
        folder = tmp_path / name / run
        folder.mkdir(parents=True)
        report = maker()
        report["provenance"]["started"] = f"2025-01-0{day}T00:00:00+00:00"
        (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    for number, content in enumerate((b"{", b"\xff\xfe", b"[1]", b"[" * 100_000)):
        folder = tmp_path / "broken" / str(number)
        folder.mkdir(parents=True)
        (folder / "report.json").write_bytes(content)
    page = write_index(tmp_path).read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#]+)"', page)
    assert links == ["digits/b%20c/report.html", "x/d/report.html", "digits/a/report.html"]
    assert "cannot be trained" in page and "0.93" in page
    assert not list(tmp_path.glob(".*tmp"))


def test_escapes_and_does_not_leave_the_folder(healthy):
    hostile = [{**healthy, "name": name} for name in ("<script>x</script>", "..", "a/../../b", "javascript:alert(1)")]
    page = render_index(hostile)
    assert "<script" not in page
    links = re.findall(r'href="([^"]+)"', page)
    assert all(
        link.count("/") == 2 + link.startswith("x") and not link.startswith(("..", "javascript:")) for link in links
    )


def test_without_a_report_or_its_date(sample):
    assert "No report was found" in render_index([])
    bare = {**sample.untrainable(), "provenance": {"started": "yesterday"}}
    assert render_index([bare]) == render_index([bare]) and "–" in render_index([bare])


def test_says_what_a_run_advises_otherwise_than_the_one_before(healthy):
    later = json.loads(json.dumps(healthy)) | {"run": "later"}
    later["provenance"]["started"] = "2030-01-01T00:00:00+00:00"
    page = render_index([healthy, later])
    assert "the same advice" in page and page.count("Since ") == 1
    later["recommended"]["optimizer"]["lr"], later["recommended"]["batch_size"] = 0.4, 128
    page = render_index([healthy, later])
    assert "advice: learning rate 0.8 → 0.4, batch size 512 → 128" in page
    assert "0.176 (0.165 to 0.188)" in page


def test_says_what_changed_between_two_runs_of_a_task(healthy):
    later = json.loads(json.dumps(healthy)) | {"run": "later"}
    later["provenance"].update(started="2030-01-01T00:00:00+00:00", task_fingerprint="other")
    later["current"]["optimizer"]["lr"], later["prediction"]["loss"] = 0.8, 0.15
    page = re.sub("<[^>]+>", "", render_index([healthy, later]))
    said = page[page.index("Since 2025-03-14T09-26-53") :][:400]
    assert "code or data changed; in use: learning rate 0.1 → 0.8; the same advice; expected: 0.176" in said
    assert "SGD, OneCycleLR, momentum 0.95, weight decay 0.0005" in page


def test_lists_comparisons(tmp_path, sample):
    folder = tmp_path / "digits" / "a b"
    folder.mkdir(parents=True)
    (folder / "compare.json").write_text(json.dumps(sample.comparison()), encoding="utf-8")
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert 'href="digits/a%20b/compare.html"' in page and "Width 64 does better than 32" in page
    assert "No report was found" not in page
