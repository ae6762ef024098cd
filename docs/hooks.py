"""What the site takes from outside of docs/, and pages that it makes from the code instead of from their text here.

README, CHANGELOG and CONTRIBUTING become pages, the sample reports are copied, links to what is not on the site lose
their target and keep their words. ``api.md`` and ``commands.md`` are made by mkdocstrings and mkdocs-click from the
docstrings and commands that the files here are written from.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
TAKEN = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
SAMPLES = ROOT / "reports" / "samples"
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")


def on_files(files: Files, config: Any) -> Files:
    """Adds what lies outside of docs/."""
    for source, page in TAKEN.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    for report in sorted(SAMPLES.glob("*/*/report.html")):
        name = report.relative_to(SAMPLES.parent).as_posix()
        files.append(File.generated(config, name, abs_src_path=str(report)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Makes reference pages from the code, and mends links that lead out of the site."""
    name = page.file.src_uri
    if name == "api.md":
        import advisor

        homes = [f"{getattr(advisor, item).__module__}.{item}" for item in advisor.__all__ if not item.startswith("_")]
        return "\n\n".join(["# Python interface", *(f"::: {home}" for home in homes)])
    if name == "commands.md":
        options = ("module: advisor.cli.main", "command: main", "prog_name: advisor")
        return "\n".join(["# Commands\n", "::: mkdocs-click", *(f"    :{option}" for option in options), ""])
    return _LINK.sub(lambda match: _mended(match, name, files), markdown)


def _mended(match: re.Match[str], name: str, files: Files) -> str:
    words, target = match[1], match[2]
    if target.startswith(("http", "mailto", "#")):
        return match[0]
    path, mark, anchor = target.partition("#")
    inside = (Path(name).parent / path).as_posix()
    outside = (ROOT / "docs" / name).parent / path if name not in TAKEN.values() else ROOT / path
    if files.get_file_from_path(inside) is not None:
        return match[0]
    for source, there in TAKEN.items():
        if outside.resolve() == ROOT / source:
            return f"[{words}]({there}{mark}{anchor})"
    report = outside.resolve() / "report.html"
    if report.is_relative_to(SAMPLES) and report.is_file():
        return f"[{words}]({report.relative_to(SAMPLES.parent).as_posix()})"
    return words
