"""What a configuration is worth beside a random search at full length and beside the settings as given."""

import json
import math
from pathlib import Path

HERE = Path(__file__).parent


def score(name: str, val_loss: float, test_loss: float) -> dict[str, float | str]:
    """Test loss over that of the best trial by validation, and over the mean of the settings as given."""
    rows = [json.loads(line) for line in (HERE / "tables" / f"{name}.jsonl").read_text().splitlines()]
    trials = [row for row in rows if row["kind"] == "trial" and math.isfinite(row["val_loss"])]
    given = [row["test_loss"] for row in rows if row["kind"] == "given"]
    best = min(trials, key=lambda row: row["val_loss"])
    return {
        "task": name,
        "ratio": round(val_loss / best["val_loss"], 4),
        "test_ratio": round(test_loss / best["test_loss"], 4),
        "beside_given": round(test_loss / (sum(given) / len(given)), 4),
        "rank": sum(row["val_loss"] < val_loss for row in trials),
        "n": len(trials),
        "k_equiv": 0,
    }
