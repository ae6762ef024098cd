"""report.html: one page without scripts or network, a pure function of report.json."""

from dataclasses import fields
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from advisor.report import formatting
from advisor.report.view import view
from advisor.schema.report import Report
from advisor.utils import numbers


def render(report: Report) -> str:
    """Renders the report as a self-contained HTML page; the output is deterministic."""
    shown = view(report)
    variables = {field.name: getattr(shown, field.name) for field in fields(shown)}
    return environment().get_template("report.html.j2").render(variables)


@cache
def environment() -> Environment:
    """The template environment; all inserted values are cleaned and escaped."""
    made = Environment(
        loader=PackageLoader("advisor.report", "templates"),
        autoescape=True,
        finalize=_harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=numbers.number,
        fixed=numbers.fixed,
        count=numbers.count,
        duration=numbers.duration,
        share=numbers.length,
        drawing=Markup,
        prose=_prose,
        sentence=formatting.sentence,
    )
    made.globals["sure"] = formatting.CONFIDENCE
    return made


def _prose(value: object) -> Markup:
    """Cleaned and escaped text; `code` in backticks becomes a code element."""
    parts = formatting.clean(value).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if i % 2 else escape(part) for i, part in enumerate(parts))


def _harmless(value: object) -> str:
    return value if isinstance(value, Markup) else formatting.clean(value)
