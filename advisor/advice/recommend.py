"""From findings to one recommended configuration: every setting is decided by a rule or kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.config.config import Config
from advisor.config.hparams import HParams
from advisor.evidence.evidence import Evidence
from advisor.records.spec import Keywords
from advisor.rules.finding import Finding

_KEPT_FROM_USER = ("lr", "weight_decay", "batch_size", "clip_grad_norm")


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What is recommended.

    Attributes:
        hparams: The tuned numbers.
        config: The same as a configuration that can be used.
        decided: Code of the finding that tells of each setting that was decided.
        kept: Whether it is the present configuration, unchanged.
    """

    hparams: HParams
    config: Config
    decided: dict[str, str]
    kept: bool = False


def choose(evidence: Evidence, findings: Sequence[Finding]) -> Recommendation:
    """Folds what the findings set over the user's settings. Rules that were left out change nothing."""
    if any(finding.judgement.keep_current for finding in findings):
        return _present(evidence)
    settings: Keywords = {}
    decided: dict[str, str] = {}
    for finding in findings:
        for name, value in finding.judgement.settings.items():
            settings[name] = value
            decided[name] = finding.told_by or finding.code
    user = HParams.starting_from(evidence.current)
    kept = {name: getattr(user, name) for name in _KEPT_FROM_USER if name not in settings}
    epochs = int(settings.pop("epochs", evidence.current.epochs))
    hparams = evidence.choice.with_(**{**kept, **settings})
    steps = max(1, evidence.facts.train_size // hparams.batch_size) * epochs
    return Recommendation(hparams, hparams.config(epochs, steps), decided)


def _present(evidence: Evidence) -> Recommendation:
    """What the user has, as it is."""
    now = evidence.current_settings
    hparams = HParams.starting_from(evidence.current).with_(
        lr=now.peak_lr, momentum=now.momentum, weight_decay=now.weight_decay
    )
    return Recommendation(hparams, evidence.current, {}, kept=True)
