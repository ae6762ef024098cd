"""Processes of a chain, read from /proc."""

from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """Child processes of all threads of a process."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def marked(mark: str) -> list[int]:
    """Process ids that inherited the environment of a chain, without zombies."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError, IndexError):
            if f"FAULTS={mark}\0".encode() in path.read_bytes():
                state = (path.parent / "stat").read_text().rpartition(")")[2].split()[0]
                found += [int(path.parent.name)] if state not in "ZX" else []
    return found


def name_of(pid: int) -> str:
    """Command line of a process; its id if it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return str(pid)
