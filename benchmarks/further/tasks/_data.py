"""Data of the further tasks: training, validation and test sets as tensors; `prepare.py` brings them here."""

import itertools
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import TensorDataset

HERE = Path(__file__).parents[1] / "data"
ROOT = Path((HERE / "others.txt").read_text())


def cut(x, y, sizes):
    a = np.cumsum([0, *sizes])
    return [TensorDataset(x[i:j], y[i:j]) for i, j in itertools.pairwise(a)]


def fsdd():
    z = np.load(HERE / "fsdd.npz")
    return cut(torch.tensor(z["x"]).unsqueeze(1), torch.tensor(z["y"]).long(), (1800, 500, 700))


def ml():
    r = torch.tensor(np.load(HERE / "ratings.npz")["r"])
    return cut(r[:, :2], (r[:, 2:].float() - 7.0) / 2, (60000, 10000, 20000))


def wine():
    a = np.load(HERE / "wine.npz")["a"]
    x = a[:, :-1]
    x = (x - x.mean(0)) / x.std(0)
    y = (a[:, -1:] - a[:, -1].mean()) / a[:, -1].std()
    return cut(torch.tensor(x), torch.tensor(y), (1000, 250, 349))


def fashion(n=(8000, 2000, 5000), flat=False):
    z = np.load(ROOT / "fashion_mnist/fashion_mnist.npz")
    p = np.random.default_rng(5).permutation(len(z["x_train"]))
    x = torch.tensor(z["x_train"][p]).float().div(255).sub(0.286).div(0.353).unsqueeze(1)
    y = torch.tensor(z["y_train"][p]).long()
    if flat:
        x = x.flatten(1)
        return cut(x, x, n)
    return cut(x, y, n)


def mnist():
    z = np.load(ROOT / "small/mnist.npz")
    x = torch.tensor(z["x"]).float().div(255).sub(0.1307).div(0.3081).unsqueeze(1)
    return cut(x, torch.tensor(z["y"]).long(), (5000, 2000, 5000))


def digits():
    from sklearn.datasets import load_digits

    d = load_digits()
    p = np.random.default_rng(0).permutation(len(d.target))
    return cut(
        torch.tensor(d.data[p]).float().div(16).sub(0.3).div(0.38), torch.tensor(d.target[p]).long(), (1000, 297, 500)
    )


def text(ctx=48, n=(3000, 400, 400)):
    t = (ROOT / "tiny_shakespeare/input.txt").read_text()
    v = sorted(set(t))
    ix = {c: i for i, c in enumerate(v)}
    d = torch.tensor([ix[c] for c in t])
    N = len(d)
    out = []
    for (lo, hi), k, seed in zip(((0, 0.8), (0.8, 0.9), (0.9, 1)), n, (7, 8, 9), strict=False):
        g = torch.Generator().manual_seed(seed)
        s = torch.randint(int(lo * N), int(hi * N) - ctx - 1, (k,), generator=g)
        out.append(
            TensorDataset(torch.stack([d[i : i + ctx] for i in s]), torch.stack([d[i + 1 : i + ctx + 1] for i in s]))
        )
    return out


def imdb(L=96):
    z = np.load(ROOT / "imdb/imdb_tokens.npz")
    x = torch.tensor(z["x_train"]).long()
    y = torch.tensor(z["y_train"]).long()
    g = torch.Generator().manual_seed(4)
    p = torch.randperm(len(x), generator=g)
    x, y = x[p][:, :L], y[p]
    return [
        *cut(x, y, (4000, 1500)),
        TensorDataset(torch.tensor(z["x_test"]).long()[:, :L], torch.tensor(z["y_test"]).long()),
    ]


def ett(seq=48, pred=12):
    a = np.load(ROOT / "small/etth1.npz")["a"]
    n = 8640
    m, s = a[:n].mean(0), a[:n].std(0)
    a = torch.tensor((a - m) / s)

    def win(lo, hi, step=3):
        ii = range(lo, hi - seq - pred, step)
        return TensorDataset(
            torch.stack([a[i : i + seq] for i in ii]), torch.stack([a[i + seq : i + seq + pred] for i in ii])
        )

    return win(0, n), win(n, n + 2880), win(n + 2880, n + 5760)


def adult():
    z = np.load(ROOT / "small/adult.npz")
    cat = np.unpackbits(z["cat"], axis=1)[:, : int(z["width"])].astype(np.float32)
    x = torch.tensor(np.concatenate([z["num"], cat], 1))
    y = torch.tensor(z["y"]).float().unsqueeze(1)
    return cut(x, y, (8000, 4000, 10000))
