"""Text files in common encodings of loggers and spreadsheets, read in blocks of whole lines."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from advisor.logs.readers.base import Unreadable, checked

BLOCK = 4_000_000
_LONGEST = 16_000_000
_SNIFFED = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(file: Path) -> str:
    """The encoding of the byte order mark, else UTF-8, else Latin 1.

    Raises:
        Unreadable: If the file is empty, not a regular file, or binary.
    """
    with checked(file).open("rb") as stream:
        head = stream.read(_SNIFFED)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        if _wide(head):
            return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
        if _hole(head):
            return "latin-1"
        raise Unreadable("text", f"{file}: binary data", "name a log in text form, or TensorBoard's event file")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _wide(head: bytes) -> bool:
    """Whether every second byte is zero: UTF-16 without a byte order mark, as redirected by PowerShell."""
    odd, even = head[1::2].count(0), head[::2].count(0)
    return len(head) > 20 and max(odd, even) > 0.9 * (len(head) // 2) and min(odd, even) == 0


def _hole(head: bytes) -> bool:
    """Whether the zeros form one hole in a text, as left by a file that was truncated while it was written."""
    rest = head.replace(b"\0", b"")
    printable = sum(byte >= 32 or byte in b"\t\n\r\x08\x1b" for byte in rest)
    return len(rest) > 200 and printable >= 0.99 * len(rest)


def blocks(file: Path) -> Iterator[str]:
    """Yields the text in blocks of whole lines, so that memory does not grow with the size of the file.

    Raises:
        Unreadable: As ``encoding_of``; or if a line is longer than any log's.
    """
    with file.open(encoding=encoding_of(file), errors="replace") as stream:
        rest = ""
        while part := stream.read(BLOCK).replace("\0", ""):
            cut = part.rfind("\n") + 1
            if cut:
                yield rest + part[:cut]
                rest = part[cut:]
            else:
                rest += part
            if len(rest) > _LONGEST:
                raise Unreadable("lines of a log", f"{file}: a line of over {_LONGEST} characters", "check the file")
        if rest:
            yield rest
