"""Small data in the forms that the third list looks for: tables, texts, pictures, graphs and a teacher's weights."""

import gzip
import pickle
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse
from sklearn.datasets import load_digits

from benchmarks.public_scripts.standins import mnist, prose


def tables(folder: Path) -> None:
    """Tables of the UCI repository in the columns that they have there, and a text."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(768, 8)).round(3)
    rows = np.column_stack([x, x[:, 0] + x[:, 1] > 0])
    np.savetxt(folder / "pima-indians-diabetes.csv", rows, delimiter=",", fmt="%g")
    for name, columns, count, labels in (("sonar.csv", 60, 208, "MR"), ("ionosphere.csv", 34, 351, "gb")):
        x = draw.normal(size=(count, columns)).round(3)
        lines = [",".join(map(str, row)) + "," + labels[int(row[0] > 0)] for row in x]
        (folder / name).write_text("\n".join(lines) + "\n")
    months = [f'"{1949 + i // 12}-{1 + i % 12:02d}",{int(110 + 2 * i + 30 * np.sin(i / 2))}' for i in range(144)]
    (folder / "airline-passengers.csv").write_text('"Month","Passengers"\n' + "\n".join(months) + "\n")
    (folder / "wonderland.txt").write_text(prose(40))


def enwik8(folder: Path) -> None:
    """As many bytes as are read of it, of a repeated text."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (prose(400).encode() * 5000)[: int(95e6)]
    (folder / "enwik8.gz").write_bytes(gzip.compress(text, 1))


def teacher(folder: Path) -> None:
    """MNIST, and random weights of the teacher that a student learns from."""
    import torch

    mnist(folder / "data_mnist")
    torch.manual_seed(0)
    sizes = {"fc1": (1200, 784), "fc2": (1200, 1200), "fc3": (10, 1200)}
    weights = {f"{name}.weight": torch.randn(*size) * 0.03 for name, size in sizes.items()}
    weights |= {f"{name}.bias": torch.zeros(size[0]) for name, size in sizes.items()}
    torch.save(weights, folder / "teacher_MLP.pth.tar")


def binarized(folder: Path) -> None:
    """Digits as zeros and ones."""
    images = load_digits(return_X_y=True)[0].reshape(-1, 8, 8)
    enlarged = np.pad(np.kron(images, np.ones((3, 3))), ((0, 0), (2, 2), (2, 2)))
    whole = (enlarged > 7).reshape(len(images), -1).astype(np.float32)
    np.savez(folder / "binarized.npz", train_data=whole[:1400], valid_data=whole[1400:])


def names(folder: Path) -> None:
    """Names that are drawn from syllables, with and without further columns."""
    draw = np.random.default_rng(0)
    syllables = ["an", "el", "mar", "ta", "jo", "lin", "ra", "so", "vi", "be"]
    found = ["".join(draw.choice(syllables, draw.integers(1, 4))) for _ in range(1200)]
    (folder / "names.txt").write_text("\n".join(found) + "\n")
    (folder / "names2017.csv").write_text("\n".join(f"{name.title()},F,{9}" for name in found) + "\n")


def images(folder: Path) -> None:
    """Pictures in a folder of their class."""
    from PIL import Image

    draw = np.random.default_rng(0)
    (folder / "land").mkdir(parents=True, exist_ok=True)
    for i in range(24):
        Image.fromarray(draw.integers(0, 255, (90, 90, 3), dtype=np.uint8)).save(folder / "land" / f"{i}.png")


def planetoid(folder: Path) -> None:
    """A small graph in the eight files of Planetoid's Cora."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    train, known, tested, features, kinds = 140, 1708, 1000, 50, 7
    x = scipy.sparse.csr_matrix(draw.integers(0, 2, (known + tested, features)).astype(np.float32))
    y = np.eye(kinds, dtype=np.int32)[np.arange(known + tested) % kinds]
    graph: dict[int, list[int]] = defaultdict(list)
    for a, b in draw.integers(0, known + tested, (5000, 2)).tolist():
        graph[a].append(b)
        graph[b].append(a)
    parts = {"x": x[:train], "tx": x[known:], "allx": x[:known], "y": y[:train], "ty": y[known:], "ally": y[:known]}
    for name, part in {**parts, "graph": graph}.items():
        (folder / f"ind.cora.{name}").write_bytes(pickle.dumps(part))
    (folder / "ind.cora.test.index").write_text("\n".join(map(str, range(known, known + tested))) + "\n")


def reviews(folder: Path) -> None:
    """Sentences with a label of two kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("train.csv", 600), ("test.csv", 100)):
        lines = [f'"{line}",{i % 2}' for i, line in enumerate(prose(count).splitlines())]
        (folder / name).write_text("text,label\n" + "\n".join(lines) + "\n")


MORE: dict[str, Callable[[Path], None]] = {
    "tables": tables, "enwik8": enwik8, "teacher": teacher, "binarized": binarized, "names": names, "images": images,
    "planetoid": planetoid, "reviews": reviews,
}  # fmt: skip
