"""A tuning advisor for PyTorch: what should I set, why, and how sure are you?"""

from typing import TYPE_CHECKING, Any

from advisor._version import __version__

if TYPE_CHECKING:
    from advisor.config import Config, load_config

__all__ = ["Config", "__version__", "load_config"]


def __getattr__(name: str) -> Any:
    """Loads the public names on first use, so that ``advisor --help`` stays instant."""
    if name in ("Config", "load_config"):
        import advisor.config

        return getattr(advisor.config, name)
    raise AttributeError(f"module 'advisor' has no attribute {name!r}")
