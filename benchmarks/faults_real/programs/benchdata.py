"""Small real data and series that the programs of this benchmark share; copied beside each of them."""

import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine, make_classification

Pair = tuple[torch.Tensor, torch.Tensor]


def split(inputs: torch.Tensor, targets: torch.Tensor, held_out: int, seed: int = 0) -> tuple[Pair, Pair]:
    """Training and validation pairs, in a random order that is fixed by ``seed``."""
    order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed))
    inputs, targets = inputs[order], targets[order]
    return (inputs[:-held_out], targets[:-held_out]), (inputs[-held_out:], targets[-held_out:])


def digits(scale: float = 16.0, images: bool = False) -> tuple[Pair, Pair]:
    """Handwritten digits, pixels divided by ``scale``; flat rows or (1, 8, 8) images."""
    data = load_digits()
    pixels = torch.tensor(data.images if images else data.data, dtype=torch.float32) / scale
    return split(pixels[:, None] if images else pixels, torch.tensor(data.target), 397)


def table(load, held_out: int, standardised: bool = True) -> tuple[Pair, Pair]:
    """A table of scikit-learn by its loader; each column to zero mean and unit spread unless told otherwise."""
    rows, targets = load(return_X_y=True)
    inputs = torch.tensor(rows, dtype=torch.float32)
    if standardised:
        inputs = (inputs - inputs.mean(0)) / inputs.std(0)
    return split(inputs, torch.tensor(targets), held_out)


def tumours(standardised: bool = True) -> tuple[Pair, Pair]:
    """Breast cancer: 569 rows of 30 columns, two classes."""
    return table(load_breast_cancer, 119, standardised)


def wine() -> tuple[Pair, Pair]:
    """Wine: 178 rows of 13 columns, three classes."""
    return table(load_wine, 48)


def iris() -> tuple[Pair, Pair]:
    """Iris: 150 rows of 4 columns, three classes."""
    return table(load_iris, 45)


def progress(scale: float = 77.0, centre: float = 152.0) -> tuple[Pair, Pair]:
    """Diabetes: 442 rows of 10 columns, one number as a column; ``(target - centre) / scale``."""
    (x, y), (u, v) = table(load_diabetes, 112)
    return (x, (y.float()[:, None] - centre) / scale), (u, (v.float()[:, None] - centre) / scale)


def rare(share: float = 0.02, count: int = 6000) -> tuple[Pair, Pair]:
    """Two classes of which one is rare and hard to tell; the targets are float."""
    x, y = make_classification(
        count, 20, n_informative=8, weights=[1 - share], class_sep=0.35, flip_y=0.005, random_state=1
    )
    return split(torch.tensor(x).float(), torch.tensor(y).float(), count // 4)


def waves(length: int = 24, count: int = 1800) -> tuple[Pair, Pair]:
    """Windows of a noisy sum of sines (count, length, 1) and the value after each (count, 1); split by time."""
    g = torch.Generator().manual_seed(0)
    time = torch.arange(float(count + length))
    series = torch.sin(time / 9) + 0.5 * torch.sin(time / 3.3 + 1) + 0.1 * torch.randn(len(time), generator=g)
    windows = series.unfold(0, length + 1, 1)
    x, y = windows[:, :length, None].contiguous(), windows[:, length:].contiguous()
    cut = int(0.75 * len(x))
    return (x[: cut - length], y[: cut - length]), (x[cut:], y[cut:])


def letters(length: int = 24) -> tuple[Pair, Pair, int]:
    """Next-character pairs of a made-up text of twenty words, and the number of characters."""
    words = "the a one two three red blue green dog cat bird house tree sees likes finds near under over and".split()
    pick = torch.randint(len(words), (7000,), generator=torch.Generator().manual_seed(0)).tolist()
    text = " ".join(words[i] for i in pick)
    chars = sorted(set(text))
    ids = torch.tensor([chars.index(c) for c in text])
    rows = ids[: len(ids) // (length + 1) * (length + 1)].view(-1, length + 1)
    x, y = rows[:, :-1].contiguous(), rows[:, 1:].contiguous()
    cut = int(0.8 * len(x))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:]), len(chars)


def which_first(count: int = 2400, length: int = 12) -> tuple[Pair, Pair]:
    """Token rows in which a 1 and a 2 stand once each; the class says which of the two comes first."""
    g = torch.Generator().manual_seed(0)
    x = torch.randint(3, 12, (count, length), generator=g)
    places = torch.rand(count, length, generator=g).argsort(1)[:, :2]
    rows = torch.arange(count)
    x[rows, places[:, 0]], x[rows, places[:, 1]] = 1, 2
    return split(x, (places[:, 0] < places[:, 1]).long(), 400)
