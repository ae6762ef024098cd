"""Median seconds of `advisor --help`, and which heavy packages it imports.

Usage: python benchmarks/startup.py [RUNS]
"""

import json
import statistics
import subprocess
import sys
import time


def main() -> None:
    """Prints one JSON line."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "advisor", "--help"], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "advisor", "--help"], check=True, capture_output=True, text=True
    ).stderr
    heavy = [name for name in ("torch", "numpy", "scipy", "sklearn") if f" {name}\n" in told]
    print(json.dumps({"median": round(statistics.median(seconds), 3), "worst": round(max(seconds), 3), "heavy": heavy}))


if __name__ == "__main__":
    main()
