"""What ``advisor export`` does: find the configuration, write it in another form, or set it beside the present one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from advisor.config.config import KEYS, Config, load_config
from advisor.errors import UsageError
from advisor.export import TARGETS
from advisor.utils.jsonio import read_report, write_atomic


def export(source: Path, target: str, out: Path | None) -> str:
    """The configuration in another form, as text; written to ``out`` if it is given.

    Args:
        source: A config.yaml, a run folder, or its report.json.
        target: A key of ``TARGETS``.
        out: File to write, or None.

    Raises:
        UsageError: If there is no configuration, or the file cannot be written.
    """
    config, _ = _configs(source)
    text = TARGETS[target](config)
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
    config, current = _configs(source)
    if current is None:
        raise UsageError("a run folder with report.json, for --diff", str(source), "name the folder of the run")
    now, then = _flat(current.as_dict()), _flat(config.as_dict())
    rows = [("", "setting", "present", "advised")]
    names = [key for part in KEYS for key in dict.fromkeys([*now, *then]) if _part(key) == part]
    rows += [("*" if now.get(k) != then.get(k) else " ", k, now.get(k, "-"), then.get(k, "-")) for k in names]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return [f"{a:<1} {b:<{widths[1]}}  {c:<{widths[2]}}  {d}".rstrip() for a, b, c, d in rows]


def _part(key: str) -> str:
    return key.strip().partition(".")[0]


def _flat(config: dict[str, Any]) -> dict[str, str]:
    result: dict[str, str] = {}
    for key in KEYS:
        value = config.get(key, False if key == "amp" else None)
        if isinstance(value, dict):
            result[key] = str(value["name"])
            result |= {f"  {key}.{name}": _said(item) for name, item in value.items() if name != "name"}
        else:
            result[key] = _said(value)
    return result


def _said(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _configs(source: Path) -> tuple[Config, Config | None]:
    """The advised configuration, and the present one where a report tells it."""
    folder = source if source.is_dir() else source.parent
    report = folder / "report.json"
    if source.is_dir() or source.suffix == ".json":
        data = _report(report if source.is_dir() else source)
        if not isinstance(data.get("recommended"), dict):
            raise UsageError("a run that ended with advice", f"{report}: {data.get('status')}", "name another run")
        return Config.from_dict(data["recommended"], str(report)), Config.from_dict(data["current"], str(report))
    config = load_config(source)
    beside = _report(report).get("current") if report.exists() else None
    return config, None if beside is None else Config.from_dict(beside, str(report))


def _report(path: Path) -> dict[str, Any]:
    try:
        data = read_report(path)
    except (OSError, ValueError) as error:
        raise UsageError("a config.yaml, or a run folder with report.json", f"{path}: {error}", "name one") from error
    if "current" not in data:
        raise UsageError("the report.json of a diagnosis", f"another file: {path}", "name a folder under reports/")
    return data
