"""A tuning advisor for PyTorch: what should I set, why, and how sure are you?"""

from typing import TYPE_CHECKING, Any

from advisor._version import __version__

if TYPE_CHECKING:
    from advisor.app.api import diagnose
    from advisor.config.config import Config, load_config
    from advisor.report.report import Report
    from advisor.watching.stop import StopTraining
    from advisor.watching.watch import Watch, watch

_PUBLIC = {
    "Config": "advisor.config.config",
    "Report": "advisor.report.report",
    "StopTraining": "advisor.watching.stop",
    "Watch": "advisor.watching.watch",
    "diagnose": "advisor.app.api",
    "load_config": "advisor.config.config",
    "watch": "advisor.watching.watch",
}

__all__ = ["Config", "Report", "StopTraining", "Watch", "__version__", "diagnose", "load_config", "watch"]


def __getattr__(name: str) -> Any:
    """Loads the public names on first use, so that ``advisor --help`` stays instant."""
    if name in _PUBLIC:
        import importlib

        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'advisor' has no attribute {name!r}")
