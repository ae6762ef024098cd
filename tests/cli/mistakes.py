"""Mistakes in settings and arguments, with the words that their errors must contain."""

from dataclasses import dataclass

MODEL = "def model():\n    return torch.nn.Linear(4, 3)\n"
DATA = "train_data = (torch.randn(40, 4), torch.arange(40) % 3)\n"
LOSS = "loss = torch.nn.CrossEntropyLoss()\n"
GOOD = MODEL + DATA


@dataclass(frozen=True)
class Case:
    """One mistake.

    Attributes:
        name: For people.
        source: The file, after ``import torch`` in line 1; None where the arguments are at fault.
        says: Words that the error must contain, in any order.
        arguments: More of the command line.
    """

    name: str
    source: str | None
    says: tuple[str, ...]
    arguments: tuple[str, ...] = ()


def broken(name: str, source: str, *says: str, arguments: tuple[str, ...] = ()) -> Case:
    return Case(name, source, says, arguments)


def misused(*arguments: str, says: tuple[str, ...]) -> Case:
    return Case(" ".join(arguments), GOOD, says, arguments)


SETTINGS = [
    ("{'learning_rate': 0.1}", ("settings with the keys", "learning_rate", "rename")),
    ("['lr', 0.1]", ("settings", "list")),
    ("{'lr': -0.1}", ("lr as a number above 0", "-0.1")),
    ("{'lr': 0}", ("lr as a number above 0", "0")),
    ("{'lr': 'fast'}", ("lr as a number above 0", "'fast'")),
    ("{'lr': float('nan')}", ("lr as a number above 0", "nan")),
    ("{'lr': float('inf')}", ("lr as a number above 0", "inf")),
    ("{'lr': True}", ("lr as a number above 0", "True")),
    ("{'momentum': 1.0}", ("momentum as a number from 0.0 below 1.0", "1.0")),
    ("{'optimizer': 'Adam', 'betas': 0.9}", ("betas as two numbers", "0.9")),
    ("{'weight_decay': -1e-4}", ("weight_decay as a number from 0.0", "-0.0001")),
    ("{'batch_size': 0}", ("batch_size as a number above 0", "0")),
    ("{'batch_size': 2.5}", ("batch_size as a whole number", "2.5")),
    ("{'epochs': 0}", ("epochs as a number above 0", "0")),
    ("{'epochs': -3}", ("epochs as a number above 0", "-3")),
    ("{'clip_grad_norm': 0}", ("clip_grad_norm as a number above 0", "0")),
    ("{'optimizer': 'Adm'}", ("torch.optim class", "'Adm'", "AdamW")),
    ("{'optimizer': 'Optimizer'}", ("torch.optim class", "'Optimizer'")),
    ("{'optimizer': 'Prodigy'}", ("Prodigy", "sets its own rate", "--optimizer AdamW")),
    ("{'optimizer': 'AdamWScheduleFree'}", ("AdamWScheduleFree", "sets its own rate")),
    ("{'optimizer': 'LBFGS'}", ("one gradient", "LBFGS", "SGD or AdamW")),
    ("{'optimizer': 'AdamW', 'momentum': 0.9}", ("torch.optim.AdamW takes", "momentum")),
    ("{'optimizer': 'SGD', 'nesterov': True}", ("torch.optim.SGD takes", "Nesterov")),
    ("{'schedule': 'zigzag'}", ("schedule", "'zigzag'", "onecycle")),
    ("{'schedule': {'name': 'ZigzagLR'}}", ("lr_scheduler class", "'ZigzagLR'")),
    ("{'schedule': {'name': 'StepLR'}}", ("StepLR takes", "step_size")),
    ("{'schedule': {'name': 'OneCycleLR'}}", ("max_lr: a number for schedule", "None")),
    ("{'schedule': {'gamma': 0.1}}", ("schedule", "name")),
]
BAD_SETTINGS = [broken(f"settings {text}", f"{GOOD}settings = {text}\n", *says) for text, says in SETTINGS]
ARGUMENTS = [
    misused("--budget", "0", says=("--budget as a number above 0", "0")),
    misused("--budget", "-1", says=("--budget as a number above 0", "-1")),
    misused("--budget", "nan", says=("--budget as a number above 0", "nan")),
    misused("--budget", "inf", says=("--budget as a number above 0", "inf")),
    misused("--minutes", "0", says=("--minutes as a number above 0", "0")),
    misused("--minutes", "nan", says=("--minutes as a number above 0", "nan")),
    misused("--run", "a/b", says=("--run as a plain folder name", "'a/b'", "slashes")),
    misused("--run", "..", says=("--run as a plain folder name", "'..'")),
    misused("--run", "", says=("--run as a plain folder name", "''")),
    misused("--workers", "-1", says=("--workers", "-1")),
    misused("--seed", "99999999999999999999", says=("--seed", "99999999999999999999")),
    misused("--device", "abacus", says=("device", "abacus", "cpu")),
    misused("--device", "cpu:first", says=("device", "cpu:first")),
    misused("--select", "XX999", says=("XX999",)),
    misused("--ignore", "nonsense", says=("nonsense",)),
    misused("--model", "Nett", says=("`Nett` in task.py", "no such name")),
    misused("--train", "data", says=("`data` in task.py", "no such name")),
    misused("--loss", "mse", says=("`mse` in task.py", "no such name")),
    misused("--optimizer", "Adm", says=("torch.optim class", "'Adm'")),
    misused("--lr", "-1", says=("lr as a number above 0", "-1")),
    misused("--batch-size", "0", says=("batch_size as a number above 0", "0")),
    misused("--epochs", "0", says=("epochs as a number above 0", "0")),
    broken(
        "--objective metric without one",
        "model = lambda: torch.nn.Linear(4, 1)\ntrain_data = (torch.randn(40, 4), torch.randn(40, 1))\n",
        "a metric in the file", "none", "define metric",
        arguments=("--objective", "metric"),
    ),
]  # fmt: skip
