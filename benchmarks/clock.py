"""The clock of the benchmarks: processor time, which other processes on a busy machine affect less than wall time."""

import time

import torch


def now(device: torch.device) -> float:
    """Processor seconds of this process on a CPU (one thread); wall seconds after synchronising on other devices."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        return time.perf_counter()
    return time.process_time()
