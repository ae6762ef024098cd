"""What a run was asked for, kept beside its ledger, so that it can be gone on with and changes are noticed."""

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
    """What a run measured before its first probe. It holds times and is therefore not measured again.

    Attributes:
        preflight: The untrained model.
        profile: Data, model, device and batch sizes.
        step_seconds: Of a step at the current batch size.
    """

    preflight: PreflightResult
    profile: ProfileResult
    step_seconds: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run wrote down when it began.

    Attributes:
        options: As they were given, ``path`` absolute; ``out`` and ``run`` say where it lies now.
        fingerprint: Of code and data.
        code: Hash of the user's file and what it imports from its folder.
        versions: Of what decides results.
        look: What was measured first; None if it cannot be read.
    """

    options: Options
    fingerprint: str
    code: str
    versions: dict[str, str]
    look: FirstLook | None = None

    def is_still(self, options: Options, facts: TaskFacts) -> bool:
        """Whether the task would be measured at the same code, data and settings, with the same allowance."""
        same = self.fingerprint == facts.fingerprint and self.versions == versions(facts)
        settings = encode(self.options.settings) == encode(options.settings)  # Tuples came back as lists.
        return same and settings and self.options.budget == options.budget


def resume_command(run: Path) -> str:
    """The command that goes on with a run."""
    return shlex.join(["advisor", "diagnose", "--resume", str(run)])


def way_on(options: Options, run: Path) -> str:
    """How to go on with a run: a command, or the same call where it was made of objects, which no command has."""
    return f"advisor.diagnose(...) again with run={run.name!r}" if options.from_objects else resume_command(run)


def record(store: Path, options: Options, facts: TaskFacts, limit: float, look: FirstLook) -> None:
    """Writes down what the run was asked for.

    Args:
        store: Its folder.
        options: What was asked for.
        facts: What the task is.
        limit: Full runs that it may spend.
        look: What was measured first.
    """
    asked = replace(options, limit=limit, path=str(Path(options.path).resolve()))
    content = Recorded(asked, facts.fingerprint, facts.code, versions(facts), look)
    write_atomic(store / _FILE, json.dumps(encode(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def recorded(run: Path) -> Recorded:
    """Reads it back.

    Raises:
        UsageError: If ``run`` is no run folder, or what lies there cannot be read.
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
            "the folder of a diagnosis that was begun, for --resume",
            f"{path}: {said}",
            "name a folder reports/NAME/RUN, or leave out --resume: finished probes are found again anyway",
        ) from error


def earlier(run: Path) -> Recorded | None:
    """The same, None if nothing was begun here."""
    try:
        return recorded(run)
    except UsageError:
        return None


def versions(facts: TaskFacts) -> dict[str, str]:
    """What else decides results: versions and the kind of device."""
    return {
        "advisor": __version__,
        "torch": facts.torch,
        "python": platform.python_version(),
        "device": facts.device,
    }


def changes(before: Recorded | None, options: Options, facts: TaskFacts) -> list[str]:
    """What is no longer as it was when the run began, one sentence each; empty if nothing is."""
    if before is None:
        return []
    said = []
    if before.fingerprint != facts.fingerprint:
        name = Path(options.path).name
        what = f"{name}, or a file that it imports," if facts.code != before.code else f"the data of {name}"
        said.append(f"{what} has changed since the run began: its finished probes do not count, new ones are run")
    now = versions(facts)
    for name, old in before.versions.items():
        if name in now and now[name] != old:
            said.append(f"{name} was {old} when the run began and is {now[name]} now: finished probes are kept")
    return said
