"""The tools of the MCP server, served over stdin and stdout."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import anyio
import msgspec
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from advisor._version import __version__
from advisor.agents import views
from advisor.agents.answers import (
    Exported,
    JobList,
    JobState,
    Plan,
    Readings,
    ReportPart,
    Rule,
    Watched,
)
from advisor.agents.jobs import Jobs
from advisor.agents.paths import Folders
from advisor.errors import AdvisorError, UsageError
from advisor.report.formatting import one_line
from advisor.schema.planning import PlanReport

F = TypeVar("F", bound=Callable[..., Any])
Target = Literal["pytorch", "lightning", "huggingface", "yaml", "json"]
PathName = Annotated[str, Field(max_length=1000, description="Path below the folders of this server.")]
Budget = Annotated[float, Field(gt=0.0, le=64.0, description="Budget for probes, in full training runs.")]
Minutes = Annotated[float | None, Field(gt=0.0, le=1440.0, description="The same in minutes; null for no limit.")]
Words = Annotated[list[str], Field(max_length=64, description="The script's own arguments.")]
JobId = Annotated[str, Field(max_length=64, description="The id returned by diagnose, compare or resume.")]

INSTRUCTIONS = """Measured tuning advice for PyTorch. Order: plan (cost), diagnose (starts a job), job (until it
has ended), report (what to set, why, confidence), export. read judges logs of existing runs, watch_status a run
that calls advisor.watch. Tools marked RUNS USER CODE run the named script in worker processes.
An inconclusive verdict, or no finding, does not prove that nothing is wrong."""
_PLAN_SECONDS = 300.0
_WAIT = 60.0
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
_RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True)


def clear(tool: F) -> F:
    """Converts the advisor's errors to tool errors with expected, found and do."""

    def said(error: AdvisorError) -> ToolError:
        parts = (f"expected {error.expected}", f"found {error.found}", f"do: {error.do}")
        return ToolError("; ".join(one_line(part, 400) for part in parts))

    if inspect.iscoroutinefunction(tool):

        @functools.wraps(tool)
        async def waiting(*args: Any, **given: Any) -> Any:
            try:
                return await tool(*args, **given)
            except AdvisorError as error:
                raise said(error) from error

        return waiting  # type: ignore[return-value]

    @functools.wraps(tool)
    def direct(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except AdvisorError as error:
            raise said(error) from error

    return direct  # type: ignore[return-value]


class Tools:
    """The tools of the server; each public method is a tool, its docstring the description.

    Args:
        folders: Folders that bound all paths.
        jobs: Long-running work.
    """

    def __init__(self, folders: Folders, jobs: Jobs) -> None:
        self._folders, self._jobs = folders, jobs

    async def plan(self, path: PathName, arguments: Words = [], budget: Budget = 1.0) -> Plan:  # noqa: B006
        """Estimate the cost of a diagnosis of a training script or model.py from a few timed steps; writes nothing.

        RUNS USER CODE: the script is run in a worker process for its first steps.
        """
        file = self._folders.file(path)
        command = [sys.executable, "-m", "advisor", "plan", "--quiet", "--format", "json", f"--budget={budget}"]
        with anyio.fail_after(_PLAN_SECONDS):
            done = await anyio.run_process([*command, str(file), *_own(arguments)], check=False, cwd=self._folders.home)
        if done.returncode != 0:
            raise ToolError(_error(done.stderr.decode("utf-8", "replace")))
        return views.plan_of(msgspec.json.decode(done.stdout, type=PlanReport))

    def diagnose(
        self,
        path: PathName,
        arguments: Words = [],  # noqa: B006
        budget: Budget = 1.0,
        minutes: Minutes = None,
        least_seconds: Annotated[float | None, Field(ge=0.0, le=3600.0)] = None,
    ) -> JobState:
        """Start a diagnosis as a job: probes determine what to set, why, and with what confidence. Returns immediately.

        RUNS USER CODE: the script's model and data are loaded and trained in worker processes, for about the budget.
        Poll it with job; when it has finished, read the result with report.
        """
        file = self._folders.file(path)
        given = [f"--budget={budget}", *([f"--minutes={minutes}"] if minutes is not None else [])]
        given += [f"--least-seconds={least_seconds}"] if least_seconds is not None else []
        return self._state(self._jobs.start("diagnose", ["--plain", *given, str(file), *_own(arguments)]).id)

    def compare(
        self,
        path: PathName,
        vary: Annotated[str, Field(max_length=400, description="NAME=V1,V2: an argument of model, or a setting.")],
        seeds: Annotated[int, Field(ge=3, le=20)] = 5,
        budget: Budget = 2.0,
    ) -> JobState:
        """Start a comparison of values of one argument of the model, or of one setting, each with its own rate.

        RUNS USER CODE: the file's model and data are loaded and trained in worker processes, for about the budget.
        """
        file = self._folders.file(path)
        if "=" not in vary or vary.startswith("-"):
            raise UsageError("NAME=V1,V2", repr(vary[:60]), "for example width=32,64")
        given = [f"--vary={vary}", f"--seeds={seeds}", f"--budget={budget}"]
        return self._state(self._jobs.start("compare", [*given, str(file)]).id)

    async def job(
        self,
        job: JobId,
        context: Context,
        wait_seconds: Annotated[float, Field(ge=0.0, le=_WAIT, description="Seconds to wait for its end.")] = 0.0,
    ) -> JobState:
        """State of a job: running, finished, untrainable, interrupted or failed; share of the budget, last lines."""
        with anyio.move_on_after(wait_seconds):
            while (state := self._state(job)).state == "running":
                await context.report_progress(state.share or 0.0, 1.0, state.said[-1] if state.said else None)
                await anyio.sleep(0.25)
        return self._state(job)

    def jobs(self) -> JobList:
        """All jobs of this folder, newest first, including those of earlier sessions."""
        return JobList([views.job_of(item, self._folders.home) for item in self._jobs.all()[:20]])

    def cancel(self, job: JobId) -> JobState:
        """Interrupt a job. A diagnosis writes a partial report and can be continued with resume."""
        self._jobs.cancel(job)
        return self._state(job)

    def resume(self, job: JobId) -> JobState:
        """Resume an interrupted or killed diagnosis as a new job; finished probes are not run again.

        RUNS USER CODE, as diagnose does.
        """
        return self._state(self._jobs.again(job).id)

    def job_result(self, job: JobId) -> dict[str, Any]:
        """Result of a finished comparison: ranking and verdicts."""
        found = msgspec.json.decode(self._jobs.result(job))
        kept = {name: value for name, value in found.items() if name not in ("series", "arms", "schema")}
        return {name: value for name, value in kept.items() if len(msgspec.json.encode(value)) < 6000}

    def read(self, paths: Annotated[list[PathName], Field(min_length=1, max_length=50)]) -> Readings:
        """Judge runs from their logs (TensorBoard, CSV, JSON, text): what is wrong, what comparing them supports.

        Runs no user code.
        """
        from advisor.app.read.result import read_and_judge, report_of

        return views.readings_of(report_of(read_and_judge([self._folders.tree(path) for path in paths])))

    def watch_status(self, path: PathName) -> Watched:
        """State of a run that calls advisor.watch, by its folder or watch.json: current findings and what to do."""
        from advisor.schema.files import read_watch

        return views.watched_of(read_watch(self._inner(path, "watch.json")))

    def explain(self, code: Annotated[str, Field(max_length=12)]) -> Rule:
        """The manual of one rule: what it reads, why it matters, its sources, its known limits."""
        from advisor.rules.catalogue import rule_book, with_code
        from advisor.rules.references import SOURCES
        from advisor.rules.retired import Retired

        found = with_code(rule_book(), code)
        if isinstance(found, Retired):
            return Rule(found.code, found.title, "retired", found.reason, [])
        sources = [f"{SOURCES[name].text} {SOURCES[name].url}" for name in found.sources if name in SOURCES]
        return Rule(found.code, found.title, found.severity, found.manual, sources)

    def report(
        self,
        run: PathName,
        part: Annotated[str, Field(max_length=60)] = "summary",
        offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0,
    ) -> ReportPart:
        """A part of the report of a run, a folder below reports/: summary first, then findings, knobs, a code, ..."""
        from advisor.schema.files import read_report

        return views.part_of(read_report(self._inner(run, "report.json")), run, part, offset)

    def export(self, run: PathName, target: Target = "pytorch", out: PathName | None = None) -> Exported:
        """The recommended configuration of a run as code or data; with ``out``, written to that new file."""
        from advisor.export.command import export

        source = self._folders.existing(run)
        if source.is_dir():
            self._inner(run, "report.json")
        if out is None:
            return Exported(target, export(source, target, None))
        file = self._folders.allowed(out)
        if file.exists():
            raise UsageError("a new file, for out", f"{out} exists", "give another name")
        return Exported(target, export(source, target, file), str(file))

    def _inner(self, name: str, file: str) -> Path:
        """A file of a folder, or the file itself; links must not lead outside."""
        path = self._folders.existing(name)
        return self._folders.allowed(str(path / file)) if path.is_dir() else path

    def _state(self, job: str) -> JobState:
        return views.job_of(self._jobs.job(job), self._folders.home)


def server(roots: list[Path]) -> MCPServer[Any]:
    """Creates the server for these folders.

    Raises:
        UsageError: If one is not a folder.
    """
    folders = Folders(roots)
    made: MCPServer[Any] = MCPServer(
        "tuning-advisor", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR"
    )
    tools = Tools(folders, Jobs(folders.home))
    for name in ("plan", "diagnose", "compare", "resume"):
        made.add_tool(clear(getattr(tools, name)), annotations=_RUNS)
    for name in ("job", "jobs", "job_result", "read", "watch_status", "explain", "report"):
        made.add_tool(clear(getattr(tools, name)), annotations=_READS)
    for name in ("cancel", "export"):
        made.add_tool(clear(getattr(tools, name)), annotations=ToolAnnotations(destructive_hint=False))
    return made


def serve(roots: list[Path]) -> None:
    """Serves until the client disconnects. Only the protocol may write to stdout.

    Raises:
        UsageError: If one is not a folder.
    """
    os.environ.setdefault("NO_COLOR", "1")
    server(roots).run("stdio")


def _own(arguments: list[str]) -> list[str]:
    return ["--", *arguments] if arguments else []


def _error(text: str) -> str:
    """The advisor's own error in its stderr, else the last lines."""
    rows = [line.strip() for line in text.splitlines() if line.strip()]
    start = next((index for index, line in enumerate(rows) if line.startswith("error:")), max(0, len(rows) - 3))
    return one_line("; ".join(rows[start:]), 900) or "the command failed without output"
