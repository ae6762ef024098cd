"""One line for each term that the report uses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.report.formatting import clean, slug

_TERMS = {
    "1cycle": (
        "1cycle|onecyclelr",
        "a schedule: the rate rises to its peak in the first third, then falls to almost 0.",
    ),
    "AdamW": ("adamw", "an optimizer that scales each weight's step and applies weight decay apart from the gradient."),
    "batch size": ("batch size|batch sizes", "how many examples are averaged into one step of the optimizer."),
    "bracket": ("bracket", "the range of rates worth trying: from where training begins to work to where it diverges."),
    "ceiling": ("ceiling", "the largest learning rate before training diverges."),
    "checkpoint": ("checkpoint|checkpoints", "the weights saved at one point of training."),
    "critical batch size": (
        "critical batch size|critical batch|noise scale|gradient noise scale",
        "where gradient noise and signal are equal: beyond it, larger batches mostly cost more examples.",
    ),
    "diverged": ("diverged|diverges|divergence", "the loss exploded or became infinite instead of falling."),
    "effective rank": (
        "effective rank",
        "how many independent directions the inputs really use; at most the number of features.",
    ),
    "epoch": ("epoch|epochs", "one pass over all training examples."),
    "full run": (
        "full run|full runs",
        "your own training: all your epochs at your batch size. Costs are shares of it.",
    ),
    "gap": ("gap|validation less training loss", "validation loss minus training loss; it grows as a model overfits."),
    "gradient clipping": (
        "clipping|clip_grad_norm",
        "gradients with a norm above the limit are scaled down to it.",
    ),
    "interval": (
        "interval",
        "the values that the measurement cannot distinguish from the best; the true optimum may be any of them.",
    ),
    "knee": ("knee", "where a curve stops rising steeply: more of the same gains little."),
    "ladder": ("ladder|rung|rungs", "short complete runs at rising learning rates: the best rung shows the rate."),
    "learning rate": ("learning rate|learning rates|peak rate|lr", "the size of the optimizer's steps."),
    "logits": ("logits", "raw outputs of a classifier, before softmax."),
    "momentum": ("momentum|momenta|beta|betas", "how much of the last step's direction is kept; Adam calls it beta 1."),
    "nearest neighbours": ("nearest neighbours", "a baseline that predicts the label of the most similar example."),
    "noise": ("noise", "how much the result varies with the random seed: smaller differences mean nothing."),
    "overfitting": (
        "overfit|overfits|overfitting",
        "the model memorises the training data: validation gets worse.",
    ),
    "probe": ("probe|probes", "one short training run made for this report."),
    "range test": ("range test|range tests", "one short run whose rate rises continuously until training diverges."),
    "schedule": ("schedule", "how the learning rate changes during a run."),
    "seed": ("seed|seeds", "the number that fixes starting weights and the order of examples."),
    "softmax": ("softmax", "turns raw outputs into probabilities; PyTorch's cross-entropy includes it."),
    "step": ("step|steps", "one update of the weights, from one batch."),
    "underfitting": (
        "underfit|underfits|underfitting",
        "the model has not learned all that it could: train longer or use a larger model.",
    ),
    "validation loss": ("validation loss", "the loss on examples that are not trained on: training is judged by it."),
    "warm-up": ("warm-up|warmup", "the first steps, in which the rate rises."),
    "weight decay": (
        "weight decay|weight decays|weight-decay",
        "shrinks all weights towards 0 at each step, against overfitting.",
    ),
}
_FORMS = {form: term for term, (forms, _) in _TERMS.items() for form in forms.split("|")}
_FOUND = re.compile(
    r"(?<![\w=.-])(" + "|".join(sorted(map(re.escape, _FORMS), key=len, reverse=True)) + r")(?![\w=-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the glossary.

    Attributes:
        words: The term.
        anchor: Id of its entry.
        meaning: Its definition.
    """

    words: str
    anchor: str
    meaning: str


def terms_in(*texts: str) -> list[Term]:
    """The terms that occur in some texts, in glossary order."""
    seen = {_FORMS[match.lower()] for text in texts if text for match in _FOUND.findall(clean(text))}
    return [_term(name) for name in _TERMS if name in seen]


def _term(name: str) -> Term:
    return Term(name, anchor(name), _TERMS[name][1])


def anchor(term: str) -> str:
    """Id of a term's entry in the page; empty if it has none."""
    known = _FORMS.get(term.lower(), term)
    return f"term-{slug(known)}" if known in _TERMS else ""


def glossary(anchors: Iterable[str]) -> list[Term]:
    """The entries with the given anchors."""
    wanted = set(anchors)
    return [_term(name) for name in _TERMS if anchor(name) in wanted]
