"""The configuration as data."""

from __future__ import annotations

from advisor.config.config import Config
from advisor.utils.jsonio import dumps


def as_yaml(config: Config) -> str:
    """The form of config.yaml."""
    return config.to_yaml()


def as_json(config: Config) -> str:
    """The same in JSON."""
    return dumps(config.as_dict(), indent=1) + "\n"
