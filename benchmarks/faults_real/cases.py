"""The programs of this benchmark as text: faulty, repaired, healthy; and their halves."""

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_FAULT, _REPAIR = "  # FAULT", re.compile(r"^(\s*)# REPAIR (.*)$")
_SHARED = "benchdata"


@dataclass(frozen=True, slots=True)
class Case:
    """One file to be diagnosed.

    Attributes:
        name: Stem of its file here.
        kind: ``fault``, ``twin`` (the same repaired) or ``healthy``.
        cause: Label of the fault, also of a twin; empty for a healthy training of another kind.
        script: Whether it is a whole script, of which only the text is read.
        text: What is diagnosed.
    """

    name: str
    kind: str
    cause: str
    script: bool
    text: str

    @property
    def half(self) -> str:
        """``development`` or ``held-out``, by the hash of the name: twins stay beside their fault."""
        odd = int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 2
        return "held-out" if odd else "development"


def all_cases() -> list[Case]:
    """Every case, faults first."""
    found: list[Case] = []
    for folder, script in (("programs", False), ("scripts", True)):
        for path in sorted((HERE / folder).glob("*.py")):
            if path.stem != _SHARED:
                text = path.read_text(encoding="utf-8")
                cause = _label(text)
                found.append(Case(path.stem, "fault", cause, script, faulty(text)))
                found.append(Case(path.stem, "twin", cause, script, repaired(text)))
    for path in sorted((HERE / "healthy").glob("*.py")):
        found.append(Case(path.stem, "healthy", "", False, path.read_text(encoding="utf-8")))
    return sorted(found, key=lambda case: ("fault", "twin", "healthy").index(case.kind))


def faulty(text: str) -> str:
    """The program as reported: without marks, docstring and repairs."""
    lines = [line for line in _body(text) if not _REPAIR.match(line)]
    return "\n".join(line.removesuffix(_FAULT) for line in lines) + "\n"


def repaired(text: str) -> str:
    """The repaired twin: marked faults removed, their repairs in place."""
    lines = [line for line in _body(text) if not line.endswith(_FAULT)]
    return "\n".join(_REPAIR.sub(r"\1\2", line) for line in lines) + "\n"


def write(case: Case, work: Path) -> Path:
    """Writes the case to a folder of its own, with the shared data."""
    key = hashlib.sha1(case.text.encode()).hexdigest()[:10]
    folder = work / f"{case.name}-{case.kind}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{_SHARED}.py").write_text((HERE / "programs" / f"{_SHARED}.py").read_text(encoding="utf-8"))
    path = folder / "task.py"
    path.write_text(case.text, encoding="utf-8")
    return path


def _label(text: str) -> str:
    match = re.search(r"^Cause: (.+)$", text, re.MULTILINE)
    assert match, "a program without a cause"
    return match.group(1)


def _body(text: str) -> list[str]:
    """Lines without the docstring, which describes the fault."""
    end = ast.parse(text).body[0].end_lineno or 0
    return text.splitlines()[end:]
