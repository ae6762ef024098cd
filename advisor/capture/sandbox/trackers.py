"""Stand-ins for experiment trackers (wandb, MLflow, TensorBoard and others) that accept every call and do nothing."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from advisor.capture.sandbox.log import HeldBack

NAMES = {
    "wandb": "wandb", "mlflow": "MLflow", "comet_ml": "Comet", "neptune": "Neptune", "clearml": "ClearML",
    "aim": "Aim", "swanlab": "SwanLab", "visdom": "visdom", "tensorboardX": "TensorBoard", "trackio": "trackio",
    "torch.utils.tensorboard": "TensorBoard", "tensorboard_logger": "TensorBoard",
}  # fmt: skip


class Nothing:
    """An object that returns itself for every attribute and call; it is empty and falsy."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _NOTHING

    def __call__(self, *args: Any, **_: Any) -> Any:
        """Returns itself; as a decorator, the function."""
        return args[0] if len(args) == 1 and callable(args[0]) else _NOTHING

    def __getitem__(self, _: Any) -> Any:
        return _NOTHING

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "nothing"

    def __fspath__(self) -> str:
        return "nothing"


_NOTHING = Nothing()


class Config(dict[str, Any]):
    """``wandb.config``: a dict whose entries are also attributes."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self:
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def update(self, values: Any = (), *_: Any, **more: Any) -> None:  # type: ignore[override]
        """Like ``wandb.config.update``, which also accepts an argparse namespace."""
        found = values if isinstance(values, dict) else vars(values) if hasattr(values, "__dict__") else dict(values)
        dict.update(self, {key: value for key, value in {**found, **more}.items() if key != "allow_val_change"})


class _Tracker(ModuleType):
    """A module from which any name can be imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return type(name, (Nothing,), {}) if name[:1].isupper() else _NOTHING


def stand_in(name: str, held: HeldBack) -> ModuleType:
    """The replacement module for a tracker."""
    held.add(f"logs to {NAMES[name]}")
    module = _Tracker(name)
    module.__path__ = []
    module.__version__ = "0.0"  # type: ignore[attr-defined]
    if name == "wandb":
        _wandb(module)
    return module


def _wandb(module: Any) -> None:
    """Makes ``wandb.init(config=...)`` return the given configuration."""
    config = Config()

    class Run(Nothing):
        pass

    run = Run()
    run.config = config  # type: ignore[attr-defined]

    def init(*_: Any, **keywords: Any) -> Any:
        given = keywords.get("config")
        if given is not None and not isinstance(given, str):
            config.update(given)
        return run

    module.init, module.config, module.run = init, config, run
