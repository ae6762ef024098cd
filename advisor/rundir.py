"""The folder of one run: where it lies, what is written into it, which earlier runs it may read."""

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from advisor.config import Config
from advisor.errors import UsageError
from advisor.jsonio import dumps, write_atomic


class RunDir:
    """``<out>/<name>/<run>/``.

    Args:
        out: Folder for reports.
        name: Task name.
        run: Name of the run; None makes one from the time.

    Raises:
        UsageError: If it cannot be made.
    """

    def __init__(self, out: Path, name: str, run: str | None) -> None:
        self.siblings = sorted((out / name).glob("*/ledger")) if (out / name).is_dir() else []
        self.run = run or _fresh(out / name)
        self.path = out / name / self.run
        try:
            (self.path / "ledger").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                "an output folder that can be written to",
                f"{self.path}: {error.strerror}",
                "name another with --out",
            ) from error

    @property
    def ledger(self) -> Path:
        """Where probes are recorded."""
        return self.path / "ledger"

    @property
    def config(self) -> Path:
        """The recommended configuration."""
        return self.path / "config.yaml"

    @property
    def report(self) -> Path:
        """The result."""
        return self.path / "report.json"

    @property
    def page(self) -> Path:
        """The result to read."""
        return self.path / "report.html"

    @property
    def tensorboard(self) -> Path:
        """Logs of every probe."""
        return self.path / "tensorboard"

    def discard(self) -> None:
        """Takes the folder back if nothing came of the run; folders of other runs stay."""
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in (self.path.parent, self.path.parent.parent):
            with suppress(OSError):
                parent.rmdir()

    def write(self, report: dict[str, Any], config: Config | None, comment: str) -> None:
        """Writes report.json and config.yaml; a config of an earlier attempt is removed if there is none now."""
        write_atomic(self.report, dumps(report, indent=1) + "\n")
        if config is None:
            self.config.unlink(missing_ok=True)
        else:
            write_atomic(self.config, config.to_yaml(comment))


def _fresh(folder: Path) -> str:
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    name, number = stamp, 1
    while (folder / name).exists():
        number += 1
        name = f"{stamp}-{number}"
    return name
