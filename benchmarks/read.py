"""Seconds and memory of `advisor read` on one log of many points, in each form.

Usage: python benchmarks/read.py [--points 10000000] [--forms csv ...]

Each file holds one loss a row; it is written to a temporary folder, read by `advisor read FILE --format json` in a
process of its own, and removed. Memory is the largest that process held at once.
"""

import argparse
import json
import os
import platform
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np

_CHUNK = 100_000


def losses(points: int) -> Iterator[tuple[int, np.ndarray]]:
    """Blocks of a falling, noisy loss with the first step of each."""
    random = np.random.default_rng(0)
    for start in range(0, points, _CHUNK):
        step = np.arange(start, min(points, start + _CHUNK))
        yield start, 0.5 + np.exp(-8.0 * step / points) + 0.05 * random.standard_normal(step.size)


def lines(form: str, head: str = "") -> Callable[[Path, int], None]:
    """Returns a writer of one line per point in the given form."""

    def write(file: Path, points: int) -> None:
        with file.open("w", encoding="utf-8") as stream:
            stream.write(head)
            for start, values in losses(points):
                stream.writelines(form % (start + i, value) for i, value in enumerate(values.tolist()))

    return write


def gaps(file: Path, points: int) -> None:
    """A table with training and validation losses in rows of their own, as Lightning's CSVLogger writes it."""
    with file.open("w", encoding="utf-8") as stream:
        stream.write("epoch,step,train_loss,val_loss\n")
        for start, values in losses(points):
            stream.writelines(
                f"{(start + i) // 1000},{start + i},,{value:.6f}\n" if i % 100 == 99
                else f"{(start + i) // 1000},{start + i},{value:.6f},\n"
                for i, value in enumerate(values.tolist())
            )  # fmt: skip


def events(folder: Path, points: int) -> None:
    """An event file as SummaryWriter.add_scalar leaves it, checksums and all."""
    folder.mkdir()
    with (folder / "events.out.tfevents.1.host").open("wb") as stream:
        for start, values in losses(points):
            step = np.arange(start, start + values.size)
            size = np.ones(step.size, dtype=int) + sum((step >= 2 ** (7 * k)).astype(int) for k in range(1, 5))
            for length in np.unique(size):
                mine = size == length
                stream.write(_records(step[mine], values[mine], int(length)))


def _records(step: np.ndarray, values: np.ndarray, length: int) -> bytes:
    tag = b"train/loss"
    columns: list[bytes | np.ndarray] = [b"\x09", (1e9 + step).astype("<f8"), b"\x10"]
    for k in range(length):
        more = 0x80 if k < length - 1 else 0
        columns.append(((step >> (7 * k)) & 0x7F | more).astype(np.uint8))
    columns += [bytes([0x2A, len(tag) + 9, 0x0A, len(tag) + 7, 0x0A, len(tag)]) + tag + b"\x15", values.astype("<f4")]
    data = np.hstack([_column(item, step.size) for item in columns])
    head = np.frombuffer(struct.pack("<Q", data.shape[1]), dtype=np.uint8)[None].repeat(step.size, 0)
    return np.hstack([head, _masked(head), data, _masked(data)]).tobytes()


def _column(item: bytes | np.ndarray, rows: int) -> np.ndarray:
    if isinstance(item, bytes):
        return np.frombuffer(item, dtype=np.uint8)[None].repeat(rows, 0)
    return np.ascontiguousarray(item).view(np.uint8).reshape(rows, -1)


def _masked(rows: np.ndarray) -> np.ndarray:
    """TFRecord's masked CRC-32C of each row."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1)
    crc = np.full(len(rows), 0xFFFFFFFF, dtype=np.uint32)
    for byte in rows.T:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc = crc ^ np.uint32(0xFFFFFFFF)
    masked = ((crc >> 15) | (crc << 17)) + np.uint32(0xA282EAD8)
    return masked.astype("<u4").view(np.uint8).reshape(len(rows), 4)


FORMS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "csv": ("log.csv", lines("%d,%.6f\n", "step,train_loss\n")),
    "csv with gaps": ("gaps.csv", gaps),
    "json lines": ("log.jsonl", lines('{"step": %d, "train/loss": %.6f}\n')),
    "json lines, nested": ("nested.jsonl", lines('{"step": %d, "train": {"loss": %.6f}, "phase": "train"}\n')),
    "tensorboard": ("run", events),
}


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--forms", nargs="+", choices=list(FORMS), default=list(FORMS))
    given = parser.parse_args()
    rows = [measured(form, given.points) for form in given.forms]
    result = {
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, {os.cpu_count()} cores, CPU",
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "command": f"python benchmarks/read.py --points {given.points}",
        "rows": rows,
    }
    print(json.dumps(result, indent=1))


def measured(form: str, points: int) -> dict[str, object]:
    """Wall seconds, processor seconds and memory of reading one file."""
    name, write = FORMS[form]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path, points)
        size = sum(file.stat().st_size for file in ([path] if path.is_file() else path.iterdir()))
        started = time.perf_counter()
        command = [sys.executable, "-m", "advisor", "read", str(path), "--format", "json"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
    return {
        "form": form,
        "points": points,
        "file_megabytes": round(size / 1e6),
        "seconds": round(seconds, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_megabytes": round(used.ru_maxrss / 1024),
        "exit_code": os.waitstatus_to_exitcode(status),
    }


if __name__ == "__main__":
    main()
