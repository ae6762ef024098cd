"""User errors: one clear message, exit code 2, nothing written."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.mistaken_files import FILES
from tests.cli.mistakes import ARGUMENTS, BAD_SETTINGS, GOOD, Case

Advisor = Callable[..., "subprocess.CompletedProcess[str]"]


def one_error(done: "subprocess.CompletedProcess[str]") -> str:
    """The single error on stderr, in its three parts, and nothing else anywhere."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert [line[:16] for line in lines] == ["error: expected ", "       found    ", "       do       "], done.stderr
    assert all(len(line) > 16 for line in lines)
    return done.stderr


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in FILES + BAD_SETTINGS + ARGUMENTS])
def test_one_clear_error_and_nothing_written(case: Case, advisor: Advisor, tmp_path: Path) -> None:
    task = tmp_path / "task.py"
    task.write_text("import torch\n" + (case.source or ""), encoding="utf-8", errors="surrogateescape")
    done = advisor("diagnose", task, "--out", tmp_path / "reports", "--device", "cpu", *case.arguments, cwd=tmp_path)
    said = one_error(done)
    missing = [word for word in case.says if word not in said]
    assert not missing, said
    assert not (tmp_path / "reports").exists()


@pytest.mark.usefixtures("warm")
def test_a_file_that_ends_its_process_is_one_clear_error(advisor_process: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import os\nos._exit(7)\n")
    said = one_error(advisor_process("diagnose", tmp_path / "task.py", "--out", tmp_path / "reports"))
    assert "ends before it trains" in said
    assert "exit code 7" in said
    assert not (tmp_path / "reports").exists()


def test_no_such_file(advisor: Advisor, tmp_path: Path) -> None:
    said = one_error(advisor("diagnose", tmp_path / "absent.py", "--out", tmp_path / "reports"))
    assert f"nothing at {tmp_path / 'absent.py'}" in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder(advisor: Advisor, tmp_path: Path) -> None:
    said = one_error(advisor("diagnose", tmp_path, "--out", tmp_path / "reports"))
    assert f"the folder {tmp_path}" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["taken", "taken/deeper"])
def test_out_is_a_file(out: str, advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    (tmp_path / "taken").write_text("mine")
    said = one_error(advisor("diagnose", tmp_path / "task.py", "--out", tmp_path / out))
    assert "--out as a folder" in said
    assert f"{tmp_path / 'taken'} is a file" in said
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_out_may_not_be_written(advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    (tmp_path / "closed").mkdir(mode=0o500)
    said = one_error(advisor("diagnose", tmp_path / "task.py", "--out", tmp_path / "closed"))
    assert "a writable" in said
    assert str(tmp_path / "closed") in said


def test_a_path_that_is_not_ascii_is_shown_intact(advisor: Advisor, tmp_path: Path) -> None:
    folder = tmp_path / "Zählung 数 🙂"
    folder.mkdir()
    (folder / "Übung.py").write_text("x = (\n", encoding="utf-8")
    assert "Übung.py, line 1" in one_error(advisor("diagnose", folder / "Übung.py", "--out", tmp_path / "reports"))
    said = one_error(advisor("diagnose", folder / "nichts.py", "--out", tmp_path / "reports"))
    assert str(folder / "nichts.py") in said


def test_debug_adds_the_users_traceback(advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("x = 1\ny = x / 0\n")
    done = advisor("--debug", "diagnose", tmp_path / "task.py", "--out", tmp_path / "reports")
    assert done.returncode == 2
    assert done.stderr.startswith("error: expected ")
    assert "Traceback" in done.stderr
    assert "task.py" in done.stderr


@pytest.mark.parametrize("arguments", [("--budget", "much"), ("--nonsense",), ("--epochs", "2.5"), ("--format", "pdf")])
def test_arguments_that_cannot_be_read(arguments: tuple[str, ...], advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    done = advisor("diagnose", tmp_path / "task.py", "--out", tmp_path / "reports", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert arguments[0] in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, ("a readable config.yaml", "config.yaml")),
        ("optimizer: [", ("YAML",)),
        ("optimizer: {name: SGD, lr: 0.1}\nbatch_size: 0\nepochs: 1\n", ("batch_size: a whole number", "0")),
        ("optimizer: {name: SGD, lr: 0.1, speed: 3}\nbatch_size: 4\nepochs: 1\n", ("torch.optim.SGD", "speed")),
        ("optimizer: {name: SGD, lr: fast}\nbatch_size: 4\nepochs: 1\n", ("lr", "fast")),
    ],
)
def test_train_with_a_broken_config(text: str | None, says: tuple[str, ...], advisor: Advisor, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import torch\n" + GOOD)
    config = tmp_path / "config.yaml"
    if text is not None:
        config.write_text(text)
    done = advisor("train", tmp_path / "task.py", "--config", config, "--out", tmp_path / "runs", cwd=tmp_path)
    said = one_error(done)
    assert not [word for word in says if word not in said], said


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_report_of_a_folder_without_one(text: str | None, advisor: Advisor, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    said = one_error(advisor("report", tmp_path))
    assert "report.json" in said
    assert not (tmp_path / "report.html").exists()
