"""What tests of worker processes ask: whether one still lives, and whether two traces are of the same run."""

from pathlib import Path

from advisor.records.trace import Trace


def alive(pid: int) -> bool:
    """Whether a process runs or sleeps; read from /proc, which only Linux has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def essence(trace: Trace) -> tuple[object, ...]:
    """All of a trace but its times."""
    return trace.key, trace.status, trace.train_loss, trace.val_loss, trace.grad_norm, trace.val_metric
