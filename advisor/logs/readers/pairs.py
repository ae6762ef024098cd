"""Name-number pairs in one line of a text log: ``key: value``, ``key=value``, ``key value``, counters."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from advisor.logs.measures import tokens
from advisor.logs.names import HELD_OUT, TRAIN, axis_kind, is_read, split_of
from advisor.logs.readers.base import Record

_NUMBER = r"[-+]?(?:\d[\d,]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|NaN|NAN|inf|Inf|Infinity)"
_WORD = r"[A-Za-z_@][\w@/.+\-]*"
_PAIR = re.compile(
    rf"(?P<key>{_WORD}(?:[ ]{_WORD}){{0,5}})"
    rf"(?P<between>[ \t]*(?:\([^()\d]{{0,20}}\)[ \t]*)?(?:is[ \t]*)?(?:[:=]+>?|->)?[ \t]*[\[(#]?[ \t]*)"
    rf"(?P<value>{_NUMBER})(?![\w.]*[A-Za-z_]{{3}})"
    rf"(?P<rest>[ \t]*%|[ \t]*(?:/|of)[ \t]*(?P<total>\d+))?"
)
_MEAN = re.compile(rf"[ \t]*\(\s*(?P<mean>{_NUMBER})\s*\)")
_COUNTER = re.compile(r"\]?[ \t:,]*[\[(]\s*(?P<at>\d+)\s*(?:/\s*(?P<of>\d+)\b[^\])]*)?[\])]")
_LEADING = re.compile(rf"^\s*(?P<step>\d+)\s+(?:{_WORD}\s*[:=]?\s*{_NUMBER}|[|:,]\s*{_WORD})")
_STAMP = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d[T ]?(?:\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?Z?|\b\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b|"
    r"(?:\d+ days?, ?)?\b\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d+)?\b|\[[\w./]+\.py:\d+\]|\b[\w./]+\.py:\d+\b|"
    r"\x1b\[[0-9;?]*[A-Za-z]"
)
_LOGGER = re.compile(r"^.{0,60}?\s-\s[^\s]*[/\\.]\S*\s-\s(?:INFO|DEBUG|WARNING|ERROR)\s-\s")
"""Time, file name and level that a logger prefixes: ``2024-01-01 10:00:00 - train.log - INFO - ``."""
_BOXED = re.compile(rf"^\s*\|\s*([^|]*[A-Za-z_)][^|]*?)\s*\|\s*({_NUMBER})\s*\|\s*$")
_DICT = re.compile(r"\{[^{}]*\}")
_FILLING = {"is", "of", "at", "was", "so", "far", "value", "value:", "="}
_NO_NAMES = {"from", "to", "by", "for", "after", "than", "until", "below", "above", "version", "in", "on", "with"}
_ANOTHER = {
    "bad",
    "total",
    "all",
    "max",
    "num",
    "number",
    "patience",
    "warmup",
    "remaining",
    "every",
    "each",
    "no",
    "improved",
    "api",
    "previous",
    "last",
    "old",
    "stopping",
    "early",
    "improvement",
    "target",
    "best",
}
_BELONGS = {
    "train",
    "training",
    "val",
    "valid",
    "validation",
    "test",
    "testing",
    "eval",
    "evaluation",
    "dev",
    "total",
    "average",
    "avg",
    "avg.",
    "mean",
    "overall",
    "top",
    "running",
    "current",
    "learning",
    "cross",
    "entropy",
    "exact",
    "weight",
    "batch",
    "pixel",
    "per",
    "f1",
    "macro",
    "micro",
    "weighted",
    "balanced",
    "word",
    "character",
}
SPLITS = ("train", "val", "valid", "validation", "test", "dev", "eval")
_SETTING = re.compile(r"(\w+)=('[^']*'|\"[^\"]*\"|[^,()\[\]\s]+)")
_LONGEST = 20_000


def record(line: str) -> Record:
    """Numbers of one line by name, with the split in the names of held-out values; empty if there are none.

    Args:
        line: One line of text, or one state of a progress bar.
    """
    if len(line) > _LONGEST:
        return {}
    for found in _DICT.finditer(line):
        given = _mapping(found[0])
        if given:
            split = split_of(line[: found.start()][-40:])
            return dict(_placed(given.items(), split if split == "val" else ""))
    line = _LOGGER.sub("", line, count=1)
    boxed = _BOXED.match(line)
    text = f"{boxed[1]}: {boxed[2]}" if boxed else _STAMP.sub(" ", line)
    if not any(char.isdigit() for char in text):
        return {}
    return dict(_pairs(text))


def settings(line: str) -> dict[str, str]:
    """Hyper-parameters of a line that prints an argparse Namespace; empty for any other line."""
    at = line.find("Namespace(")
    return {name: value.strip("'\"") for name, value in _SETTING.findall(line[at + 10 :])} if at >= 0 else {}


def _mapping(text: str) -> Mapping[str, Any]:
    """A dictionary in Python or JSON syntax, with quoted numbers as numbers."""
    if '"' not in text and "'" not in text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(re.sub(r"\bnan\b", "float('nan')", text) if "nan" in text else text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return _loose(text)
    return value if isinstance(value, dict) else {}


def _loose(text: str) -> Record:
    """Pairs of a dictionary that contains nan, tensors or other non-literals."""
    found = re.findall(rf"['\"]([^'\"]+)['\"]\s*:\s*(?:\w+\()?({_NUMBER})", text)
    return dict(found)


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    lead = _LEADING.match(text)
    if lead:
        yield "step", float(lead["step"])
        text = text[lead.end("step") :]
    context, at = "", 0
    found: list[tuple[str, Any]] = []
    counter = _bar_counter(text)
    while match := _PAIR.search(text, at):
        before = text[at : match.start()]
        context = _heading(before) or context
        at = match.end()
        said, key = _names(match["key"])
        context = _heading(said) or context
        if not key:
            continue
        value = float(match["value"].replace(",", "")) if match["value"] else 0.0
        total = match["total"]
        kind = axis_kind(key)
        if match["rest"] and match["rest"].strip() == "%":
            value /= 100.0
        elif total and not kind and float(total) > 0:
            value /= float(total)
        if not kind:
            mean = _MEAN.match(text, at)
            if mean:
                at = mean.end()
                if context == "val" and not total:
                    value = _mean(mean["mean"], value)
        else:
            value = float(int(value)) if value == value and abs(value) < 1e18 else value
            follows = _COUNTER.match(text, at)
            if kind == "epoch" and follows:
                counter = float(follows["at"])
                at = follows.end()
        if key.lower() in SPLITS and "." not in match["value"]:
            continue
        found.append((key, value))
    if counter is not None and not any(axis_kind(key) == "step" for key, _ in found):
        found.append(("batch", counter))
    yield from _placed(found, context)


def _mean(text: str, value: float) -> float:
    """The running mean in parentheses, which meters print after the value of a batch."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return value


def _bar_counter(text: str) -> float | None:
    """``12/938 [===>``: number of finished batches of a Keras progress bar."""
    found = re.match(r"\s*(\d+)/(\d+)\s+(?:\[|━)", text)
    return float(found[1]) if found else None


@lru_cache(maxsize=50_000)
def _names(key: str) -> tuple[str, str]:
    """Words before the name, and the name: the last known words with their modifiers.

    The name is empty if the words mark another kind of number (``improved from``, ``bad epochs``).
    """
    words = key.split(" ")
    while len(words) > 1 and words[-1].lower() in _FILLING:
        words.pop()
    last = words[-1].lower()
    if last in _NO_NAMES:
        return " ".join(words), ""
    start = next((at for at in range(len(words) - 1, -1, -1) if _means(" ".join(words[at:]))), None)
    if start is None:
        return " ".join(words), ""
    while start > 0 and words[start - 1].lower() in _BELONGS:
        start -= 1
    if start > 0 and words[start - 1].lower() in _ANOTHER:
        return " ".join(words), ""
    return " ".join(words[:start]), " ".join(words[start:])


def _means(name: str) -> bool:
    return name.lower() in SPLITS or is_read(name)


def _heading(text: str) -> str:
    """The split named by a heading: ``[eval]``, ``Test:``, ``| valid on``; ``dev`` is kept separate."""
    found = split_of(text) if text and any(char.isalpha() for char in text) else ""
    return "dev" if found == "val" and "dev" in tokens(text) else found


def _placed(pairs: Any, context: str) -> Iterator[tuple[str, Any]]:
    """Pairs with the split of the line in their names: ``loss`` after ``Test:`` is ``val/loss``."""
    pairs = list(pairs)
    for key, value in pairs:
        words = set(tokens(key))
        if key.lower() in SPLITS:
            yield f"{key.lower()}_loss", value
            continue
        said = bool(words & TRAIN) or bool(words & set(HELD_OUT))
        bare = said or not context or axis_kind(key) or "lr" in words or "learning" in words
        yield (key if bare else f"{context}/{key}"), value
