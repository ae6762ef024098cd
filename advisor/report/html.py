"""report.html: one page without scripts or network, a pure function of report.json."""

from functools import cache
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup, escape

from advisor.report import formatting
from advisor.report.view import view


def render(report: dict[str, Any]) -> str:
    """The report as a self-contained HTML page.

    Args:
        report: What report.json holds (schema 1). Parts that are missing or null are left out of the page.

    Returns:
        HTML text, the same bytes for the same report.
    """
    return environment().get_template("report.html.j2").render(view(report))


@cache
def environment() -> Environment:
    """The template environment: everything that is put in is cleaned and escaped."""
    made = Environment(
        loader=PackageLoader("advisor.report", "templates"),
        autoescape=True,
        finalize=_harmless,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=formatting.number,
        fixed=formatting.fixed,
        count=formatting.count,
        duration=formatting.duration,
        share=formatting.length,
        setting=formatting.setting,
        knob=formatting.knob,
        drawing=Markup,
        prose=_prose,
        sentence=formatting.sentence,
    )
    made.globals["sure"] = formatting.CONFIDENCE
    return made


def _prose(value: Any) -> Markup:
    """Cleaned and escaped text, `code` between backticks set as code."""
    parts = formatting.clean("" if value is None else value).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if i % 2 else escape(part) for i, part in enumerate(parts))


def _harmless(value: Any) -> Any:
    return value if isinstance(value, Markup) else formatting.clean("" if value is None else value)
