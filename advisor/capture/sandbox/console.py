"""Prompts, windows and pages that a script opens."""

import builtins
import os
import sys
import webbrowser
from typing import Any

from advisor.capture.patching import Patches
from advisor.capture.sandbox.log import HeldBack


def install(patches: Patches, held: HeldBack) -> None:
    """``input()`` returns an empty line; figures are drawn into memory and not shown."""

    def asked(prompt: Any = "", *_: Any) -> str:
        held.add(f"asks `{str(prompt).strip()[:40]}` (an empty line was answered)" if prompt else "waits for a key")
        return ""

    def opened(url: Any, *_: Any, **__: Any) -> bool:
        held.add(f"opens {url} in the browser")
        return True

    patches.set(builtins, "input", asked)
    patches.set(webbrowser, "open", opened)
    os.environ["MPLBACKEND"] = "Agg"
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use("Agg", force=True)
