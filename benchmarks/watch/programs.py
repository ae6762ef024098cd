"""Programs with real faults and their repaired twins."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from watched import BENCHMARKS, train


def programs(half: str) -> dict[str, Any]:
    """Watches the programs of `benchmarks/faults_real`: faults detected, and reports on the repaired twins."""
    sys.path.insert(0, str(BENCHMARKS / "faults_real"))
    from cases import all_cases

    called: dict[str, list[str]] = {"called": [], "not seen": []}
    blamed, failed, sound = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for case in all_cases():
            if case.half != half or case.script or case.kind == "healthy":
                continue
            path = Path(folder) / f"{case.name}_{case.kind}.py"
            path.write_text(case.text, encoding="utf-8")
            try:
                made = train(path, "", Path(folder))
            except Exception as error:
                failed.append(f"{case.name}, {case.kind}: {type(error).__name__}: {str(error)[:80]}")
                continue
            said = [item for item in made["report"].verdicts if item.said_at < made["steps"]]
            faults = [f"{x.finding.code} at {x.said_at / made['steps']:.0%}" for x in said
                      if x.finding.severity == "fault" or x.finding.code in ("LR002", "FT013")]  # fmt: skip
            words = f"{case.name} ({case.cause}): {', '.join(faults)}"
            print(case.kind, words, file=sys.stderr, flush=True)
            if case.kind == "fault":
                called["called" if faults else "not seen"].append(words)
            else:
                sound += 1
                blamed += [words] if any(x.finding.severity == "fault" for x in said) else []
    return {**called, "twins": sound, "twins with a fault said": blamed, "not trained": failed}
