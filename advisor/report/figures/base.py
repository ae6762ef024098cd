"""The figure type, and the conversion of a drawing to an inline SVG with the page's colours."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH = 520
INK, MUTED, GRID = "#a00001", "#a00002", "#a00003"
TRAIN, VAL, NOW, BAD, BAND = "#a00004", "#a00005", "#a00006", "#a00007", "#a00008"
_TOKENS = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--grid",
    TRAIN: "--train",
    VAL: "--val",
    NOW: "--now",
    BAD: "--bad",
    BAND: "--accent",
}
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "advisor",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "xtick.minor.size": 0,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the report.

    Attributes:
        id: Id as used in findings: ``comparison``, ``rates``, ``range``, ``batch``, ``response-<id>``, ``curves`` or
            ``forecast``.
        anchor: Id in the page; unique.
        title: What it shows.
        description: Text alternative of the drawing.
        svg: The drawing; empty if there was nothing to draw.
        head: Column names of the data table.
        rows: The data of the drawing, as text.
        note: One sentence: why nothing was drawn, or what was left out.
        key: The legend: text and CSS variable of each colour.
        shows: Ids of responses that this figure includes and that are therefore not drawn on their own.
    """

    id: str
    anchor: str
    title: str
    description: str
    svg: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    key: tuple[tuple[str, str], ...] = ()
    shows: tuple[str, ...] = ()


def draw(anchor: str, title: str, description: str, height: int, paint: Callable[[Canvas], None]) -> str:
    """Runs ``paint`` on an empty canvas and returns the SVG, its ids prefixed with ``anchor``."""
    import matplotlib
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    file = io.StringIO()
    with matplotlib.rc_context(), style.context(["default", _STYLE]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        canvas = Canvas(figsize=(WIDTH / 72, height / 72), dpi=72)
        FigureCanvasSVG(canvas)
        canvas.patch.set_visible(False)
        paint(canvas)
        empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        canvas.savefig(file, format="svg", metadata=empty)
    return _embed(file.getvalue(), anchor, title, description, height)


def _embed(svg: str, anchor: str, title: str, description: str, height: int) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{anchor}-\1"', svg)
    svg = re.sub(r'(href=")#', rf"\1#{anchor}-", svg).replace("url(#", f"url(#{anchor}-")
    svg = re.sub(r"font: ([\d.]+)px[^;\"]*", r"font-size: \1px", svg)
    svg = re.sub(r'\b(?:d|x|y|transform|points|width|height)="[^"]*"', lambda found: _short(found[0]), svg)
    for colour, token in _TOKENS.items():
        svg = svg.replace(colour, f"var({token})")
    head = (
        f'<svg role="img" aria-labelledby="{anchor}-title {anchor}-desc" viewBox="0 0 {WIDTH} {height}" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{anchor}-title">{escape(title)}</title>'
        f'<desc id="{anchor}-desc">{escape(description)}</desc>'
    )
    return re.sub(r"\n\s*", "\n", head + svg[svg.index(">") + 1 :]).strip()


def _short(attribute: str) -> str:
    """Rounds coordinates to a hundredth of a pixel."""
    return re.sub(r"(\.\d\d)\d+(?![\de])", r"\1", attribute)


def place(canvas: Canvas, box: tuple[float, float, float, float]) -> Axes:
    """Adds axes at ``(left, top, right, bottom)`` margins in pixels."""
    width, height = canvas.get_size_inches() * 72
    left, top, right, bottom = box
    inside = ((width - left - right) / width, (height - top - bottom) / height)
    axes = canvas.add_axes((left / width, bottom / height, *inside))
    axes.yaxis.set_label_coords(-(left - 16) / (width - left - right), 0.5)
    return axes


def key(*entries: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The legend: text with the CSS variable of its colour."""
    return tuple((words, _TOKENS[colour]) for words, colour in entries)


def marks(axes: Axes, entries: list[tuple[float, str, str, str]]) -> None:
    """Vertical lines with labels above the axes, in rows where labels would overlap.

    Args:
        axes: Where to draw; its limits are set.
        entries: ``(x, label, colour, line style)``.
    """
    box = axes.get_window_extent()
    ends: list[float] = []
    for x, words, colour, dashes in sorted(entries):
        axes.axvline(x, color=colour, linewidth=1.4, linestyle=dashes, zorder=3)
        share = float(axes.transAxes.inverted().transform(axes.transData.transform((x, 0)))[0])
        size = 7.8 * len(words)
        middle = min(max(share * box.width, size / 2 - 30), box.width - size / 2 + 8)
        row = next((i for i, end in enumerate(ends) if middle - size / 2 > end + 8), len(ends))
        ends[row : row + 1] = [middle + size / 2]
        axes.annotate(
            words,
            (middle / box.width, 1),
            (0, 5 + 14 * row),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            color=colour,
            fontsize=11,
            fontweight="bold",
        )


def beside(axes: Axes, y: float, words: str, colour: str, **more: Any) -> None:
    """Writes a label right of the axes, at a height in data coordinates; ``more`` are matplotlib text keywords."""
    style: dict[str, Any] = {"textcoords": "offset points", "va": "center", "annotation_clip": False, "fontsize": 11}
    axes.annotate(words, (1, y), (8, 0), xycoords=("axes fraction", "data"), color=colour, **{**style, **more})


def spread(values: list[float], gap: float) -> list[float]:
    """Moves label positions apart until neighbours are at least ``gap`` apart."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    moved = list(values)
    for _ in range(50):
        for low, high in pairwise(order):
            overlap = gap - (moved[high] - moved[low])
            if overlap > 1e-12:
                moved[low], moved[high] = moved[low] - overlap / 2, moved[high] + overlap / 2
    return moved
