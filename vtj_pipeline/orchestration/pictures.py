"""Pictures of aggregates for run metadata: plain rows in, PNG bytes out.

Add a picture as a function of rows; what draws it for which asset stands in `pictured.py`. Keep
out queries, and rows about single persons. matplotlib is imported when something is drawn.

A count below the small-cell limit is not drawn: nobody shall be told apart by a bar.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = Mapping[str, Any]

SMALL_CELL_LIMIT = 5
OLDEST_GROUP = 95
# The picture is a sheet of its own, so that it reads the same on the UI's light and dark pages.
_PAPER, _INK, _FAINT = "#ffffff", "#1f2430", "#e3e6eb"
# Told apart by any eye (Okabe and Ito), and on paper by their lightness.
_BLUE, _ORANGE = "#0072b2", "#e69f00"
_INCHES, _DOTS, _SHADES = (7.2, 4.2), 100, 32
_HIDDEN = "not drawn"


def population_pyramid(rows: Sequence[Row], limit: int = SMALL_CELL_LIMIT) -> bytes:
    """Persons by sex and five-year age group.

    Args:
        rows: `month_end`, `sex` (MIES, NAINEN; others are left out), `age_from`, `persons`.
        limit: Smallest count that is drawn.
    """
    counts = {
        (row["sex"], row["age_from"]): int(row["persons"])
        for row in rows
        if row["sex"] in ("MIES", "NAINEN")
    }
    ages = range(0, OLDEST_GROUP + 1, 5)
    hidden = any(0 < count < limit for count in counts.values())

    def draw(axes: Axes) -> None:
        for sex, side, colour, label in (
            ("MIES", -1, _BLUE, "men"),
            ("NAINEN", 1, _ORANGE, "women"),
        ):
            shown = [_shown(counts.get((sex, age), 0), limit) or 0 for age in ages]
            axes.barh(ages, [side * n for n in shown], 4.4, color=colour, label=label)
        axes.axvline(0, color=_PAPER, linewidth=1)
        labels = [f"{age}–{age + 4}" if age < OLDEST_GROUP else f"{age}+" for age in ages]
        axes.set_yticks(ages, labels, fontsize=7)
        edge = 1.05 * max(limit, *counts.values())
        axes.set_xlim(-edge, edge)
        axes.locator_params(axis="x", integer=True)
        axes.xaxis.set_major_formatter(lambda value, _: _number(abs(value)))
        axes.legend(loc="upper right", frameon=False, fontsize=8)
        axes.grid(axis="x", color=_FAINT)

    note = f"Groups of fewer than {limit} are not drawn." if hidden else ""
    return _png(f"Population by age and sex, {rows[0]['month_end']}", draw, note)


def net_migration(rows: Sequence[Row], limit: int = SMALL_CELL_LIMIT, most: int = 8) -> bytes:
    """Moves in less moves out: the municipalities that gained and lost most.

    Args:
        rows: `year`, `municipality`, `moved_in`, `moved_out`.
        limit: A municipality into or out of which fewer moved is left out.
        most: Municipalities at either end.
    """
    kept = [r for r in rows if not any(0 < r[way] < limit for way in ("moved_in", "moved_out"))]
    net = {str(row["municipality"]): int(row["moved_in"] - row["moved_out"]) for row in kept}
    order = sorted((name for name in net if net[name]), key=lambda name: (-net[name], name))
    gained = [name for name in order if net[name] > 0][:most]
    lost = [name for name in order if net[name] < 0][-most:]
    names = gained + lost

    def draw(axes: Axes) -> None:
        values = [net[name] for name in names]
        if not values:
            axes.text(0, 0, "No municipality to draw.", fontsize=9, color=_INK)
        _signed_bars(axes, names, values, [_number(value, sign="+") for value in values])

    left_out = len(rows) - len(kept)
    note = f"{left_out} with fewer than {limit} moves one way are not drawn." if left_out else ""
    return _png(f"Net migration between municipalities, {rows[0]['year']}", draw, note)


def components_of_change(rows: Sequence[Row], limit: int = SMALL_CELL_LIMIT) -> bytes:
    """What made a month's population change, each component as a bar.

    Bars from zero and no waterfall: the step over a bar that is not drawn would tell its height.

    Args:
        rows: One: `month_start`, `opening`, `births`, `deaths`, `moved_in`, `moved_out`,
            `immigration`, `emigration`, `correction` (which has a sign), `closing`.
        limit: Smallest count that is drawn.
    """
    (row,) = rows
    signs = {
        "births": 1,
        "deaths": -1,
        "moved_in": 1,
        "moved_out": -1,
        "immigration": 1,
        "emigration": -1,
        "correction": 1,
    }
    values = {name: _shown(sign * int(row[name]), limit) for name, sign in signs.items()}
    hidden = None in values.values()

    def draw(axes: Axes) -> None:
        names = [name.replace("_", " ") for name in values]
        heights = [value or 0 for value in values.values()]
        texts = [_HIDDEN if v is None else _number(v, sign="+") for v in values.values()]
        _signed_bars(axes, names, heights, texts)

    # With the sum and all components but one, that one would be told.
    whole = "" if hidden else f": {_number(row['opening'])} → {_number(row['closing'])}"
    note = f"Numbers below {limit} are not drawn." if hidden else ""
    return _png(f"Change of population, {row['month_start']:%Y-%m}{whole}", draw, note)


def picture_metadata(png: bytes, alt: str) -> dg.MarkdownMetadataValue:
    """A picture as Dagster's UI shows it; `alt` is read out or shown in its place."""
    data = base64.b64encode(png).decode("ascii")
    return dg.MetadataValue.md(f"![{alt}](data:image/png;base64,{data})")


def _shown(count: int, limit: int) -> int | None:
    return None if 0 < abs(count) < limit else count


def _number(value: float, *, sign: str = "") -> str:
    """A whole number with spaces between thousands; `sign` is what stands before positive ones."""
    digits = f"{abs(value):,.0f}".replace(",", "\N{NO-BREAK SPACE}")
    return ("\N{MINUS SIGN}" if value < 0 else sign if value else "") + digits


def _signed_bars(
    axes: Axes, names: Sequence[str], values: Sequence[int], texts: Sequence[str]
) -> None:
    """Horizontal bars to both sides of zero, first on top, each with its text at its end."""
    colours = [_BLUE if value >= 0 else _ORANGE for value in values]
    bars = axes.barh(range(len(names)), values, 0.72, color=colours)
    axes.bar_label(bars, texts, padding=3, fontsize=8, color=_INK)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.set_xticks([])


def _png(title: str, draw: Callable[[Axes], None], note: str) -> bytes:
    """A sheet with a title, what `draw` draws and a note: the same bytes for the same rows."""
    # Without pyplot there is no display to look for, and the style is the library's own whatever
    # the machine prefers.
    from matplotlib import style  # noqa: PLC0415  # half a second, only for whoever draws
    from matplotlib.figure import Figure  # noqa: PLC0415  # the same
    from PIL import Image  # noqa: PLC0415  # the same

    with style.context("default"):
        figure = Figure(_INCHES, _DOTS, facecolor=_PAPER, layout="constrained")
        axes = figure.add_subplot()
        figure.suptitle(title, fontsize=10, color=_INK, x=0.01, ha="left")
        draw(axes)
        axes.tick_params(colors=_INK, length=0, labelsize=8)
        axes.set_axisbelow(True)
        for spine in axes.spines.values():
            spine.set_visible(False)
        figure.supxlabel(note, fontsize=8, color=_INK, x=0.01, ha="left")
        full = BytesIO()
        figure.savefig(full, format="png")
    file = BytesIO()
    # Three quarters of the bytes are shades at the edges of letters; few of them are enough.
    Image.open(full).convert("RGB").quantize(_SHADES).save(file, "png", optimize=True)
    return file.getvalue()
