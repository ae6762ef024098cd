import copy
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from advisor.report.html import render
from advisor.schema.files import report_from
from tests.report.rendered import figures_of, page_of

VOID = {"meta", "br", "link", "img", "input", "hr"}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</style><style>*{display:none}</style>",
    "{{ 7 * 7 }} {% raw %} $\\frac{1}{0}$ $",
    "\x1b[31mred\x1b[0m\x07\x00\x9b2J",
    "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "lone \ud800 surrogate",
    "W" * 10_000,
    ']]>--><!-- id="x" url(#y) #a00001',
]


class Page(HTMLParser):
    """The page as a list of elements; checks that tags are balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.stack: list[str] = []
        self.feed(text)
        self.close()
        assert not self.stack, f"unclosed: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.stack)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.stack)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack[-1] == tag, f"</{tag}> closes {self.stack[-3:]}"
        self.stack.pop()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs, _ in self.elements if name == tag]

    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs, _ in self.elements if "id" in attrs]


def strings(value: Any, put: str, keep: tuple[str, ...]) -> Any:
    """``value`` with every string replaced by ``put``, except under the keys ``keep``."""
    if isinstance(value, dict):
        return {key: item if key in keep else strings(item, put, keep) for key, item in value.items()}
    if isinstance(value, list):
        return [strings(item, put, keep) for item in value]
    return put if isinstance(value, str) else value


def test_same_report_same_bytes(report):
    before = copy.deepcopy(report)
    read = report_from(report)
    assert render(read) == render(report_from(copy.deepcopy(report))) == render(read)
    assert report == before, "render changed its argument"


def test_is_small_and_self_contained(report):
    page = page_of(report)
    assert len(page.encode()) < 1_000_000
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    parsed = Page(page)
    assert not parsed.all("script") and not parsed.all("link") and not parsed.all("img")
    css = page[page.index("<style>") : page.index("</style>")]
    assert "@import" not in css and "url(" not in css
    assert not re.search(r'\bon\w+="', page)


def test_large_run_stays_small(healthy):
    healthy["arms"] = healthy["arms"] * 100
    healthy["series"]["responses"] = healthy["series"]["responses"] * 10
    curve = healthy["series"]["curves"][0]
    for name in ("step", "train_loss", "lr", "momentum"):
        curve[name] = curve[name] * 100
    assert len(page_of(healthy).encode()) < 1_000_000


def test_structure_is_accessible(report):
    parsed = Page(page_of(report))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(parsed.all(landmark)) >= 1
    levels = [int(tag[1]) for tag, _, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = parsed.ids()
    assert len(ids) == len(set(ids)), sorted({name for name in ids if ids.count(name) > 1})
    links = [str(attrs["href"]) for attrs in parsed.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    uses = [str(attrs.get("xlink:href")) for attrs in parsed.all("use")]
    assert {name[1:] for name in uses} <= set(ids)


def test_every_figure_has_words_and_a_table(healthy):
    parsed = Page(page_of(healthy))
    count = len(parsed.all("figure"))
    assert count == 7
    drawings = parsed.all("svg")
    assert len(drawings) == count and all(attrs.get("role") == "img" for attrs in drawings)
    ids = set(parsed.ids())
    for drawing in drawings:
        assert set(str(drawing["aria-labelledby"]).split()) <= ids
    inside = [tag for tag, _, stack in parsed.elements if "figure" in stack]
    assert inside.count("table") == inside.count("details") == inside.count("desc") == count
    for figure in figures_of(healthy):
        assert figure.title and figure.description and figure.rows
        assert all(len(row) == len(figure.head) for row in figure.rows)


def test_figures_take_every_colour_from_the_page(healthy):
    for figure in figures_of(healthy):
        assert not re.search(r"#[0-9a-fA-F]{6}\b", figure.svg), figure.id
        assert "black" not in figure.svg and "<style" not in figure.svg
        declared = re.findall(r"(?:fill|stroke): ([^;\"]+)", figure.svg)
        assert declared and all(value.startswith(("var(--", "none")) for value in declared), set(declared)


def test_every_finding_with_a_figure_links_to_it(healthy):
    page = page_of(healthy)
    ids = set(Page(page).ids())
    for finding in healthy["findings"]:
        if finding["verdict"] not in ("detected", "not_identifiable"):
            continue
        article = page[page.index(f'id="finding-{finding["code"]}"') :]
        article = article[: article.index("</article>")]
        targets = re.findall(r'<a href="#(fig-[^"]+)"', article)
        assert len(targets) == len(finding["evidence"]["figures"]) and set(targets) <= ids


def test_findings_are_ordered_by_what_matters(healthy, sample):
    healthy["findings"].append(sample.finding("PF001", "A fault", severity="fault", confidence="low"))
    page = page_of(healthy)
    order = [page.index(f'id="finding-{code}"') for code in ("PF001", "LR002", "LR009", "BS004", "EP004")]
    assert order == sorted(order)


@pytest.mark.parametrize("put", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_strings_do_nothing(healthy, put):
    keep = ("status", "verdict", "severity", "confidence", "knob", "scale", "figures", "kind", "url")
    hostile = strings(healthy, put, keep)
    hostile["verdict"] = hostile["provenance"][put] = hostile["profile"]["data"][put] = put
    hostile["recommended"]["optimizer"][put] = put
    hostile["findings"][0]["sources"] = [{"id": put, "text": put, "url": "javascript:alert(1)"}]
    hostile["findings"][1]["evidence"]["values"] = {put: put}
    page = page_of(hostile)
    page.encode("utf-8")
    parsed = Page(page)
    tags = {tag for tag, _, _ in parsed.elements}
    assert not tags & {"script", "img", "iframe"} and len(parsed.all("style")) == 1
    assert "javascript:" not in page.replace("javascript:alert(1)</", "")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert len(page.encode()) < 1_000_000
    ids = parsed.ids()
    assert len(ids) == len(set(ids))


def test_template_syntax_in_names_is_text(healthy):
    healthy["name"] = "{{ 7 * 7 }}"
    assert "{{ 7 * 7 }}" in page_of(healthy)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " https://x", "//x", ""])
def test_only_web_addresses_become_links(healthy, url):
    healthy["findings"][1]["sources"] = [{"id": "x", "text": "words", "url": url}]
    links = [attrs["href"] for attrs in Page(page_of(healthy)).all("a")]
    assert all(str(link).startswith(("#", "https://", "config.yaml", "report.json")) for link in links)


def test_a_report_without_optional_parts(healthy):
    bare = {**healthy, "series": {}, "profile": {}, "provenance": {}, "recommended": None, "prediction": None}
    bare |= {part: [] for part in ("changes", "knobs", "findings", "rounds", "arms")}
    for status in ("advice", "untrainable", "interrupted"):
        page = Page(page_of({**bare, "status": status}))
        assert not page.all("figure")


def test_null_values_in_series(healthy):
    for test in healthy["series"]["range_tests"]:
        test["train_loss"][10:20] = [None] * 10
        test["smoothed"] = [None] * len(test["smoothed"])
        test["ceiling"] = test["best_lr"] = None
    for response in healthy["series"]["responses"]:
        response["points"][0].update(loss=None, losses=[None])
        response["curve"] = response["best"] = response["noise"] = None
    healthy["series"]["curves"][0]["val_loss"][-1] = None
    curve = healthy["series"]["curves"][0]
    curve["lr"] = [None] * len(curve["lr"])
    assert all(figure.svg and "nan" not in figure.svg.lower() for figure in figures_of(healthy))


def test_all_diverged_response_is_drawn(healthy):
    for point in healthy["series"]["responses"][0]["points"]:
        point.update(loss=None, losses=[], diverged=True)
    healthy["series"]["responses"][0].update(curve=None, best=None, verdict="unmeasured")
    assert all(figure.svg for figure in figures_of(healthy))


def test_untrainable_leads_with_the_fault(sample):
    page = page_of(sample.untrainable())
    assert 'id="config"' not in page and "load_config" not in page
    assert page.index("softmax and the loss") < page.index("<nav")
    assert "Fix it and run" in page


def test_interrupted_says_what_is_open(sample):
    page = page_of(sample.interrupted())
    assert "The run was interrupted." in page
    assert "Still open: batch size, schedule, weight decay, momentum, epochs." in page
    assert "Your current settings were not given." in page and "current (assumed)" in page


def test_healthy_shows_config_and_snippet(healthy):
    page = page_of(healthy)
    assert "max_lr: 0.8" in page and "advisor.load_config(&#34;config.yaml&#34;)" in page.replace(
        '"config.yaml")', "&#34;config.yaml&#34;)"
    )
    assert "Your current settings were not given." not in page
    assert "What would change the verdict" in page
