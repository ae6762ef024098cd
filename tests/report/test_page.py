"""The page of real and hand-written reports in headless Chromium: axe, print, schemes, links, tables."""

import io
import json
import re
from functools import cache
from pathlib import Path

import pytest

from advisor.report.comparison_page import render_comparison
from advisor.report.index import render_index
from advisor.schema.files import report_from
from tests.report import sample as sample_reports
from tests.report.rendered import page_of

SAMPLES = sorted((Path(__file__).parents[2] / "reports" / "samples").glob("*/*/report.json"))
MADE = ("healthy", "untrainable", "interrupted")
HOSTILE = {
    "<script>window.gone = 1</script>": "<script>window.gone = 1</script>",
    "\"'><img src=x onerror='window.gone = 1'>": "\"'><img src=x onerror='window.gone = 1'>",
    "\x1b[2Jred\x1b]0;gone\x07": "red",
    "W" * 10_000: "W" * 1_499 + "…",
    "\u202egnp.elif\u202c \u05e9\u05dc\u05d5\u05dd": "\ufffdgnp.elif\ufffd \u05e9\u05dc\u05d5\u05dd",
}
OPEN = "all => all.forEach(one => one.open = true)"


def name_of(one):
    return one if isinstance(one, str) else one.parent.name


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Writes the page of a report once; returns its path."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def page(one):
        report = getattr(sample_reports, one)() if isinstance(one, str) else json.loads(one.read_text(encoding="utf-8"))
        path = folder / f"{name_of(one)}-{isinstance(one, str)}.html"
        path.write_text(page_of(report), encoding="utf-8")
        return path

    return page


@pytest.fixture(params=[*MADE[:2], *SAMPLES[1:]], ids=name_of)
def file(request, pages):
    return pages(request.param)


@pytest.fixture
def tab(browser, file):
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    page.goto(file.as_uri())
    yield page
    page.close()


def axe(browser, path, scheme, width=1100):
    run = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(path.as_uri())
    page.eval_on_selector_all("details", OPEN)
    found = run.Axe().run(page).response["violations"]
    context.close()
    return [(item["id"], item["nodes"][0]["html"][:160]) for item in found]


@pytest.mark.parametrize(
    ("one", "scheme", "width"),
    [
        *((one, "light", 1100) for one in (*MADE, *SAMPLES)),
        *((one, *how) for one in MADE[:1] for how in (("dark", 1100), ("light", 360))),
    ],
    ids=lambda value: name_of(value) if isinstance(value, Path) else str(value),
)
def test_axe_finds_no_violation(browser, pages, one, scheme, width):
    assert axe(browser, pages(one), scheme, width) == []


def test_axe_finds_no_violation_in_the_index(browser, tmp_path, sample):
    path, reports = tmp_path / "index.html", (sample.healthy(), sample.healthy(), sample.untrainable())
    path.write_text(render_index([*map(report_from, reports)]), encoding="utf-8")
    assert axe(browser, path, "light") == axe(browser, path, "dark") == []


@pytest.mark.parametrize("one", MADE[:2])
def test_dark_is_dark_and_light_is_light(browser, pages, one):
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    means = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 800, "height": 900}, color_scheme=scheme)
        page.goto(pages(one).as_uri())
        grey = image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
        counts = grey.histogram()
        means[scheme] = sum(value * n for value, n in enumerate(counts)) / sum(counts)
        page.close()
    assert means["light"] > 215 and means["dark"] < 70, means


def test_print_cuts_no_figure(browser, file):
    """Laid out for A4 paper, every figure fits its page, and the printed PDF has pages."""
    page = browser.new_page(viewport={"width": 718, "height": 1047})  # A4 less margins of 1 cm at 96 dpi
    page.emulate_media(media="print")
    page.goto(file.as_uri())
    boxes = page.evaluate(
        "[...document.querySelectorAll('figure')].map(f => [f.getBoundingClientRect().height,"
        " f.querySelector('svg').getBoundingClientRect().right, getComputedStyle(f).breakInside])"
    )
    tall = [box for box in boxes if box[0] > 1047 or box[1] > 718 or box[2] != "avoid"]
    assert not tall
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    pdf = page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "1cm"))
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
    page.close()


def test_every_figure_has_table_and_description(tab):
    bad = tab.evaluate(
        "[...document.querySelectorAll('figure')].filter(f => !f.querySelector('details table tbody tr')"
        " || !f.querySelector('svg desc').textContent.trim() || !f.querySelector('figcaption').textContent.trim())"
        ".map(f => f.id)"
    )
    assert bad == []


@pytest.mark.parametrize("width", [1100, 360])
def test_no_words_of_a_figure_are_cut(tab, width):
    tab.set_viewport_size({"width": width, "height": 900})
    cut = tab.evaluate(
        "[...document.querySelectorAll('figure svg')].flatMap(s => { const box = s.getBoundingClientRect();"
        " return [...s.querySelectorAll('text')].filter(t => { const r = t.getBoundingClientRect();"
        " return r.top < box.top - 2 || r.bottom > box.bottom + 2"
        " || r.left < box.left - 2 || r.right > box.right + 2 })"
        ".map(t => s.parentElement.parentElement.id + ': ' + t.textContent) })"
    )
    assert cut == []


def test_every_claim_links_to_its_evidence_and_every_link_arrives(tab):
    claims = tab.evaluate(
        "[...document.querySelectorAll('article.finding')].map(a => [a.id,"
        " [...a.querySelectorAll('.foot a[href^=\"#\"]')].map(l => l.getAttribute('href'))"
        ".filter(h => !h.startsWith('#term-'))])"
    )
    assert [name for name, links in claims if not links] == []
    lost = tab.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))"
        ".filter(h => !document.getElementById(h.slice(1)))"
    )
    assert lost == []


def test_keyboard_reaches_the_verdict_first(tab):
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"
    tab.keyboard.press("Enter")
    tab.wait_for_function("location.hash === '#main'")


def test_keyboard_reaches_every_link_region_and_summary(tab):
    wanted = tab.evaluate("document.querySelectorAll('a[href], summary, [tabindex=\"0\"]').length")
    seen = tab.evaluate(
        "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter(one => { one.focus();"
        " return document.activeElement === one || one.closest('details:not([open])') }).length"
    )
    assert seen == wanted
    tab.focus("summary")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    shut = tab.evaluate("!document.activeElement.parentElement.open")
    tab.keyboard.press("Enter")
    tab.wait_for_function(f"document.activeElement.parentElement.open === {str(shut).lower()}")


def put_everywhere(value, word, keep):
    if isinstance(value, dict):
        return {key: item if key in keep else put_everywhere(item, word, keep) for key, item in value.items()}
    if isinstance(value, list):
        return [put_everywhere(item, word, keep) for item in value]
    return word if isinstance(value, str) else value


@pytest.mark.parametrize("word", HOSTILE, ids=["script", "quotes", "escapes", "long", "right to left"])
def test_hostile_names_are_text_in_the_browser(browser, tmp_path, sample, word):
    keep = ("status", "verdict", "severity", "confidence", "knob", "scale", "figures", "kind", "url", "id", "key")
    report = put_everywhere(sample.healthy(), word, keep)
    choice = {"value": 0.1, "low": 0.1, "high": 0.2, "verdict": "resolved", "noise": 0.01}
    choice["curve"] = {"x": [0.1, 0.2, 0.3], "y": [0.1, 0.2, 0.3]}
    report["series"]["both"] = {
        "metric": word, "higher_is_better": True, "length": 0.0625, "factor": 2.0, "cost": {"loss": 0.1, "metric": 0.1},
        "points": [{"value": 0.1 * i, "loss": 0.1 * i, "metric": 0.9} for i in (1, 2, 3)],
        "by": {"loss": choice, "metric": choice},
    }  # fmt: skip
    report["profile"]["batch"] = {
        "rows": [
            {"batch_size": 8 * i, "examples_per_second": 100.0 * i, "fits": i < 3, "error": word} for i in (1, 2, 3)
        ]
    }
    path = tmp_path / "hostile.html"
    path.write_text(page_of(report), encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    page.eval_on_selector_all("details", OPEN)
    assert page.evaluate("window.gone === undefined && document.scripts.length === 0 && document.images.length === 0")
    assert said == [] and page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.inner_text("header.top b") == HOSTILE[word]
    page.close()


def test_a_comparison_is_accessible_and_fits_a_phone(browser, tmp_path, sample):
    path = tmp_path / "compare.html"
    path.write_text(render_comparison(sample.compared()), encoding="utf-8")
    assert axe(browser, path, "light") == axe(browser, path, "dark", 360) == []
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
