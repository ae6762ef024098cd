"""The documentation site: built as it is published, any warning an error."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mkdocs_click")
pytest.importorskip("mkdocstrings")
ROOT = Path(__file__).parents[2]


def test_it_builds_without_a_warning_and_its_links_lead_somewhere(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=quiet)
    assert done.returncode == 0, done.stderr
    pages = {
        path.relative_to(tmp_path).as_posix(): path.read_text(encoding="utf-8") for path in tmp_path.glob("*.html")
    }
    assert {"index.html", "watch.html", "agents.html", "api.html"} <= set(pages)
    assert 'id="advisor-diagnose"' in pages["commands.html"]
    assert "Watches a run in progress" in pages["api.html"]
    for name, text in pages.items():
        for target in re.findall(r'href="([^"#:?]+)"', text):
            if not target.startswith(("/", "assets/")) and name != "404.html":
                assert (tmp_path / target).exists(), f"{name}: {target}"
