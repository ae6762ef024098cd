"""Cost of the watch per step."""

import math
import tempfile
import time
from typing import Any

import numpy as np
import torch
from torch import nn

from advisor.watching.watch import watch


def overhead(seconds: float) -> dict[str, Any]:
    """Measures the time of watched steps relative to unwatched ones, alternating every 20 steps within one run.

    Uses the processor time of this process, which other processes affect less than wall time; both are returned.
    """
    torch.manual_seed(0)
    model = nn.Sequential(*[layer for _ in range(6) for layer in (nn.Linear(512, 512), nn.ReLU())], nn.Linear(512, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    x, y = torch.randn(128, 512), torch.randint(10, (128,))
    used: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as folder:
        watched = watch(model, optimizer, total_steps=100_000, out=folder, say=lambda line: None)
        with watched:
            begin = time.perf_counter()
            while time.perf_counter() - begin < seconds:
                for watching in (True, False):
                    watched._alive = watching
                    wall, processor = time.perf_counter(), time.process_time()
                    for _ in range(20):
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(model(x), y)
                        loss.backward()
                        optimizer.step()
                        watched.step(loss)
                    took = time.perf_counter() - wall
                    used[watching].append((took, time.process_time() - processor))
                    watched._pace.began += 0.0 if watching else took
            watched._alive = True
            spent, whole = watched._pace.spent, watched._pace.seconds
        report = watched.report
    assert report is not None
    on, off = (np.array(used[watching][1:]) / 20 for watching in (True, False))
    return {
        "step_ms": 1e3 * float(np.median(off[:, 1])), "step_ms_by_the_clock": 1e3 * float(np.median(off[:, 0])),
        "ratio": float(on[:, 1].sum() / off[:, 1].sum()), "ratio_by_the_clock": float(on[:, 0].sum() / off[:, 0].sum()),
        "ratio_error": float(np.std(on[:, 1] / off[:, 1], ddof=1) / math.sqrt(len(on))),
        "ratio_of_medians": float(np.median(on[:, 1]) / np.median(off[:, 1])),
        "own_account": spent / whole, "steps": 20 * len(on), "judged": report.judged,
    }  # fmt: skip
