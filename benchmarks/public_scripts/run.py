"""Loads public training scripts as `advisor diagnose` does, and records the outcome of each.

usage: python -m benchmarks.public_scripts.run FOLDER [--only NAME,...] [--set tuned|aside|later|seen|unseen]
       [--out FILE]

FOLDER holds a git repository (bare or not) for each project, in OWNER+NAME/repo; the scripts are not part of this
project. Each is checked out into a scratch folder with the data that it brings, or with a stand-in of the same form.
"""

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.records.task import TaskSource
from advisor.workers.local import LocalWorkers
from advisor.workers.messages import LoadRequest
from benchmarks.public_scripts.standin_files import MORE
from benchmarks.public_scripts.standins import MAKERS

_HERE = Path(__file__).parent
_LOSSES = re.compile(r"first loss: (\S+) in the script, (\S+) here")
_LIMIT = 240.0
_LARGEST = 3 * 2**20
_HALVES = ("seen", "unseen")


@dataclass(frozen=True)
class Case:
    """One line of the list of scripts."""

    name: str
    repository: str
    script: str
    arguments: tuple[str, ...]
    data: tuple[str, str] | None
    set: str


def cases() -> list[Case]:
    """Every list: every second case of the first, all of the second and a random half of the third are held out."""
    found = []
    for file, sets in (("cases.txt", ("tuned", "aside")), ("later.txt", ("later", "later")), ("third.txt", _HALVES)):
        lines = [line for line in (_HERE / file).read_text().splitlines() if line and not line.startswith("#")]
        rows = [[part.strip() for part in line.split("|")] for line in lines]
        half = set(random.Random(0).sample(names := sorted(row[0] for row in rows), len(names) // 2))
        for number, (name, repository, script, arguments, data) in enumerate(rows):
            kind, _, folder = data.partition(":")
            part = sets[name not in half] if sets is _HALVES else sets[number % 2]
            found.append(
                Case(name, repository, script, tuple(arguments.split()), (kind, folder) if data else None, part)
            )
    return found


def run(case: Case, folder: Path) -> dict[str, object]:
    """Checks the script out, loads it in a worker, and compares the folder before and after."""
    git = folder / case.repository.replace("/", "+") / "repo"
    git = git / ".git" if (git / ".git").exists() else git
    commit = subprocess.run(
        ["git", f"--git-dir={git}", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    result: dict[str, object] = {**asdict(case), "commit": commit.stdout.strip()}
    with tempfile.TemporaryDirectory() as scratch:
        _checkout(git, Path(scratch))
        script = Path(scratch) / case.script
        if case.data is not None:
            (MAKERS | MORE)[case.data[0]]((script.parent / case.data[1]).resolve())
        before = _hashes(Path(scratch))
        here = Path.cwd()
        os.chdir(script.parent if case.repository != "karpathy/minGPT" else scratch)
        old = os.environ.get("PYTHONPATH", "")
        shadows = {path.stem for path in Path(scratch).iterdir()} & sys.stdlib_module_names
        os.environ["PYTHONPATH"] = os.pathsep.join([old, *([] if shadows else [scratch])])
        began = time.monotonic()
        try:
            result |= _loaded(script, case.arguments)
        finally:
            os.environ["PYTHONPATH"] = old
            os.chdir(here)
        result["seconds"] = round(time.monotonic() - began, 1)
        result["folder_same"] = _hashes(Path(scratch)) == before
    return result


def _checkout(git: Path, folder: Path) -> None:
    """Writes the files of the newest commit, without large ones and without those that the copy lacks."""
    listed = subprocess.run(
        ["git", f"--git-dir={git}", "ls-tree", "-r", "-z", "HEAD"], capture_output=True, check=True, text=True
    ).stdout
    with subprocess.Popen(
        ["git", f"--git-dir={git}", "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdin and reader.stdout
        for line in filter(None, listed.split("\0")):
            head, _, name = line.partition("\t")
            if head.split()[1] != "blob":
                continue
            reader.stdin.write(head.split()[2].encode() + b"\n")
            reader.stdin.flush()
            answer = reader.stdout.readline().split()
            if len(answer) < 3:
                continue
            content = reader.stdout.read(int(answer[2]) + 1)[:-1]
            if len(content) > _LARGEST:
                continue
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        reader.stdin.close()


def _loaded(script: Path, arguments: tuple[str, ...]) -> dict[str, object]:
    site = LocalWorkers()
    worker = site.start()
    try:
        loaded = worker.call(LoadRequest(TaskSource(str(script), arguments=arguments)), limit=_LIMIT)
    except AdvisorError as error:
        return {"result": "refused", "found": error.found, "do": error.do}
    finally:
        worker.close()
        site.close()
    facts = loaded.facts
    losses = next((m.groups() for s in facts.inferred if (m := _LOSSES.search(s))), None)
    return {"result": "captured", "losses": losses, "current": loaded.current.as_dict(), "said": facts.inferred,
            "train_size": facts.train_size, "val_size": facts.val_size}  # fmt: skip


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


def main() -> None:
    """Runs the cases and writes one JSON line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--set", choices=["tuned", "aside", "later", "seen", "unseen"])
    parser.add_argument("--out", type=Path, default=Path("public_scripts.jsonl"))
    given = parser.parse_args()
    only = set(filter(None, given.only.split(",")))
    for case in cases():
        if (only and case.name not in only) or given.set not in (None, case.set):
            continue
        result = run(case, given.folder.resolve())
        with given.out.open("a") as file:
            file.write(json.dumps(result) + "\n")
        print(f"{case.name:32} {result['result']:9} {result.get('losses') or result.get('found')!s:.150} "
              f"{'' if result['folder_same'] else 'FOLDER CHANGED'} {result['seconds']} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
