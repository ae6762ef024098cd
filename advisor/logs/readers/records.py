"""TFRecord framing of TensorBoard's event files, and vectorised parsing of plain scalars."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from advisor.fits.smoothing import Floats

_CHECKED = 4_000_000  # bytes of a file up to which all checksums are verified
_BLOCK = 8_000_000
_HEAD, _FOOT = 12, 4
_LONGEST_STEP = 5  # bytes of a step up to 2 ** 35
Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]


class CutError(Exception):
    """The file ends or is damaged before its end."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Records of one block of a file: record i is ``data[starts[i] : starts[i] + sizes[i]]``."""

    data: bytes
    starts: list[int]
    sizes: list[int]

    def record(self, index: int) -> bytes:
        """The bytes of one record."""
        return self.data[self.starts[index] : self.starts[index] + self.sizes[index]]


@dataclass(frozen=True, slots=True)
class Scalars:
    """Scalars of one tag: record positions in the block, steps, values, wall-clock seconds."""

    tag: str
    index: Places
    step: Floats
    value: Floats
    wall: Floats

    def before(self, index: int) -> "Scalars":
        """The scalars of records before a position."""
        keep = self.index < index
        return Scalars(self.tag, self.index[keep], self.step[keep], self.value[keep], self.wall[keep])


def frames(file: Path) -> Iterator[Frames]:
    """Yields the records of a file, a few megabytes at a time.

    Raises:
        CutError: Where the framing breaks; the records before have been yielded.
    """
    left = file.stat().st_size
    verify = left <= _CHECKED
    rest = b""
    with file.open("rb") as stream:
        while left > 0:
            data = rest + stream.read(_BLOCK)
            found, end, wrong = _framed(data, left, verify)
            if found.starts:
                yield found
            if wrong:
                raise CutError(wrong)
            if not end and len(data) >= left:
                raise CutError("truncated; the records before were read")
            rest, left = data[end:], left - end


def _framed(data: bytes, left: int, verify: bool) -> tuple[Frames, int, str]:
    """Whole records in the data, the position of the next one, and the error message, if any."""
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    unpack = struct.Struct("<QI").unpack_from
    at, size = 0, len(data)
    starts: list[int] = []
    sizes: list[int] = []
    wrong = ""
    while at + _HEAD <= size:
        length, checksum = unpack(data, at)
        sound = not verify or masked_crc32c(data[at : at + 8]) == checksum
        if not sound:
            wrong = "not an event file, or damaged; the records before were read"
            break
        end = at + _HEAD + length
        if length > left - at - _HEAD - _FOOT:
            wrong = "truncated; the records before were read"
            break
        if end + _FOOT > size:
            break
        if verify and masked_crc32c(data[at + _HEAD : end]) != struct.unpack_from("<I", data, end)[0]:
            wrong = "a damaged record; the records before it were read"
            break
        starts.append(at + _HEAD)
        sizes.append(length)
        at = end + _FOOT
    return Frames(data, starts, sizes), at, wrong


def plain_scalars(block: Frames) -> tuple[list[Scalars], Sequence[int]]:
    """Scalars of records with only time, step, one tag and one float; and positions of all other records."""
    data = np.frombuffer(block.data, dtype=np.uint8)
    starts, sizes = np.array(block.starts, dtype=np.intp), np.array(block.sizes, dtype=np.intp)
    found: list[Scalars] = []
    other = np.ones(starts.size, dtype=bool)
    for size in np.unique(sizes):
        index = np.flatnonzero(sizes == size)
        if not 30 <= size < 128:
            continue
        rows = data[starts[index, None] + np.arange(size)]
        for length in range(_LONGEST_STEP + 1):
            mine = _is_scalar(rows, length)
            if np.any(mine):
                other[index[mine]] = False
                found += _read(rows[mine], index[mine], length)
    return found, np.flatnonzero(other).tolist()


def _is_scalar(rows: Bytes, length: int) -> NDArray[np.bool_]:
    """Mask of records with one float and a step of that many bytes (0: no step, which means step 0)."""
    at = 9 + (length + 1 if length else 0)  # start of the summary
    tag = rows.shape[1] - at - 11
    if tag < 1:
        return np.zeros(len(rows), dtype=bool)
    form = {0: 0x09, at: 0x2A, at + 1: tag + 9, at + 2: 0x0A, at + 3: tag + 7, at + 4: 0x0A, at + 5: tag,
            at + 6 + tag: 0x15}  # fmt: skip
    if length:
        form[9] = 0x10
    right = np.all(rows[:, list(form)] == np.array(list(form.values()), dtype=np.uint8), axis=1)
    for place in range(10, 10 + length):
        right &= (rows[:, place] >= 0x80) == (place < 9 + length)
    return np.asarray(right)


def _read(rows: Bytes, index: Places, length: int) -> Iterator[Scalars]:
    at = 9 + (length + 1 if length else 0)
    step = np.zeros(len(rows))
    for place in range(length):
        step += (rows[:, 10 + place] & 0x7F) * float(2 ** (7 * place))
    wall = np.ascontiguousarray(rows[:, 1:9]).view("<f8")[:, 0]
    value = np.ascontiguousarray(rows[:, -4:]).view("<f4")[:, 0].astype(np.float64)
    tags = np.ascontiguousarray(rows[:, at + 6 : -5])
    names, which = np.unique(tags.view(f"V{tags.shape[1]}")[:, 0], return_inverse=True)
    for number, name in enumerate(names):
        mine = which == number
        tag = bytes(name).decode("utf-8", errors="replace")
        yield Scalars(tag, index[mine], step[mine], value[mine], wall[mine])
