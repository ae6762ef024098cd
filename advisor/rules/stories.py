"""One fact, one finding: chooses which rule reports a fact that several detect.

A story lists codes for the same fact, the most informative first. The first detected one reports it; the others
become "not applicable" with a pointer to it. Their decisions and requested rounds are kept: only the finding is
suppressed. If a fault blocks training, findings on settings give no advice; if the current settings are kept, no
finding asks for a change. Rules left out with ``--ignore`` suppress nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from advisor.rules.finding import Finding, Verdict

Story = tuple[str, ...]

_RATE: Story = ("LR001", "LR002", "LR010", "LR009", "LR005")
_MOMENTUM: Story = ("MO001", "MO002", "MO004")
_DECAY: Story = ("WD001", "WD002", "WD003")
_BATCH: Story = ("BS008", "BS004", "BS003", "BS002", "BS001")

PROBE_STORIES: tuple[Story, ...] = (
    _RATE,  # The rate is wrong; the schedule measured with the better rate belongs to it.
    _MOMENTUM,
    _DECAY,
    _BATCH,
    ("LR001", "FT008", "FT012"),  # A rate that is too high makes the training loss rise or jump.
    ("FT005", "EX003"),  # Nothing trains, so that most probes diverge.
    ("FT002", "EP001", "EP003", "CA002", "FT003", "FT007", "EP005", "FT004"),  # The run overfits, so it is too long.
    ("CA001", "EP002", "FT001"),  # Training could fit more.
    ("EX004", "BS006", "WD006"),  # Weight decay was not compared again.
    ("LR008", "EX001"),
    ("WD005", "EX001"),
    ("LR004", "EX002"),
)
"""Stories of a diagnosis."""

LOG_STORIES: tuple[Story, ...] = (
    ("FT005", "LR001", "FT008", "FT001"),  # The run diverged.
    ("FT005", "EP001", "EP002", "EP003", "FT004"),  # The length of a diverged run cannot be judged.
    ("LR001", "FT008", "FT006"),  # The rate is too high for the run to settle.
    ("LR002", "EP002", "FT001"),  # The run is too slow, and so it still improves.
    ("FT002", "FT014", "EP001", "EP003", "FT003", "FT007", "EP005", "FT004"),  # The run overfits, so it is too long.
    ("FT002", "FT014", "FT006"),  # Memorisation makes held-out losses jump.
    ("FT002", "FT014", "FT001"),  # It fits the training data, so it does not underfit.
    ("EP002", "EP003", "FT004"),  # It still improves, so there is no plateau.
    *((code, "FT009") for code in ("FT005", "LR001", "FT008", "FT002", "FT014")),  # No good signs in a failing run.
)
"""Stories of a logged run."""

LIVE_STORIES: tuple[Story, ...] = (
    ("PF001", "PF008", "FT005", "LR001", "FT008", "LR002", "FT013", "FT001"),  # It cannot train, or diverged.
    ("PF001", "PF008", "FT005", "FT009"),  # No good signs in such a run.
    *LOG_STORIES,
)
"""Stories of a run in progress."""

_CHANGES = frozenset(
    {"EP001", "EP003", "MO003", "ST001", "BS008", "BS004", "BS006", "EX004", "WD006", *_RATE[1:], *_MOMENTUM, *_DECAY}
)
"""Rules that ask for a change of settings: suppressed if the whole change was measured to gain nothing."""

_BEFORE_TUNING = ("PF", "TL")
"""Families that judge the task rather than its settings."""


def told_once(findings: Sequence[Finding], stories: Iterable[Story]) -> list[Finding]:
    """The findings with one report per fact, in the same order."""
    speakers = _speakers(findings, stories)
    return [_silent(item, speakers[item.code]) if item.code in speakers else item for item in findings]


def _speakers(findings: Sequence[Finding], stories: Iterable[Story]) -> dict[str, str]:
    """The reporting code for each suppressed code."""
    found = [item for item in findings if item.judgement.verdict == Verdict.DETECTED]
    blocker = next((item.code for item in found if item.judgement.blocking), None)
    if blocker is not None:
        about_settings = (item for item in found if item.severity != "fault" and item.family not in _BEFORE_TUNING)
        return {item.code: blocker for item in about_settings}
    detected = {item.code for item in found}
    speakers: dict[str, str] = {}
    for story in stories:
        told = [code for code in story if code in detected]
        for code in told[1:]:
            speakers.setdefault(code, told[0])
    keeper = next((item.code for item in findings if item.judgement.keep_current), None)
    if keeper is not None:
        alone = {item.code for item in found if item.judgement.alone}
        speakers |= dict.fromkeys((_CHANGES & detected) - alone, keeper)
    return {code: _last(code, speakers) for code in speakers}


def _last(code: str, speakers: dict[str, str]) -> str:
    """The end of a chain: a reporting code may itself be suppressed by another story."""
    seen = {code}
    while code in speakers and speakers[code] not in seen:
        code = speakers[code]
        seen.add(code)
    return code


def _silent(finding: Finding, speaker: str) -> Finding:
    judgement = replace(
        finding.judgement,
        verdict=Verdict.NOT_APPLICABLE,
        text=f"reported by {speaker}: {finding.judgement.text}",
        figures=(),
        advice="",
    )
    return replace(finding, title=finding.neutral, judgement=judgement, told_by=speaker)
