"""The return value of ``advisor.diagnose``: report.json as an object that notebooks and browsers can show."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from advisor.config.config import Config
from advisor.report.formatting import CONFIDENCE, knob, setting
from advisor.report.summary import lines
from advisor.schema.base import Facts, plain
from advisor.schema.files import report_from

_WIDTH = 100


class Report:
    """A finished diagnosis. The keys of report.json are attributes with the same values.

    Args:
        data: Contents of report.json.
        path: The run folder.
    """

    def __init__(self, data: Facts, path: Path) -> None:
        self._result = report_from(data)
        self.data: Facts = plain(self._result)
        self.path = path

    def __getattr__(self, name: str) -> Any:
        """A key of report.json."""
        data = self.__dict__.get("data", {})
        if name in data:
            return data[name]
        raise AttributeError(f"a report has no {name!r}; it has {', '.join(sorted(data))}, path, config, open()")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.data})

    @property
    def config(self) -> Config | None:
        """The recommendation as a ``Config``, whose ``build`` makes optimizer and scheduler; None if there is none."""
        recommended = self.data["recommended"]
        return Config.from_dict(recommended, "the report") if recommended else None

    def open(self) -> None:
        """Opens report.html in the browser."""
        import webbrowser

        webbrowser.open((self.path / "report.html").resolve().as_uri())

    def __repr__(self) -> str:
        config = self.path / "config.yaml"
        shown = str(config) if config.exists() else ""
        return "\n".join(lines(self._result, _WIDTH, config=shown, page=str(self.path / "report.html")))

    def _repr_html_(self) -> str:
        rows = [
            f"<tr><td>{_safe(knob(change.setting))}</td><td>{_safe(setting(change.from_))}</td>"
            f"<td><b>{_safe(setting(change.to))}</b></td><td>{_safe(change.worth)}</td>"
            f"<td>{_safe(CONFIDENCE[change.confidence])}</td></tr>"
            for change in self._result.changes
        ]
        faults = [
            f"<li><b>{_safe(found.title)}</b>: {_safe(found.evidence.text)}</li>"
            for found in self._result.findings
            if found.verdict == "detected" and found.severity == "fault"
        ]
        head = "<tr><th>setting</th><th>current</th><th>advised</th><th>worth</th><th>confidence</th></tr>"
        page = (self.path / "report.html").resolve().as_uri()
        parts = [
            f"<p><b>{_safe(self._result.verdict)}</b></p>",
            f"<ul>{''.join(faults)}</ul>" if faults else "",
            f"<table>{head}{''.join(rows)}</table>" if rows else "",
            f'<p><a href="{_safe(page)}">report.html</a> in {_safe(self.path)}</p>',
        ]
        return "".join(parts)


def _safe(value: object) -> str:
    return html.escape(str(value))
