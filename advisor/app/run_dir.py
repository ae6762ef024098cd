"""The folder of one run: where it lies, what is written into it, which earlier runs it may read."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from advisor.config.config import Config
from advisor.errors import UsageError
from advisor.schema.base import plain
from advisor.schema.report import Report
from advisor.utils.jsonio import dumps, write_atomic


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
        try:
            self.path, self._made = _make(out / name, run)
            self.store.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                "an output folder that can be written to",
                f"{error.filename or out / name}: {error.strerror}",
                "name another with --out",
            ) from error
        self.run = self.path.name

    @property
    def store(self) -> Path:
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
        """Takes the folder back if nothing came of the run; what was there before stays."""
        if not self._made:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in (self.path.parent, self.path.parent.parent):
            with suppress(OSError):
                parent.rmdir()

    def write(self, report: Report, config: Config | None, comment: str) -> None:
        """Writes report.json and config.yaml; a config of an earlier attempt is removed if there is none now.

        What a killed advisor left half-written is removed: this one holds the lock.
        """
        for rest in self.path.glob(".*.tmp"):
            rest.unlink(missing_ok=True)
        write_atomic(self.report, dumps(plain(report), indent=1) + "\n")
        if config is None:
            self.config.unlink(missing_ok=True)
        else:
            write_atomic(self.config, config.to_yaml(comment))


def _make(folder: Path, run: str | None) -> tuple[Path, bool]:
    """The run's folder, and whether it is new. Without a name it is one that nobody else has, named by the time."""
    folder.mkdir(parents=True, exist_ok=True)
    if run is not None:
        made = not (folder / run).exists()
        (folder / run).mkdir(exist_ok=True)
        return folder / run, made
    stamp, number = time.strftime("%Y-%m-%d-%H%M%S"), 1
    while True:
        path = folder / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            path.mkdir()
            return path, True
        except FileExistsError:
            number += 1
