"""Python imports this before anything else: a worker of the advisor is then forked from the interpreter of server.py.

The process that the advisor started stays, hands its standard streams over, and ends as the worker ends. Everything
else that Python runs is left alone.
"""

import os
import sys

if sys.orig_argv[-2:] == ["-m", "advisor.workers.worker"] and "ADVISOR_WARM" in os.environ:
    import json
    import signal
    import socket

    with socket.socket(socket.AF_UNIX) as wire:
        wire.connect(os.environ["ADVISOR_WARM"])
        text = json.dumps({"folder": os.getcwd(), "environment": dict(os.environ)}).encode()  # noqa: PTH109
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
