"""Python imports this before anything else: a worker of the advisor is then forked from the interpreter of server.py.

The process that was started stays, hands its standard streams over, and ends as the worker ends. With
ADVISOR_WARM_COMMAND the command itself is forked as well: for tests of what it prints, not of signals. Everything else
that Python runs is left alone.
"""

import os
import sys

_worker = sys.orig_argv[-2:] == ["-m", "advisor.workers.worker"]
_command = "ADVISOR_WARM_COMMAND" in os.environ and sys.orig_argv[1:3] == ["-m", "advisor"]
if "ADVISOR_WARM" in os.environ and (_worker or _command):
    import json
    import signal
    import socket

    with socket.socket(socket.AF_UNIX) as wire:
        wire.connect(os.environ["ADVISOR_WARM"])
        module, *arguments = sys.orig_argv[-1:] if _worker else sys.orig_argv[2:]
        asked = {"module": module, "arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
        text = json.dumps(asked).encode()
        socket.send_fds(wire, [len(text).to_bytes(4)], [0, 1, 2])
        wire.sendall(text)
        signal.signal(signal.SIGTERM, lambda *_: wire.shutdown(socket.SHUT_WR))  # Which is passed on.
        status = wire.recv(4)
    code = os.waitstatus_to_exitcode(int.from_bytes(status)) if status else 1
    if code < 0:
        if code not in (-signal.SIGKILL, -signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
