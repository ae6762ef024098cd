"""compare.html: one page without scripts or network, a pure function of compare.json."""

from statistics import mean
from typing import Any

from advisor.report.figures.variants import difference, finite_losses, name_of, results_figure, tuned_figure
from advisor.report.formatting import flat, length, listing, number, one_line
from advisor.report.glossary import anchor, glossary, terms_in
from advisor.report.html import environment
from advisor.report.lenient import finite, mapping, mappings, text

_TERMS = ("full run", "learning rate", "noise", "seed", "interval", "diverged", "validation loss")


def render_comparison(data: dict[str, Any]) -> str:
    """The comparison as a self-contained HTML page.

    Args:
        data: What compare.json holds. Parts that are missing or null are left out of the page.

    Returns:
        HTML text, the same bytes for the same comparison.
    """
    variants, varied = mappings(data.get("variants")), one_line(text(data.get("varied"), "value"), 60)
    goal, level = one_line(text(data.get("objective"), "validation loss"), 40), finite(data.get("level"))
    figures = [results_figure(variants, varied, goal, level, "fig-results")] if variants else []
    tuned = tuned_figure(variants, varied, goal, "fig-tuned")
    figures += [tuned] if tuned is not None else []
    captions = {figure.anchor: terms_in(figure.title, figure.note, figure.description) for figure in figures}
    used = [term["anchor"] for listed in captions.values() for term in listed] + [anchor(name) for name in _TERMS]
    seeds = max((len(variant["losses"]) for variant in variants if isinstance(variant.get("losses"), list)), default=0)
    return environment().get_template("compare.html.j2").render(
        name=text(data.get("name"), "comparison"), run=text(data.get("run")), varied=varied, goal=goal,
        verdict=verdict(variants, varied), variants=[_variant(variant) for variant in variants], seeds=seeds,
        share=f"{level:.0%}" if level is not None else "", length=length(data.get("length")),
        fixed=text(data.get("fixed")).replace("_", " "), cost=mapping(data.get("cost")), figures=figures,
        captions=captions, glossary=glossary(used), provenance=flat(data.get("provenance")),
    )  # fmt: skip


def verdict(variants: list[dict[str, Any]], varied: str) -> str:
    """One sentence that answers the question."""
    if len(variants) < 2:
        return "Nothing was compared."
    first = name_of(variants[0])
    by_verdict = {
        kind: [variant for variant in variants[1:] if variant.get("verdict") == kind]
        for kind in ("better", "worse", "fails", "no difference beyond the noise")
    }
    better = by_verdict["better"]
    if better:
        best = min(better, key=lambda variant: mean(finite_losses(variant) or [float("inf")]))
        apart = difference(best)
        by = f", by {number(abs(float(best['difference'])))}" if apart != "–" else ""
        return f"{varied} {name_of(best)} does better than {first}{by}: more than the noise between seeds."
    parts = [
        f"{listing([name_of(variant) for variant in by_verdict[kind]])} {words}"
        for kind, words in (
            ("worse", "does worse"),
            ("fails", "fails under some seed"),
            ("no difference beyond the noise", "cannot be told apart from it"),
        )
        if by_verdict[kind]
    ]
    return f"No {varied} that was tried beats {first}: {'; '.join(parts)}."


def _variant(variant: dict[str, Any]) -> dict[str, Any]:
    losses = finite_losses(variant)
    return {
        "value": name_of(variant),
        "lr": number(variant.get("lr")),
        "mean": number(mean(losses)) if losses else "diverged",
        "difference": difference(variant),
        "verdict": text(variant.get("verdict"), "–"),
    }
