"""Brings the data of the further tasks into one folder: see README.md for where they come from."""

import argparse
import csv
import wave
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent / "data"


def spoken_digits(folder: Path) -> dict[str, np.ndarray]:
    """Logarithmic spectra of 32 bands by 62 frames, standardised, and the digit."""
    spectra, digits = [], []
    for path in sorted(folder.glob("*.wav")):
        with wave.open(str(path)) as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)[:8000] / 32768
        sound = np.pad(sound, (0, 8000 - len(sound)))
        window = torch.hann_window(256)
        spectrum = torch.stft(torch.tensor(sound), 256, 128, window=window, return_complex=True).abs()
        bands = torch.log1p(100 * spectrum)[:64].reshape(32, 2, -1).mean(1)[:, :62]
        spectra.append(bands.numpy())
        digits.append(int(path.name.split("_")[0]))
    x, order = np.stack(spectra), np.random.default_rng(0).permutation(len(spectra))
    return {"x": ((x - x.mean()) / x.std())[order], "y": np.array(digits)[order]}


def ratings(path: Path) -> dict[str, np.ndarray]:
    """User, film and twice the stars."""
    rows = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1, 2))
    users, films = (np.unique(rows[:, k], return_inverse=True)[1] for k in (0, 1))
    table = np.stack([users, films, rows[:, 2] * 2], 1).astype(np.int64)
    return {"r": table[np.random.default_rng(0).permutation(len(table))]}


def wine(path: Path) -> dict[str, np.ndarray]:
    """Eleven measurements and the quality, in random order."""
    with path.open() as file:
        first = file.readline()
        rows = list(csv.reader(file, delimiter=";" if ";" in first else ","))
    table = np.array(rows, np.float32)
    return {"a": table[np.random.default_rng(0).permutation(len(table))]}


def main() -> None:
    """Writes one file for each, and where the others lie."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "recordings", "ratings", "wine"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    given = parser.parse_args()
    HERE.mkdir(exist_ok=True)
    (HERE / "others.txt").write_text(str(given.data.resolve()))
    np.savez(HERE / "fsdd.npz", **spoken_digits(given.recordings))
    np.savez(HERE / "ratings.npz", **ratings(given.ratings))
    np.savez(HERE / "wine.npz", **wine(given.wine))


if __name__ == "__main__":
    main()
