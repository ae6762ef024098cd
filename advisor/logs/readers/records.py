"""The framing of TensorBoard's event files (TFRecord), and plain scalars read from many records at once."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from advisor.fits.smoothing import Floats

_CHECKED = 4_000_000  # bytes of a file up to which every checksum is verified
_BLOCK = 8_000_000
_HEAD, _FOOT = 12, 4
_LONGEST_STEP = 5  # bytes of a step up to 2 ** 35
Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]


class CutError(Exception):
    """The file ends, or turns into something else, before it should."""


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
    """Scalars of one tag: places of their records in the block, steps, values, wall-clock seconds."""

    tag: str
    index: Places
    step: Floats
    value: Floats
    wall: Floats

    def before(self, index: int) -> "Scalars":
        """Those of records before a place."""
        keep = self.index < index
        return Scalars(self.tag, self.index[keep], self.step[keep], self.value[keep], self.wall[keep])


def frames(file: Path) -> Iterator[Frames]:
    """The records of a file, some megabytes at a time.

    Raises:
        CutError: Where the framing breaks; what came before has been yielded.
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
                raise CutError("cut off; what came before was read")
            rest, left = data[end:], left - end


def _framed(data: bytes, left: int, verify: bool) -> tuple[Frames, int, str]:
    """Whole records in the data, where the next one begins, and what is wrong with it."""
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
            wrong = "no event file, or damaged; what came before was read"
            break
        end = at + _HEAD + length
        if length > left - at - _HEAD - _FOOT:
            wrong = "cut off; what came before was read"
            break
        if end + _FOOT > size:
            break
        if verify and masked_crc32c(data[at + _HEAD : end]) != struct.unpack_from("<I", data, end)[0]:
            wrong = "a damaged record; what came before it was read"
            break
        starts.append(at + _HEAD)
        sizes.append(length)
        at = end + _FOOT
    return Frames(data, starts, sizes), at, wrong


def plain_scalars(block: Frames) -> tuple[list[Scalars], Sequence[int]]:
    """Scalars of records that hold nothing but time, step, one tag and one float; and places of all other records."""
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
    """Which records are one float with a step of that many bytes (0: no step, which means step 0)."""
    at = 9 + (length + 1 if length else 0)  # where the summary begins
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
