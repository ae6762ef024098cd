"""``advisor read --follow`` while another process writes the log."""

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

WRITER = """
import sys
rows = [(e, 1.0 / e, 1.1 / e if e < 8 else 0.15 + 0.1 * (e - 8)) for e in range(1, 17)]
with open(sys.argv[1], "w") as file:
    file.write("epoch,train_loss,val_loss\\n")
    for epoch, train, val in rows:
        file.write(f"{epoch},{train:.4f},")
        file.flush()
        sys.stdin.readline() if epoch in (3, 8) else None
        file.write(f"{val:.4f}\\n")
        file.flush()
"""
PATIENCE = 60.0


class Follower:
    """A following process and its output."""

    def __init__(self, path):
        command = [sys.executable, "-m", "advisor", "read", "--follow", str(path)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout], daemon=True).start()

    def until(self, words):
        """Lines up to the first that contains the words."""
        said = []
        while not said or words not in said[-1]:
            said.append(self.lines.get(timeout=PATIENCE))
        return said

    def stop(self):
        """Interrupts it as Ctrl-C does; its exit code and what it wrote on stderr."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_it_speaks_when_a_verdict_changes_and_ends_on_ctrl_c(tmp_path):
    log = tmp_path / "run" / "log.csv"
    log.parent.mkdir()
    follower = Follower(log)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(log)], stdin=subprocess.PIPE, text=True)
    try:
        assert "too few to judge" in follower.until("too few")[-1]
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert not any("FT002" in line for line in follower.until("EP002"))
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert "FT002" in follower.until("FT002")[-1]
        assert writer.wait(timeout=PATIENCE) == 0
        code, errors = follower.stop()
        assert code == 0 and "Traceback" not in errors
    finally:
        writer.kill()
        follower.process.kill()


def test_numbers_that_move_are_no_news():
    from advisor.app.read.follow import changes

    before = {("a", "FT002"): "FT002 overfits: 0.3", ("a", " values: too few"): "3 values: too few"}
    assert changes(before, {("a", "FT002"): "FT002 overfits: 0.4", ("b", "EP002"): "EP002 x"}) == ["b: EP002 x"]
    assert changes(before, {}) == ["a: FT002 no longer holds"]


def test_a_file_that_comes_later(tmp_path, capsys):
    from advisor.app.read.follow import follow

    file = Path(tmp_path / "log.csv")
    waits = []

    def wait(seconds):
        waits.append(seconds)
        file.write_text("epoch,train_loss\n1,2.0\n2,1.0\n")

    assert follow([file], looks=2, wait=wait) == 0
    said = capsys.readouterr()
    assert "waiting for" in said.err and "too few to judge" in said.out and len(waits) == 1
