"""The folder of a run: location, output files, and access to earlier runs."""

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
        run: Name of the run; None derives it from the time.

    Raises:
        UsageError: If it cannot be created.
    """

    def __init__(self, out: Path, name: str, run: str | None) -> None:
        self.siblings = sorted((out / name).glob("*/ledger")) if (out / name).is_dir() else []
        try:
            self.path, self._made = _make(out / name, run)
            self.store.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(
                "a writable output folder",
                f"{error.filename or out / name}: {error.strerror}",
                "name another with --out",
            ) from error
        self.run = self.path.name

    @property
    def store(self) -> Path:
        """Folder of the probe records."""
        return self.path / "ledger"

    @property
    def config(self) -> Path:
        """Path of config.yaml."""
        return self.path / "config.yaml"

    @property
    def report(self) -> Path:
        """Path of report.json."""
        return self.path / "report.json"

    @property
    def page(self) -> Path:
        """Path of report.html."""
        return self.path / "report.html"

    @property
    def tensorboard(self) -> Path:
        """Folder of the TensorBoard logs."""
        return self.path / "tensorboard"

    def discard(self) -> None:
        """Deletes the run folder if this run created it; existing files stay."""
        if not self._made:
            return
        shutil.rmtree(self.path, ignore_errors=True)
        for parent in (self.path.parent, self.path.parent.parent):
            with suppress(OSError):
                parent.rmdir()

    def write(self, report: Report, config: Config | None, comment: str) -> None:
        """Writes report.json and config.yaml; removes an earlier config.yaml if there is no recommendation.

        Temporary files of a killed advisor are removed: this process holds the lock.
        """
        for rest in self.path.glob(".*.tmp"):
            rest.unlink(missing_ok=True)
        write_atomic(self.report, dumps(plain(report), indent=1) + "\n")
        if config is None:
            self.config.unlink(missing_ok=True)
        else:
            write_atomic(self.config, config.to_yaml(comment))


def _make(folder: Path, run: str | None) -> tuple[Path, bool]:
    """The run's folder, and whether it is new. Without a name, a unique one is derived from the time."""
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
