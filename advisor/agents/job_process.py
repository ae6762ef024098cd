"""Runs the command of a job to its end, independently of its parent: ``python -m advisor.agents.job_process FOLDER``.

It holds a lock on the folder while it runs, forwards interrupts, and records how the command ended.
"""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from advisor.utils.jsonio import write_atomic

COMMAND, RESULT, PROGRESS, EXIT, LOCK = "command.json", "result.json", "progress.txt", "exit", "lock"


def held(lock: IO[str]) -> bool:
    """Tries to take the lock, which is held while the file is open; returns whether another process holds it."""
    try:
        import fcntl
    except ImportError:  # No file locks on this system: only an exit code marks the end.
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def main(folder: Path) -> int:
    """Runs the command of the folder; returns its exit code."""
    command = json.loads((folder / COMMAND).read_text(encoding="utf-8"))
    with (folder / LOCK).open("w") as lock, (folder / RESULT).open("w") as out, (folder / PROGRESS).open("a") as said:
        if held(lock):
            return 2
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=said, start_new_session=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: child.send_signal(number))
        code = child.wait()
        write_atomic(folder / EXIT, f"{code}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
