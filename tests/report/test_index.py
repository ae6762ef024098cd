import json
import re

from advisor.report.index import render_index, write_index


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


def test_tolerates_anything():
    assert "No report was found" in render_index([])
    assert render_index([{}, {"provenance": {"started": "yesterday"}, "recommended": None, "cost": None}])
    assert render_index([{}]) == render_index([{}])


def test_says_what_a_run_advises_otherwise_than_the_one_before(healthy):
    later = json.loads(json.dumps(healthy)) | {"run": "later"}
    later["provenance"]["started"] = "2030-01-01T00:00:00+00:00"
    page = render_index([healthy, later])
    assert "the same advice" in page and page.count("Since ") == 1
    later["recommended"]["optimizer"]["lr"], later["recommended"]["batch_size"] = 0.4, 128
    page = render_index([healthy, later])
    assert "learning rate 0.8 → 0.4; batch size 512 → 128" in page
    assert "0.176 (0.165 to 0.188)" in page
