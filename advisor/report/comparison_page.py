"""compare.html: one page without scripts or network, a pure function of compare.json."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from advisor.report.figures.variants import difference, finite_losses, name_of, results_figure, tuned_figure
from advisor.report.formatting import flat, listing, one_line
from advisor.report.glossary import anchor, glossary, terms_in
from advisor.report.html import environment
from advisor.schema.base import plain
from advisor.schema.comparison import ComparisonReport, Variant
from advisor.utils.numbers import length, number

_TERMS = ("full run", "learning rate", "noise", "seed", "interval", "diverged", "validation loss")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A variant as text."""

    value: str
    lr: str
    mean: str
    difference: str
    verdict: str


def render_comparison(report: ComparisonReport) -> str:
    """Renders the comparison as a self-contained HTML page; the output is deterministic."""
    variants, varied, goal = report.variants, _varied(report), one_line(report.objective or "validation loss", 40)
    figures = [results_figure(variants, varied, goal, report.level, "fig-results")] if variants else []
    tuned = tuned_figure(variants, varied, goal, "fig-tuned")
    figures += [tuned] if tuned is not None else []
    captions = {figure.anchor: terms_in(figure.title, figure.note, figure.description) for figure in figures}
    used = [term.anchor for listed in captions.values() for term in listed] + [anchor(name) for name in _TERMS]
    return (
        environment()
        .get_template("compare.html.j2")
        .render(
            report=report,
            varied=varied,
            goal=goal,
            verdict=verdict(report),
            variants=[_shown(variant) for variant in variants],
            seeds=max((len(variant.losses) for variant in variants), default=0),
            share=f"{report.level:.0%}",
            length=length(report.length),
            fixed=report.fixed.replace("_", " "),
            figures=figures,
            captions=captions,
            glossary=glossary(used),
            provenance=flat(plain(report.provenance)),
        )
    )


def _varied(report: ComparisonReport) -> str:
    return one_line(report.varied, 60)


def verdict(report: ComparisonReport) -> str:
    """One sentence that states the result."""
    if len(report.variants) < 2:
        return "Nothing was compared."
    reference, *others = report.variants
    first, varied = name_of(reference), _varied(report)
    better = [variant for variant in others if variant.verdict == "better"]
    if better:
        best = min(better, key=lambda variant: mean(finite_losses(variant) or [float("inf")]))
        by = "" if best.difference is None else f", by {number(abs(best.difference))}"
        return f"{varied} {name_of(best)} does better than {first}{by}: more than the noise between seeds."
    parts = [
        f"{listing(_named(others, kind))} {words}"
        for kind, words in (
            ("worse", "does worse"),
            ("fails", "fails under some seed"),
            ("no difference beyond the noise", "is indistinguishable from it"),
        )
        if _named(others, kind)
    ]
    return f"No {varied} that was tried beats {first}: {'; '.join(parts)}."


def _named(variants: Sequence[Variant], verdict: str) -> list[str]:
    return [name_of(variant) for variant in variants if variant.verdict == verdict]


def _shown(variant: Variant) -> _Shown:
    losses = finite_losses(variant)
    shown = number(mean(losses)) if losses else "diverged"
    return _Shown(name_of(variant), number(variant.lr), shown, difference(variant), variant.verdict)
