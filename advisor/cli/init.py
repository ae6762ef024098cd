"""``advisor init``: runs the script for a few steps, or reads its source, and writes the task file."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.app.loop import loop_findings, script_loop
from advisor.app.reminder import Reminder
from advisor.errors import ContractError, UsageError
from advisor.init.captured import Written, write_captured
from advisor.init.form import write_form
from advisor.init.reading import read
from advisor.init.refusals import refusal
from advisor.init.source import parsed
from advisor.records.task import ScriptDescription
from advisor.schema.commands import InitReport
from advisor.utils.jsonio import write_atomic
from advisor.workers.local import LocalWorkers
from advisor.workers.messages import DescribeRequest

NAME = "advisor_task.py"


def init(path: Path, arguments: tuple[str, ...], out: Path | None, force: bool, run: bool) -> InitReport:
    """Writes the task file.

    Args:
        path: The script.
        arguments: The script's own arguments.
        out: The file to write; None for one in the script's folder.
        force: Whether to overwrite an existing file.
        run: Whether the script may be run; otherwise only its source is read.

    Raises:
        AdvisorError: If the script cannot be read, is out of scope, or if the file exists.
    """
    target = out or path.parent / NAME
    if target.exists() and not force:
        raise UsageError("a new file to write", f"{target} exists", "give --force, or another name with --out")
    why, do = "It was read because of --no-run.", "name the script that trains, or leave --no-run out"
    if run:
        found = _described(path, arguments)
        if found.refused is None:
            faults = _faults(found.loop_file)
            written = write_captured(found, path, target, arguments, faults)
            return _written(path, target, written, [*found.said, *faults])
        error = ContractError(**found.refused)
        if found.ran:
            raise error
        why, do = f"It could not be run here: {' '.join(error.found.split())}", error.do
    source = parsed(path)
    reason = refusal(source)
    if reason:
        seen = f"{reason}. {why}" if run else reason
        raise ContractError("a script that trains one model with PyTorch", seen, do)
    reasons = (why, f"to have it filled in: {do.replace('advisor diagnose', 'advisor init')}") if run else (why,)
    return _written(path, target, write_form(read(source), path, why), _faults(str(path)), reasons)


def lines(report: InitReport) -> list[str]:
    """What was written, as terminal lines."""
    said = []
    if report.read_because[1:]:
        said.append(f"{Path(report.script).name} is read only. {report.read_because[0]}")
        said += [f"  {sentence}" for sentence in report.read_because[1:]]
    said += [f"  {sentence}" for sentence in report.found]
    said.append(f"wrote {report.file}: {', '.join(report.offers)}")
    said += [f"  fill in: {fill}" for fill in report.fills]
    return [*said, f"next: {'fill these in, then ' if report.fills else ''}{report.next}"]


def _described(path: Path, arguments: tuple[str, ...]) -> ScriptDescription:
    """Runs the script in a worker process."""
    click.echo(f"running {path.name} in a sandbox for its first steps", err=True)
    site = LocalWorkers()
    worker = site.start()
    reminder = Reminder(lambda text: click.echo(text, err=True))
    reminder.start(f"  running {path.name}")
    try:
        return worker.call(DescribeRequest(str(path), arguments))
    finally:
        reminder.stop()
        worker.close()
        site.close()


def _faults(file: str) -> list[str]:
    """Findings of the training-loop rules in a file, one sentence each."""
    found = loop_findings(script_loop(file)) if file else []
    return [f"{f.code} {f.title}: {f.judgement.text}. {f.judgement.advice}" for f in found]


def _written(
    path: Path, target: Path, written: Written, found: list[str], read_because: tuple[str, ...] = ()
) -> InitReport:
    """Writes the file; returns what was found and the next command."""
    try:
        write_atomic(target, written.text)
    except OSError as error:
        raise UsageError("a writable path", f"{target}: {error.strerror}", "name another with --out") from error
    return InitReport(
        script=str(path),
        file=str(target),
        ran=not read_because,
        read_because=read_because,
        found=tuple(found),
        offers=written.offers,
        fills=written.fills,
        next=f"advisor diagnose {target}",
    )
