"""The options and first measurements of a run, stored with its ledger so that it can be resumed and changes noticed."""

import json
import platform
import shlex
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from advisor._version import __version__
from advisor.app.options import Options
from advisor.errors import UsageError
from advisor.records.preflight import PreflightResult
from advisor.records.profile import ProfileResult
from advisor.records.task import TaskFacts
from advisor.utils.codec import decode, encode
from advisor.utils.jsonio import read_text, write_atomic

_FILE = "run.json"
_LARGEST = 4 * 2**20


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Measurements of a run before its first probe. They include timings and are therefore not repeated.

    Attributes:
        preflight: Preflight result.
        profile: Data, model, device and batch sizes.
        step_seconds: Seconds of a step at the current batch size.
    """

    preflight: PreflightResult
    profile: ProfileResult
    step_seconds: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """The record that a run writes when it begins.

    Attributes:
        options: The options as given, with absolute ``path``; ``out`` and ``run`` are those of the folder now.
        fingerprint: Hash of code and data.
        code: Hash of the user's file and what it imports from its folder.
        versions: Versions that influence results.
        look: First measurements; None if they cannot be read.
    """

    options: Options
    fingerprint: str
    code: str
    versions: dict[str, str]
    look: FirstLook | None = None

    def is_still(self, options: Options, facts: TaskFacts) -> bool:
        """Whether code, data, settings and budget are unchanged."""
        same = self.fingerprint == facts.fingerprint and self.versions == versions(facts)
        settings = encode(self.options.settings) == encode(options.settings)  # Tuples are read back as lists.
        return same and settings and self.options.full_runs == options.full_runs


def resume_command(run: Path) -> str:
    """The command that resumes a run."""
    return shlex.join(["advisor", "diagnose", "--resume", str(run)])


def way_on(options: Options, run: Path) -> str:
    """How to resume a run: a command, or the same call for a run on objects."""
    return f"advisor.diagnose(...) again with run={run.name!r}" if options.from_objects else resume_command(run)


def record(store: Path, options: Options, facts: TaskFacts, limit: float, look: FirstLook) -> None:
    """Writes the record of a run.

    Args:
        store: Folder of the record.
        options: Options of the run.
        facts: Facts about the task.
        limit: Budget in full runs.
        look: First measurements.
    """
    asked = replace(options, limit=limit, path=str(Path(options.path).resolve()))
    content = Recorded(asked, facts.fingerprint, facts.code, versions(facts), look)
    write_atomic(store / _FILE, json.dumps(encode(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def recorded(run: Path) -> Recorded:
    """Reads the record of a run.

    Raises:
        UsageError: If ``run`` is not a run folder, or the record cannot be read.
    """
    path = run / "ledger" / _FILE
    try:
        data = json.loads(read_text(path, _LARGEST))
        look = data.pop("look", None)
        found = decode(Recorded, data)
        with suppress(ValueError):
            found = replace(found, look=decode(FirstLook, look))
        here = run.resolve()
        return replace(found, options=replace(found.options, out=here.parent.parent, run=here.name, minutes=None))
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        said = f"no {_FILE}" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: {error}"
        raise UsageError(
            "the folder of an earlier diagnosis, for --resume",
            f"{path}: {said}",
            "name a folder reports/NAME/RUN, or leave out --resume: finished probes are reused anyway",
        ) from error


def earlier(run: Path) -> Recorded | None:
    """The record of a run; None if there is none."""
    try:
        return recorded(run)
    except UsageError:
        return None


def versions(facts: TaskFacts) -> dict[str, str]:
    """Versions and kind of device, which influence results as well."""
    return {
        "advisor": __version__,
        "torch": facts.torch,
        "python": platform.python_version(),
        "device": facts.device,
    }


def changes(before: Recorded | None, options: Options, facts: TaskFacts) -> list[str]:
    """Changes since the run began, one sentence each; empty if there are none."""
    if before is None:
        return []
    said = []
    if before.fingerprint != facts.fingerprint:
        name = Path(options.path).name
        what = f"{name}, or a file that it imports," if facts.code != before.code else f"the data of {name}"
        said.append(f"{what} changed since the run began: its finished probes are not reused")
    now = versions(facts)
    for name, old in before.versions.items():
        if name in now and now[name] != old:
            said.append(f"{name} was {old} when the run began and is now {now[name]}: finished probes are kept")
    return said
