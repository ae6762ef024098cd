"""The documentation: every code block runs, generated pages are current, links resolve."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from advisor.cli.main import main
from advisor.cli.reference import PAGES as WRITTEN

pytestmark = pytest.mark.usefixtures("warm")
ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = {"rules.md", *WRITTEN}
LANGUAGES = {"python", "console", "yaml", "json", "text"}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
CHEAP = ("--select", "LR", "--workers", "1", "--budget", "0.5", "--quiet")
"""What is added to every diagnosis, so that it is real and short."""
NOT_RUN = ("pip install", "make ", "tensorboard ")
TRAIN = """
import torch
from torch import nn

inputs = torch.randn(300, 4)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(60):
    for i in range(0, len(inputs), 10):
        loss = nn.functional.mse_loss(model(inputs[i : i + 10]), inputs[i : i + 10, :1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def blocks(page, language):
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


ALL = {
    kind: [pytest.param(text, id=f"{page.stem}-{i}") for page in PAGES for i, text in enumerate(blocks(page, kind))]
    for kind in LANGUAGES
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A reader's folder: the example, a script, a model, a configuration and a finished run."""
    here = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "examples", here / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    sample = ROOT / "reports" / "samples" / "digits_cnn" / "healthy"
    shutil.copytree(sample, here / "reports" / "example")
    shutil.copy(sample / "config.yaml", here / "config.yaml")
    (here / "train.py").write_text(TRAIN)
    (here / "model.py").write_text(next(text for text in blocks(ROOT / "README.md", "python") if "# model.py" in text))
    (here / "runs_of_mine").mkdir()
    (here / "runs_of_mine" / "metrics.csv").write_text(
        "step,loss,val_loss\n" + "".join(f"{i},{1 / (i + 1)},{1 / (i + 1) + 0.1}\n" for i in range(40))
    )
    return here


def test_every_block_says_what_it_is():
    for page in PAGES:
        kinds = [kind for kind, _ in BLOCK.findall(page.read_text(encoding="utf-8"))]
        assert set(kinds) <= LANGUAGES, page.name


@pytest.mark.parametrize("text", ALL["python"])
def test_python_blocks_run(folder, text, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    text = text.replace('name="quick"', 'name="quick", select=["LR"], workers=1, progress=False')
    try:
        exec(compile(text, "block.py", "exec"), {"__name__": "__main__"})
    finally:
        sys.modules.pop("model", None)


DONE = {}


@pytest.mark.parametrize("text", ALL["console"])
def test_console_blocks_run(folder, text, monkeypatch):
    monkeypatch.chdir(folder)
    lines = [line.removeprefix("$ ").partition("  #")[0].strip() for line in text.splitlines() if line.startswith("$ ")]
    assert lines
    for line in lines:
        if line.startswith(NOT_RUN):
            continue
        words = shlex.split(line)
        assert words[0] == "advisor", line
        extra = CHEAP if words[1] == "diagnose" else ("--force",) if words[1] == "init" else ()
        if line not in DONE:
            DONE[line] = CliRunner().invoke(main, [*words[1:], *extra])
        assert DONE[line].exit_code == 0, f"{line}\n{DONE[line].output}"


def test_make_targets_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    used = {
        word
        for page in PAGES
        for block in blocks(page, "console")
        for word in re.findall(r"^\$ make (\w+)", block, re.M)
    }
    assert used and used <= targets


@pytest.mark.parametrize("text", [*ALL["yaml"], *ALL["json"]])
def test_data_blocks_parse(text):
    assert yaml.safe_load(text) if not text.lstrip().startswith("{") else json.loads(text)


@pytest.mark.parametrize("name", WRITTEN)
def test_generated_pages_are_current(name):
    said = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert said == WRITTEN[name](), f"run: python -m advisor.cli.reference {name} > docs/{name}"


def test_every_command_is_in_the_read_me_or_the_quick_start():
    said = (ROOT / "README.md").read_text() + (ROOT / "docs" / "quickstart.md").read_text()
    assert [name for name in main.commands if f"advisor {name}" not in said and f"`{name}`" not in said] == []


OTHER_PROGRAMS = r"^(#SBATCH|ray |srun |torchrun ).*$|`ray [^`]*`"


def test_options_named_in_the_text_exist():
    known = set(re.findall(r"--[a-z][a-z-]+", WRITTEN["commands.md"]())) | {"--logdir", "--strict"}
    for page in PAGES:
        if page.name in GENERATED:
            continue
        text = re.sub(OTHER_PROGRAMS, "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        assert used - known - {"--eval", "--data", "--work", "--check"} == set(), page.name


def test_links_lead_somewhere():
    for page in [*PAGES, *sorted((ROOT / "docs" / "adr").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]*)?\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http", "mailto")):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_fifteen_questions_are_answered():
    numbers = re.findall(r"^### (\d+)\. ", (ROOT / "docs" / "faq.md").read_text(), re.M)
    assert numbers == [str(n) for n in range(1, 16)]


def test_codes_named_in_the_text_exist():
    book = (ROOT / "docs" / "rules.md").read_text()
    for name in ("faq.md", "report.md", "limits.md", "quickstart.md"):
        codes = set(re.findall(r"\b(?:PF|LR|BS|MO|WD|FT|EP|ST|EX|CA)\d{3}\b", (ROOT / "docs" / name).read_text()))
        assert {code for code in codes if f"### {code} " not in book} == set(), name
