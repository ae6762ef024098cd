"""A script that is made for ``torchrun``: it is run as the first of its processes, and the others are not started."""

import contextlib
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from advisor.capture.events import Seen
from advisor.capture.patching import Patches
from advisor.capture.source import is_users

_DDP = "DistributedDataParallel"


def install(patches: Patches, watching: Patches, seen: Seen, nproc: int) -> None:
    """Makes the script the first of ``nproc`` processes; wrappers of models give the model itself.

    With one process the variables of ``torchrun`` are there only for code that cannot do without them, so that a script
    for both ways of starting it is run the way it was started.

    Args:
        patches: Those that stay while the loop body is used.
        watching: Those that are needed only while the script itself runs.
        seen: Is told of what was found.
        nproc: Processes that the script is to believe in.
    """
    variables = {
        "RANK": "0", "LOCAL_RANK": "0", "GROUP_RANK": "0", "WORLD_SIZE": str(nproc), "LOCAL_WORLD_SIZE": str(nproc),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500",
    }  # fmt: skip
    if nproc > 1:
        os.environ.update(variables, TORCHELASTIC_RUN_ID="none")
    else:
        watching.wrap(type(os.environ), "__getitem__", lambda old: _with(old, variables))
    _wrappers(patches, seen)
    if torch.distributed.is_available():
        patches.wrap(torch.distributed, "init_process_group", lambda old: _group(old, seen))
        patches.wrap(torch.distributed, "get_world_size", lambda old: _size(old, nproc))


def _with(old: Callable[..., str], variables: dict[str, str]) -> Callable[..., str]:
    """``os.environ[name]`` in the user's code; what asks with a default is given that."""

    def read(self: Any, name: str) -> str:
        if name in variables and is_users(sys._getframe(1).f_code.co_filename):
            try:
                return old(self, name)
            except KeyError:
                return variables[name]
        return old(self, name)

    return read


def _wrappers(patches: Patches, seen: Seen) -> None:
    class Alone:
        """DataParallel and its like on one device: the module itself."""

        def __new__(cls, module: Any, *_: Any, **__: Any) -> Any:
            object.__setattr__(module, "module", module)
            object.__setattr__(module, "no_sync", contextlib.nullcontext)
            return module

    class Divided(Alone):
        """DistributedDataParallel: the same, and it is said."""

        def __new__(cls, module: Any, *_: Any, **__: Any) -> Any:
            seen.launched = _DDP
            return super().__new__(cls, module)

    patches.set(nn, "DataParallel", Alone)
    patches.set(nn.parallel, "DataParallel", Alone)
    patches.set(nn.parallel, _DDP, Divided)


def _group(old: Callable[..., Any], seen: Seen) -> Callable[..., Any]:
    """A group of this process alone, whatever the script asks for."""

    def init(*_: Any, **__: Any) -> None:
        seen.launched = seen.launched or "init_process_group"
        if not torch.distributed.is_initialized():
            with socket.create_server(("127.0.0.1", 0)) as server:
                port = server.getsockname()[1]
            old("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=0, world_size=1)

    return init


def _size(old: Callable[..., int], nproc: int) -> Callable[..., int]:
    """As many processes as the script believes in, where it asks about all of them."""

    def size(group: Any = None) -> int:
        return nproc if group is None and torch.distributed.is_initialized() else old(group)

    return size
