"""What ``advisor export`` does: find the configuration, write it in another form, or set it beside the present one."""

from __future__ import annotations

from pathlib import Path

from advisor.config.config import KEYS, Config, load_config
from advisor.errors import UsageError
from advisor.export import TARGETS
from advisor.schema.base import Facts, Setting, plain
from advisor.schema.files import read_report
from advisor.schema.report import Settings
from advisor.utils.jsonio import write_atomic


def export(source: Path, target: str, out: Path | None) -> str:
    """The configuration in another form, as text; written to ``out`` if it is given.

    Args:
        source: A config.yaml, a run folder, or its report.json.
        target: A key of ``TARGETS``.
        out: File to write, or None.

    Raises:
        UsageError: If there is no configuration, or the file cannot be written.
    """
    text = TARGETS[target](_advised(source))
    if out is not None:
        try:
            write_atomic(out, text)
        except OSError as error:
            raise UsageError("a place to write to", f"{out}: {error.strerror}", "name another with --out") from error
    return text


def difference(source: Path) -> list[str]:
    """Present and advised settings side by side, one a line; ``*`` marks those that change.

    Raises:
        UsageError: If the source says nothing about the present settings.
    """
    report = _report_of(source)
    if not report.exists():
        raise UsageError("a run folder with report.json, for --diff", str(source), "name the folder of the run")
    now, then = _flat(_config(read_report(report).current, report).as_dict()), _flat(_advised(source).as_dict())
    rows = [("", "setting", "present", "advised")]
    names = [key for part in KEYS for key in dict.fromkeys([*now, *then]) if _part(key) == part]
    rows += [("*" if now.get(k) != then.get(k) else " ", k, now.get(k, "-"), then.get(k, "-")) for k in names]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return [f"{a:<1} {b:<{widths[1]}}  {c:<{widths[2]}}  {d}".rstrip() for a, b, c, d in rows]


def _part(key: str) -> str:
    return key.strip().partition(".")[0]


def _flat(config: Facts) -> dict[str, str]:
    result: dict[str, str] = {}
    for key in KEYS:
        value = config.get(key, False if key == "amp" else None)
        if isinstance(value, dict):
            result[key] = str(value["name"])
            result |= {f"  {key}.{name}": _said(item) for name, item in value.items() if name != "name"}
        else:
            result[key] = _said(value)
    return result


def _said(value: Setting) -> str:
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _report_of(source: Path) -> Path:
    """The report.json that a source is, or lies beside."""
    return source if source.suffix == ".json" else (source if source.is_dir() else source.parent) / "report.json"


def _advised(source: Path) -> Config:
    if not source.is_dir() and source.suffix != ".json":
        return load_config(source)
    path = _report_of(source)
    report = read_report(path)
    if report.recommended is None:
        raise UsageError("a run that ended with advice", f"{path}: {report.status}", "name another run")
    return _config(report.recommended, path)


def _config(settings: Settings, path: Path) -> Config:
    return Config.from_dict(plain(settings), str(path))
