"""A configuration as code or arguments. One file per target; no framework is imported here."""

from __future__ import annotations

from collections.abc import Callable

from advisor.config.config import Config
from advisor.export import huggingface, lightning, plain, pytorch

TARGETS: dict[str, Callable[[Config], str]] = {
    "pytorch": pytorch.text,
    "lightning": lightning.text,
    "huggingface": huggingface.text,
    "yaml": plain.as_yaml,
    "json": plain.as_json,
}
