"""The sandbox as a whole."""

import os
import tempfile
from pathlib import Path

from advisor.capture.patching import Patches
from advisor.capture.sandbox import console, kernel, network, processes
from advisor.capture.sandbox.files import Overlay, no_bytecode
from advisor.capture.sandbox.log import HeldBack


class Sandbox:
    """Blocks side effects for the rest of the process.

    Args:
        guard: Whether to use the kernel's guard as well, which stays in force for this process.

    Attributes:
        held: Blocked side effects.
        guarded: Whether the kernel blocks writes that bypass Python's functions.
    """

    def __init__(self, guard: bool) -> None:
        self.held = HeldBack()
        self.guarded = guard
        self._overlay: Overlay | None = None

    def install(self, patches: Patches, script: Path) -> None:
        """Activates the sandbox.

        Args:
            patches: Records replaced attributes.
            script: The script; a temporary folder that contains it is not writable.
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
        """Whether the script's code is running; writes of other code are not redirected."""
        if self._overlay is not None:
            self._overlay.active = active
