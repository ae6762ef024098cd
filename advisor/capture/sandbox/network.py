"""Blocks connections to other machines, downloads and uploads alike; the local machine stays reachable."""

import os
import socket
from collections.abc import Callable
from typing import Any

from advisor.capture.patching import Patches
from advisor.capture.sandbox.log import HeldBack

_HERE = ("127.", "localhost", "::1", "0.0.0.0")
OFFLINE = {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "WANDB_MODE": "disabled",
    "WANDB_DISABLED": "true", "HF_HUB_DISABLE_TELEMETRY": "1", "DISABLE_TELEMETRY": "1",
}  # fmt: skip


class NoNetwork(ConnectionError):
    """A blocked connection."""


def install(patches: Patches, held: HeldBack) -> None:
    """Blocks connections and name look-ups of other machines, and tells libraries that they are offline."""

    def connect(old: Callable[..., Any]) -> Callable[..., Any]:
        def connected(self: Any, address: Any, *rest: Any) -> Any:
            if _is_here(self.family, address):
                return old(self, address, *rest)
            raise _refused(held, address[0])

        return connected

    def named(old: Callable[..., Any]) -> Callable[..., Any]:
        def found(host: Any, *rest: Any, **keywords: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name is None or str(name).startswith(_HERE) or name == socket.gethostname():
                return old(host, *rest, **keywords)
            raise _refused(held, name)

        return found

    patches.wrap(socket.socket, "connect", connect)
    patches.wrap(socket.socket, "connect_ex", connect)
    patches.wrap(socket, "getaddrinfo", named)
    os.environ.update(OFFLINE)


def _is_here(family: int, address: Any) -> bool:
    return family not in (socket.AF_INET, socket.AF_INET6) or str(address[0]).startswith(_HERE)


def _refused(held: HeldBack, host: Any) -> NoNetwork:
    held.add(f"connects to {host}")
    return NoNetwork(f"the connection to {host} is blocked while the script is captured")
