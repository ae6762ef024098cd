"""Text about a run in progress: positions as steps, and which checkpoint to keep."""

import re

import msgspec

from advisor.report.formatting import CONFIDENCE, one_line
from advisor.rules.finding import Finding
from advisor.schema import finding as schema
from advisor.schema.watching import WatchReport
from advisor.utils.numbers import number
from advisor.watching.verdicts import Event

_SHARE = re.compile(r"(\d+)% of the run")


def told(finding: Finding, step: int, ended: bool) -> schema.Finding:
    """The finding as written to watch.json; during the run, shares of the run become steps."""
    made = finding.as_part()
    if ended:
        return made
    evidence = msgspec.structs.replace(made.evidence, text=as_steps(made.evidence.text, step))
    return msgspec.structs.replace(made, evidence=evidence, advice=as_steps(made.advice, step))


def as_steps(text: str, step: int) -> str:
    """Converts ``40% of the run`` to ``step 360`` if 900 steps were made so far."""
    there = _SHARE.sub(lambda match: f"step {round(int(match[1]) * step / 100)}", text)
    return there.replace("at its end", "now").replace("at the end", "now")


def lines_of(event: Event, total: int | None, ended: bool) -> list[str]:
    """One event as terminal lines."""
    made = told(event.finding, event.step, ended)
    at = f"step {event.step}" + (f" of {total}" if total else "")
    if event.kind == "taken_back":
        return [one_line(f"advisor: {at}: withdrawn, no longer holds: {made.code} {made.title}", 400)]
    lines = [one_line(f"advisor: {at}: {_headed(made)}", 400), "    seen: " + one_line(made.evidence.text, 600)]
    return lines + (["    do:   " + one_line(made.advice, 600)] if made.advice else [])


def hint(best: tuple[int, float] | None, last_finite: float) -> str:
    """Which checkpoint to keep."""
    if best is not None:
        return f"the validation loss was lowest at step {best[0]} ({number(best[1])}): keep the weights of that step"
    if last_finite == last_finite:
        return f"the training loss was last finite at step {last_finite:.0f}: go back to weights from before that step"
    return ""


def status_lines(report: WatchReport) -> list[str]:
    """A watched run as terminal lines."""
    of = f" of {report.total_steps}" if report.total_steps else ""
    took = f", watching took {report.overhead:.1%}" if report.overhead is not None else ""
    lines = [one_line(f"{report.name}: {report.state}, step {report.step}{of}{took}", 300)]
    lines += [
        one_line(f"  {role}: best {number(curve.best)}, last {number(curve.final)} ({curve.points} values)", 300)
        for role, curve in report.curves.items()
    ]
    for item in report.verdicts:
        back = f", withdrawn at step {item.taken_back_at}" if item.state == "taken_back" else ""
        lines.append(f"  {one_line(_headed(item.finding), 300)}, reported at step {item.said_at}{back}")
        if item.state == "holds":
            lines.append("      seen: " + one_line(item.finding.evidence.text, 600))
            lines += ["      do:   " + one_line(item.finding.advice, 600)] if item.finding.advice else []
    if not report.verdicts:
        lines.append("  no findings" + ("" if report.judged else ": not judged yet"))
    lines += [f"  keep: {one_line(report.hint, 300)}"] if report.hint else []
    return lines + [f"  note: {one_line(note, 300)}" for note in report.notes]


def _headed(finding: schema.Finding) -> str:
    return f"{finding.code} {finding.title} ({finding.severity}, {CONFIDENCE[finding.confidence]})"
