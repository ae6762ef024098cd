"""All of the sandbox at once."""

import os
import tempfile
from pathlib import Path

from advisor.capture.patching import Patches
from advisor.capture.sandbox import console, kernel, network, processes
from advisor.capture.sandbox.files import Overlay, no_bytecode
from advisor.capture.sandbox.log import HeldBack


class Sandbox:
    """Holds back what is done to the outside, for the rest of the process.

    Args:
        guard: Whether the kernel is asked as well, which holds for all that this process does from then on.

    Attributes:
        held: What was held back.
        guarded: Whether the kernel refuses what would write past Python's own functions.
    """

    def __init__(self, guard: bool) -> None:
        self.held = HeldBack()
        self.guarded = guard
        self._overlay: Overlay | None = None

    def install(self, patches: Patches, script: Path) -> None:
        """Closes it.

        Args:
            patches: Note what is replaced.
            script: The script; a folder for temporary files that holds it is not free to be written to.
        """
        tempfile.tempdir = None  # What was known before is that of another process where this one was forked.
        scratch = Path(tempfile.mkdtemp(prefix="script-")).resolve()
        shared = Path(tempfile.gettempdir()).resolve()
        free = shared if os.environ.get("TMPDIR") and shared not in script.parents else scratch
        (scratch / "tmp").mkdir()
        os.environ["TMPDIR"] = str(scratch / "tmp")
        tempfile.tempdir = None
        for name in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
            os.environ.setdefault(name, str(scratch / "tmp"))
        no_bytecode()
        self.guarded = self.guarded and kernel.only_writes_below([free])
        processes.install(patches, self.held)
        network.install(patches, self.held)
        console.install(patches, self.held)
        self._overlay = Overlay(scratch, free, self.held)
        self._overlay.install(patches)

    def set_active(self, active: bool) -> None:
        """Says whether the script's code runs from now on; other code writes where it says."""
        if self._overlay is not None:
            self._overlay.active = active
