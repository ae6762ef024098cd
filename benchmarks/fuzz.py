"""Coverage-guided fuzzing of the readers of external files. Needs atheris (not in the test extras).

Usage: python benchmarks/fuzz.py config|ledger|record [-max_total_time=120] [libFuzzer options]
"""

import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from advisor.app.resume import recorded
    from advisor.config.config import Config, parse_yaml
    from advisor.errors import UsageError
    from advisor.records.spec import ProbeSpec
    from advisor.records.trace import Trace
    from advisor.search.store import ProbeStore

SPEC = ProbeSpec("cycle", {"name": "SGD", "lr": 0.1}, None, 8, 10, 0, (10,), 20)
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))
(FOLDER / "ledger").mkdir()


def config(data: bytes) -> None:
    """Reads a config.yaml."""
    with suppress(UsageError):
        Config.from_dict(parse_yaml(data.decode("utf-8", "replace"), "fuzz"))


def store(data: bytes) -> None:
    """Reads one line of a ledger under a requested key."""
    line = b'{"key": "' + SPEC.key.encode() + b'", ' + data + b"\n"
    (FOLDER / "ledger" / "probes.jsonl").write_bytes(line)
    opened = ProbeStore(FOLDER / "ledger")
    found = opened.find(SPEC)
    assert found is None or isinstance(found, Trace)
    opened.close()


def record(data: bytes) -> None:
    """Reads a run.json."""
    (FOLDER / "ledger" / "run.json").write_bytes(data)
    with suppress(UsageError):
        recorded(FOLDER)


if __name__ == "__main__":
    target = {"config": config, "ledger": store, "record": record}[sys.argv[1]]
    seeds = FOLDER / "seeds"
    seeds.mkdir()
    trace = {"key": SPEC.key, "status": "finished", "step": [1]}
    asked = {"path": "a.py", "select": [], "ignore": []}
    whole = {
        "config": {"optimizer": {"name": "SGD", "lr": 0.1}, "schedule": None, "batch_size": 8, "epochs": 1},
        "ledger": {"spec": {}, "trace": trace},
        "record": {"options": asked, "fingerprint": "", "code": "", "versions": {}, "look": {}},
    }
    for name, content in whole.items():
        (seeds / name).write_text(json.dumps(content).removeprefix("{" if name == "ledger" else ""))
    atheris.Setup([sys.argv[0], *sys.argv[2:], str(seeds)], target)
    atheris.Fuzz()
