import pytest

from advisor.report.index import render_index
from advisor.schema.files import report_from
from tests.report.rendered import page_of


def open_page(browser, path, width=1280, scheme="light"):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return page, said, asked


@pytest.fixture
def path(tmp_path, report):
    file = tmp_path / "report.html"
    file.write_text(page_of(report), encoding="utf-8")
    return file


def test_quiet_and_offline(browser, path):
    page, said, asked = open_page(browser, path)
    assert page.title() == "digits-cnn: tuning report"
    assert said == []
    assert asked == [path.as_uri()]
    page.close()


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_sideways_scroll(browser, path, width):
    page, _, _ = open_page(browser, path, width)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_long_words_do_not_widen_the_page(browser, tmp_path, healthy):
    word = "W" * 10_000
    healthy["name"] = healthy["verdict"] = healthy["run"] = word
    for name in ("title", "advice", "doubt"):
        healthy["findings"][0][name] = word
    healthy["changes"][0].update(setting=word, to=word, worth=word)
    healthy["knobs"][0]["at_stake"]["text"] = healthy["rounds"][0]["fixed"] = word
    healthy["series"]["curves"][0]["label"] = healthy["arms"][0]["label"] = word
    healthy["profile"]["data"][word] = word
    file = tmp_path / "long.html"
    file.write_text(page_of(healthy), encoding="utf-8")
    page, _, _ = open_page(browser, file, 360)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


CONTRAST = """
() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const read = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (let at = node; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!own || ['title', 'desc'].includes(node.tagName)) continue;
    const style = getComputedStyle(node);
    const text = read(node.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(text), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) bad.push(`${node.tagName} ${node.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return bad;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(browser, path, scheme):
    page, _, _ = open_page(browser, path, scheme=scheme)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    assert page.evaluate(CONTRAST) == []
    page.close()


def test_index_opens(browser, tmp_path, sample):
    file = tmp_path / "index.html"
    file.write_text(render_index([*map(report_from, (sample.healthy(), sample.untrainable()))]), encoding="utf-8")
    page, said, asked = open_page(browser, file, 360)
    assert said == [] and len(asked) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
