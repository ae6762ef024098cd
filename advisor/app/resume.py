"""What a run was asked for, kept beside its ledger, so that it can be gone on with and changes are noticed."""

import json
import platform
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from advisor._version import __version__
from advisor.app.options import Options
from advisor.errors import UsageError
from advisor.utils.jsonio import clean, read_text, write_atomic

_FILE = "run.json"
_LARGEST = 4 * 2**20
_NUMBER = (int, float)
_KINDS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("path", "device", "engine", "objective", "schedule", "command"), str),
    (("names", "settings"), dict),
    (("seed", "workers"), int),
    (("budget",), _NUMBER),
    (("address",), (str, type(None))),
    (("step_timeout", "probe_timeout", "limit"), (*_NUMBER, type(None))),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run wrote down when it began.

    Attributes:
        options: As they were given, ``path`` absolute; ``out`` and ``run`` say where it lies now.
        fingerprint: Of code and data.
        code: Hash of the user's file and what it imports from its folder.
        versions: Of what decides results.
        look: Preflight, profile and step time, which hold times and are therefore not measured again.
    """

    options: Options
    fingerprint: str
    code: str
    versions: dict[str, str]
    look: dict[str, Any]

    def is_still(self, options: Options, facts: Mapping[str, Any]) -> bool:
        """Whether a first look would be at the same code, data and settings, with the same allowance."""
        same = self.fingerprint == facts["fingerprint"] and self.versions == versions(facts)
        settings = clean(self.options.settings) == clean(options.settings)  # Tuples came back as lists.
        return same and settings and self.options.budget == options.budget


def resume_command(run: Path) -> str:
    """The command that goes on with a run."""
    return shlex.join(["advisor", "diagnose", "--resume", str(run)])


def way_on(options: Options, run: Path) -> str:
    """How to go on with a run: a command, or the same call where it was made of objects, which no command has."""
    return f"advisor.diagnose(...) again with run={run.name!r}" if options.from_objects else resume_command(run)


def record(ledger: Path, options: Options, facts: Mapping[str, Any], limit: float, look: dict[str, Any]) -> None:
    """Writes down what the run was asked for.

    Args:
        ledger: Its folder.
        options: What was asked for.
        facts: What the task is.
        limit: Full runs that it may spend.
        look: What the first look found.
    """
    path = Path(options.path).resolve()
    asked = {**asdict(replace(options, limit=limit)), "path": str(path), "out": str(options.out)}
    content = {
        "schema": 1,
        "options": asked,
        "fingerprint": facts["fingerprint"],
        "code": facts["code"],
        "versions": versions(facts),
        "look": look,
    }
    write_atomic(ledger / _FILE, json.dumps(content, indent=1, ensure_ascii=False) + "\n")  # NaN stays what it is.


def recorded(run: Path) -> Recorded:
    """Reads it back.

    Raises:
        UsageError: If ``run`` is no run folder, or what lies there cannot be read.
    """
    path = run / "ledger" / _FILE
    try:
        data = json.loads(read_text(path, _LARGEST))
        asked = data["options"]
        kept: dict[str, Any] = {name: asked[name] for name in Options.__dataclass_fields__ if name in asked}
        kept |= {name: tuple(map(str, asked[name])) for name in ("select", "ignore")}
        here = run.resolve()
        options = Options(**{**kept, "out": here.parent.parent, "run": here.name, "minutes": None})
        for names, kind in _KINDS:
            if not all(isinstance(getattr(options, name), kind) for name in names):
                raise ValueError(f"{', '.join(names)} not of the expected kind")
        versions = {str(key): str(value) for key, value in data["versions"].items()}
        return Recorded(options, str(data["fingerprint"]), str(data["code"]), versions, dict(data["look"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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


def versions(facts: Mapping[str, Any]) -> dict[str, str]:
    """What else decides results: versions and the kind of device."""
    return {
        "advisor": __version__,
        "torch": str(facts["torch"]),
        "python": platform.python_version(),
        "device": str(facts["device"]),
    }


def changes(before: Recorded | None, options: Options, facts: Mapping[str, Any]) -> list[str]:
    """What is no longer as it was when the run began, one sentence each; empty if nothing is."""
    if before is None:
        return []
    said = []
    if before.fingerprint != facts["fingerprint"]:
        name = Path(options.path).name
        what = f"{name}, or a file that it imports," if facts["code"] != before.code else f"the data of {name}"
        said.append(f"{what} has changed since the run began: its finished probes do not count, new ones are run")
    now = versions(facts)
    for name, old in before.versions.items():
        if name in now and now[name] != old:
            said.append(f"{name} was {old} when the run began and is {now[name]} now: finished probes are kept")
    return said
