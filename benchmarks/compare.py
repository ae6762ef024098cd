"""Power and false positives of `advisor compare`: twenty seeds of a real difference and of a null case.

    python benchmarks/compare.py --out benchmarks/results/DATE-compare.json

Real difference: a convolution on digits with a kernel of width 1 or 3. Null case: the same model under two names,
one of which discards some random numbers before drawing its initial weights.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TASK = """
import torch
from sklearn.datasets import load_digits
from torch import nn

settings = dict(optimizer="SGD", lr=0.05, momentum=0.9, batch_size=64, epochs=20)
loss = nn.CrossEntropyLoss()
digits = load_digits()
inputs = torch.tensor(digits.images / 16.0).float()[:, None]
targets = torch.tensor(digits.target)
train_data, val_data = (inputs[:1400], targets[:1400]), (inputs[1400:], targets[1400:])


def model(kernel=3, twin="a"):
    if twin == "b":
        torch.rand(1000)
    return nn.Sequential(nn.Conv2d(1, 8, kernel), nn.ReLU(), nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(72, 10))
"""
CASES = {"real": "kernel=1,3", "null": "twin=a,b"}


def main() -> None:
    """Runs both cases under each seed and prints the count of each verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    counts: dict[str, Counter[str]] = {name: Counter() for name in CASES}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.py"
        task.write_text(TASK, encoding="utf-8")
        for seed in range(args.seeds):
            for case, vary in CASES.items():
                command = [sys.executable, "-m", "advisor", "compare", task, "--vary", vary, "--seed", 1000 * seed,
                           "--out", Path(folder) / "runs", "--format", "json", "--quiet"]  # fmt: skip
                done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
                other = json.loads(done.stdout)["variants"][1]
                counts[case][other["verdict"]] += 1
                rows.append({"case": case, "seed": seed, **{k: other[k] for k in ("verdict", "low", "high")}})
                print(case, seed, other["verdict"], flush=True)
    result = {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "command": f"python benchmarks/compare.py --seeds {args.seeds}",
        "counts": {case: dict(found) for case, found in counts.items()},
        "rows": rows,
    }
    print(json.dumps(result["counts"]))
    if args.out:
        args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
