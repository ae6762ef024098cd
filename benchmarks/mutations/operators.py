"""Seeded faults: changes of a healthy ``model.py`` after the operators of DeepCrime, each at up to three severities.

Re-made for PyTorch from the published descriptions (Humbatova, Jahangirova, Tonella: "DeepCrime", ISSTA 2021): learning
rate, epochs, batch size, weight decay, momentum, optimizer, weights at the start, training labels, activations, output
activation, inputs. Three more that PyTorch makes easy: layers missing from the optimizer, and sorted data
without shuffling. Settings are changed in place; other code is appended to the file.
"""

import ast
import pprint
import re
from collections.abc import Callable
from typing import Any

SEVERITIES = ("mild", "medium", "severe")
Change = Callable[[str, int], str | None]
"""Maps a healthy text and a severity (0, 1, 2) to a faulty text; None where it does not apply."""
_ACTIVATION = re.compile(r"nn\.(ReLU|GELU|Tanh)\(\)")


def settings_of(text: str) -> dict[str, Any]:
    """The literal ``settings`` of a file."""
    node = _settings_node(text)
    return dict(ast.literal_eval(node.value))


def _settings_node(text: str) -> ast.Assign:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "settings":
            return node
    raise ValueError("a file with settings")


def with_settings(text: str, **changes: Any) -> str:
    """The same file with some settings replaced."""
    node, lines = _settings_node(text), text.splitlines()
    new = "settings = " + pprint.pformat({**settings_of(text), **changes}, sort_dicts=False, width=110)
    return "\n".join([*lines[: node.lineno - 1], *new.splitlines(), *lines[node.end_lineno :]]) + "\n"


def _rate(factors: tuple[float, ...]) -> Change:
    def change(text: str, severity: int) -> str:
        settings, factor = settings_of(text), factors[severity]
        new: dict[str, Any] = {"lr": settings["lr"] * factor}
        if "max_lr" in settings.get("schedule", {}):
            new["schedule"] = {**settings["schedule"], "max_lr": settings["schedule"]["max_lr"] * factor}
        return with_settings(text, **new)

    return change


def _epochs(text: str, severity: int) -> str:
    return with_settings(text, epochs=max(1, settings_of(text)["epochs"] // (4, 8, 16)[severity]))


def _batch(text: str, severity: int) -> str:
    return with_settings(text, batch_size=settings_of(text)["batch_size"] * (4, 12, 40)[severity])


_DECAYS = {"SGD": (0.01, 0.03, 0.1), "AdamW": (1.0, 3.0, 10.0)}


def _decay(text: str, severity: int) -> str:
    grid = _DECAYS.get(settings_of(text)["optimizer"], (0.01, 0.1, 1.0))
    return with_settings(text, weight_decay=grid[severity])


def _momentum(text: str, severity: int) -> str | None:
    value, name = (0.99, 0.997, 0.999)[severity], settings_of(text)["optimizer"]
    if name == "SGD":
        return with_settings(text, momentum=value)
    return with_settings(text, betas=(value, 0.999)) if name in ("Adam", "AdamW") else None


def _optimizer(text: str, severity: int) -> str | None:
    """Another optimizer, the rate kept: Adagrad or plain SGD for adaptive ones, Adam for SGD."""
    settings = settings_of(text)
    is_sgd = settings["optimizer"] == "SGD"
    if is_sgd != (severity == 2):
        return None
    kept = {key: value for key, value in settings.items() if key not in ("momentum", "nesterov", "betas")}
    name = ("Adagrad", "SGD", "Adam")[severity]
    node, lines = _settings_node(text), text.splitlines()
    new = "settings = " + pprint.pformat({**kept, "optimizer": name}, sort_dicts=False, width=110)
    return "\n".join([*lines[: node.lineno - 1], *new.splitlines(), *lines[node.end_lineno :]]) + "\n"


def _start(text: str, severity: int) -> str:
    """Initial weights from a standard normal distribution, all equal, or zero."""
    how = ("nn.init.normal_(weight)", "nn.init.constant_(weight, 0.05)", "nn.init.zeros_(weight)")[severity]
    return (
        text
        + f"""

_before = model


def model():
    net = _before()
    for weight in net.parameters():
        if weight.ndim > 1:
            {how}
    return net
"""
    )


def _labels(text: str, severity: int) -> str:
    """A share of the training targets belong to other examples."""
    return (
        text
        + f"""

_before = train_data


def train_data():
    inputs, targets = _before()
    count = int({(0.1, 0.3, 0.6)[severity]} * len(targets))
    chosen = torch.randperm(len(targets), generator=torch.Generator().manual_seed(7))[:count]
    targets = targets.clone()
    targets[chosen] = targets[chosen.roll(1)]
    return inputs, targets
"""
    )


def _activations(text: str, severity: int) -> str | None:
    """The first activation, all but the last, or all are missing."""
    found = len(_ACTIVATION.findall(text))
    left_out = (1, found - 1, found)[severity]
    if left_out < 1 or (severity == 1 and found < 3) or (severity == 0 and found < 2):
        return None
    return _ACTIVATION.sub("nn.Identity()", text, count=left_out)


def _doubled(text: str, severity: int) -> str | None:
    """The model ends in the softmax or sigmoid that the loss applies again."""
    last = {"nn.CrossEntropyLoss()": "nn.Softmax(-1)", "nn.BCEWithLogitsLoss()": "nn.Sigmoid()"}
    kind = next((module for loss, module in last.items() if f"loss = {loss}" in text), None)
    if kind is None or severity != 2:
        return None
    return (
        text
        + f"""

_before = model


def model():
    return nn.Sequential(_before(), {kind})
"""
    )


def _inputs(text: str, severity: int) -> str | None:
    """Inputs that keep a large scale and offset."""
    if "nn.Embedding" in text or "_inputs[:1350], _inputs" in text:
        return None
    scale, offset = ((5.0, 10.0), (50.0, 100.0), (1000.0, 0.0))[severity]
    return (
        text
        + f"""

_before, _before_val = train_data, val_data


def train_data():
    inputs, targets = _before()
    return {scale} * inputs + {offset}, targets


def val_data():
    inputs, targets = _before_val()
    return {scale} * inputs + {offset}, targets
"""
    )


def _left_out(text: str, severity: int) -> str | None:
    """The optimizer is given all but the first weighted layer, or the last one only."""
    if severity == 1:
        return None
    kept = "weights[2:]" if severity == 0 else "weights[-2:]"
    return (
        text
        + f"""

def param_groups(net):
    weights = list(net.parameters())
    return [{{"params": {kept}}}]
"""
    )


def _sorted(text: str, severity: int) -> str | None:
    """Training examples in order of their class, and a loader that does not shuffle."""
    if severity != 2 or "nn.CrossEntropyLoss()" not in text:
        return None
    return (
        text
        + """

_before = train_data


def train_data():
    inputs, targets = _before()
    order = targets.argsort(stable=True)
    data = torch.utils.data.TensorDataset(inputs[order], targets[order])
    return torch.utils.data.DataLoader(data, settings["batch_size"], shuffle=False)
"""
    )


OPERATORS: dict[str, Change] = {
    "rate too high": _rate((6.0, 30.0, 150.0)),
    "rate too low": _rate((1 / 10, 1 / 50, 1 / 300)),
    "too few epochs": _epochs,
    "batch too large": _batch,
    "decay too large": _decay,
    "momentum too large": _momentum,
    "wrong optimizer": _optimizer,
    "weights at the start": _start,
    "label noise": _labels,
    "activations missing": _activations,
    "output activation doubled": _doubled,
    "inputs not normalised": _inputs,
    "layers not optimised": _left_out,
    "sorted, not shuffled": _sorted,
}


def mutants(healthy: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """One mutant for each operator and severity, the healthy files taken in turn.

    Args:
        healthy: Texts by name.

    Returns:
        Operator, severity, name of the healthy file, and faulty text.
    """
    made = []
    turn = 0
    for operator, change in OPERATORS.items():
        for severity, word in enumerate(SEVERITIES):
            names = sorted(healthy)
            fitting = [(name, text) for name in names if (text := change(healthy[name], severity)) is not None]
            if fitting:
                name, text = fitting[turn % len(fitting)]
                made.append((operator, word, name, text))
            turn += 1
    return made
