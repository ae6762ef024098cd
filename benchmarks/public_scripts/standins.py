"""Small data sets in the formats that public scripts expect: digits as MNIST, waves as a series, repeated words."""

import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

_SENTENCE = """the cat sat on the mat and the dog ran to the house while a bird sang in the old tree near the river
where children play all day long until night falls"""


def prose(count: int) -> str:
    """Sentences of twelve words each."""
    draw = np.random.default_rng(0)
    return "\n".join(" ".join(draw.choice(_SENTENCE.split(), 12)) for _ in range(count)) + "\n"


def mnist_full(folder: Path) -> None:
    """The same digits again and again, as many as MNIST has."""
    mnist(folder, 60_000, 10_000)


def mnist(folder: Path, train: int = 1400, test: int = 397) -> None:
    """Digits of scikit-learn, enlarged to 28 x 28, in MNIST's files; Fashion-MNIST gets the same."""
    images, labels = load_digits(return_X_y=True)
    enlarged = np.kron(images.reshape(-1, 8, 8), np.ones((3, 3))) * 15.9
    whole = np.pad(enlarged, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)
    for name in ("MNIST", "FashionMNIST"):
        raw = folder / name / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for kind, begin, end, count in (("train", 0, 1400, train), ("t10k", 1400, None, test)):
            x, y = np.resize(whole[begin:end], (count, 28, 28)), np.resize(labels[begin:end], count).astype(np.uint8)
            (raw / f"{kind}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, len(x), 28, 28) + x.tobytes())
            (raw / f"{kind}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, len(y)) + y.tobytes())


def cifar10(folder: Path) -> None:
    """Random images in the files of CIFAR-10."""
    draw = np.random.default_rng(0)
    target = folder / "cifar-10-batches-py"
    target.mkdir(parents=True, exist_ok=True)
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        data = {
            "data": draw.integers(0, 255, (200, 3072), dtype=np.uint8),
            "labels": list(map(int, draw.integers(0, 10, 200))),
        }
        (target / name).write_bytes(pickle.dumps(data))
    (target / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))


def cifar100(folder: Path) -> None:
    """Random images in the files of CIFAR-100."""
    draw = np.random.default_rng(0)
    target = folder / "cifar-100-python"
    target.mkdir(parents=True, exist_ok=True)
    for name, count in (("train", 500), ("test", 100)):
        labels = list(map(int, draw.integers(0, 100, count)))
        data = {"data": draw.integers(0, 255, (count, 3072), dtype=np.uint8), "fine_labels": labels}
        (target / name).write_bytes(pickle.dumps({**data, "coarse_labels": [label // 5 for label in labels]}))
    names = {"fine_label_names": [f"kind {i}" for i in range(100)], "coarse_label_names": [str(i) for i in range(20)]}
    (target / "meta").write_bytes(pickle.dumps(names))


def masks(folder: Path) -> None:
    """Images of one bright disc each, with its mask."""
    from PIL import Image

    draw = np.random.default_rng(0)
    for name in ("imgs", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    across, down = np.meshgrid(np.arange(64), np.arange(64))
    for i in range(24):
        disc = (across - draw.integers(16, 48)) ** 2 + (down - draw.integers(16, 48)) ** 2 < 100
        image = draw.integers(0, 90, (64, 64, 3)) + 150 * disc[..., None]
        Image.fromarray(image.astype(np.uint8)).save(folder / "imgs" / f"{i}.png")
        Image.fromarray(disc.astype(np.uint8)).save(folder / "masks" / f"{i}_mask.gif")


def sine(folder: Path) -> None:
    """Sine waves as the time sequence example generates them, fewer."""
    import torch

    x = np.arange(100)[None] + np.random.default_rng(2).integers(-80, 80, (20, 1))
    torch.save(np.sin(x / 20.0).astype("float64"), folder / "traindata.pt")


def words(folder: Path) -> None:
    """Sentences of few words, in three files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("train.txt", 400), ("valid.txt", 60), ("test.txt", 60)):
        (folder / name).write_text(prose(count))


def text(folder: Path) -> None:
    """One text."""
    (folder / "input.txt").write_text(prose(500))
    path(folder)


def tokens(folder: Path) -> None:
    """Characters as numbers, as nanoGPT prepares them."""
    folder.mkdir(parents=True, exist_ok=True)
    content = prose(600)
    chars = sorted(set(content))
    numbers = np.array([chars.index(c) for c in content], dtype=np.uint16)
    cut = int(0.9 * len(numbers))
    numbers[:cut].tofile(folder / "train.bin")
    numbers[cut:].tofile(folder / "val.bin")
    maps = {"vocab_size": len(chars), "itos": dict(enumerate(chars)), "stoi": {c: i for i, c in enumerate(chars)}}
    (folder / "meta.pkl").write_bytes(pickle.dumps(maps))


def cora(folder: Path) -> None:
    """A small graph in the files of Cora."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    kinds = ["Case_Based", "Genetic_Algorithms", "Neural_Networks", "Probabilistic_Methods", "Reinforcement_Learning",
             "Rule_Learning", "Theory"]  # fmt: skip
    rows = [f"{i}\t" + "\t".join(map(str, draw.integers(0, 2, 60))) + f"\t{kinds[i % 7]}" for i in range(2708)]
    (folder / "cora.content").write_text("\n".join(rows) + "\n")
    pairs = draw.integers(0, 2708, (5400, 2))
    (folder / "cora.cites").write_text("\n".join(f"{a}\t{b}" for a, b in pairs) + "\n")


def series(folder: Path) -> None:
    """Seven waves by the hour."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    hours = np.arange(900)
    table = {"date": pd.date_range("2020-01-01", periods=900, freq="h")}
    table |= {f"x{i}" if i else "OT": np.sin(hours / (5 + i)) for i in range(7)}
    pd.DataFrame(table).to_csv(folder / "series.csv", index=False)


def path(folder: Path) -> None:
    """No data; marks that the repository is on the import path."""


MAKERS: dict[str, Callable[[Path], None]] = {
    "cifar100": cifar100, "masks": masks,
    "mnist": mnist, "mnist_full": mnist_full,
    "cifar10": cifar10, "sine": sine, "words": words, "text": text, "tokens": tokens, "cora": cora,
    "series": series, "path": path,
}  # fmt: skip
