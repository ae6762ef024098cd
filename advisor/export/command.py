"""``advisor export``: finds the configuration and converts it, or compares it with the current one."""

from __future__ import annotations

from pathlib import Path

from advisor.config.config import KEYS, Config, load_config
from advisor.errors import UsageError
from advisor.export import TARGETS
from advisor.schema.base import Facts, Setting, plain
from advisor.schema.files import read_report
from advisor.schema.settings import Settings
from advisor.utils.jsonio import write_atomic


def export(source: Path, target: str, out: Path | None) -> str:
    """Converts the configuration to another form; writes it to ``out`` if given.

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
            raise UsageError("a writable path", f"{out}: {error.strerror}", "name another with --out") from error
    return text


def difference(source: Path) -> list[str]:
    """Current and recommended settings side by side, one per line; ``*`` marks those that change.

    Raises:
        UsageError: If the source does not contain the current settings.
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
    """The report.json given as the source, or in the same folder."""
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
