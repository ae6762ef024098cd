"""Deferred signals."""

import os
import signal
import time

import pytest

from advisor.utils.signals import allowed, handled, put_off


def test_the_first_signal_waits_for_where_it_is_allowed() -> None:
    reached = []
    with handled(), put_off():
        os.kill(os.getpid(), signal.SIGTERM)
        reached.append("after the first")
        with pytest.raises(KeyboardInterrupt), allowed():
            reached.append("never")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            reached.append("never")
    assert reached == ["after the first"]
    with handled(), pytest.raises(KeyboardInterrupt), put_off(), allowed():
        os.kill(os.getpid(), signal.SIGHUP)
        time.sleep(1)
