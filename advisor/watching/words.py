"""What is said of a run that runs, in words: places in the run as steps, and which weights to keep."""

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
    """The finding as watch.json holds it; while the run runs, shares of it become steps."""
    made = finding.as_part()
    if ended:
        return made
    evidence = msgspec.structs.replace(made.evidence, text=as_steps(made.evidence.text, step))
    return msgspec.structs.replace(made, evidence=evidence, advice=as_steps(made.advice, step))


def as_steps(text: str, step: int) -> str:
    """``40% of the run`` as ``step 360`` where 900 steps were made so far."""
    there = _SHARE.sub(lambda match: f"step {round(int(match[1]) * step / 100)}", text)
    return there.replace("at its end", "now").replace("at the end", "now")


def lines_of(event: Event, total: int | None, ended: bool) -> list[str]:
    """One event for the terminal."""
    made = told(event.finding, event.step, ended)
    at = f"step {event.step}" + (f" of {total}" if total else "")
    if event.kind == "taken_back":
        return [one_line(f"advisor: {at}: taken back, it no longer holds: {made.code} {made.title}", 400)]
    lines = [one_line(f"advisor: {at}: {_headed(made)}", 400), "    seen: " + one_line(made.evidence.text, 600)]
    return lines + (["    do:   " + one_line(made.advice, 600)] if made.advice else [])


def hint(best: tuple[int, float] | None, last_finite: float) -> str:
    """Which weights to keep."""
    if best is not None:
        return f"the validation loss was lowest at step {best[0]} ({number(best[1])}): keep the weights of there"
    if last_finite == last_finite:
        return f"the training loss was last a number at step {last_finite:.0f}: go back to weights of before it"
    return ""


def status_lines(report: WatchReport) -> list[str]:
    """A watched run for the terminal."""
    of = f" of {report.total_steps}" if report.total_steps else ""
    took = f", watching took {report.overhead:.1%}" if report.overhead is not None else ""
    lines = [one_line(f"{report.name}: {report.state}, step {report.step}{of}{took}", 300)]
    lines += [
        one_line(f"  {role}: best {number(curve.best)}, last {number(curve.final)} ({curve.points} values)", 300)
        for role, curve in report.curves.items()
    ]
    for item in report.verdicts:
        back = f", taken back at step {item.taken_back_at}" if item.state == "taken_back" else ""
        lines.append(f"  {one_line(_headed(item.finding), 300)}, said at step {item.said_at}{back}")
        if item.state == "holds":
            lines.append("      seen: " + one_line(item.finding.evidence.text, 600))
            lines += ["      do:   " + one_line(item.finding.advice, 600)] if item.finding.advice else []
    if not report.verdicts:
        lines.append("  nothing was said" + ("" if report.judged else ": it was not judged yet"))
    lines += [f"  keep: {one_line(report.hint, 300)}"] if report.hint else []
    return lines + [f"  note: {one_line(note, 300)}" for note in report.notes]


def _headed(finding: schema.Finding) -> str:
    return f"{finding.code} {finding.title} ({finding.severity}, {CONFIDENCE[finding.confidence]})"
