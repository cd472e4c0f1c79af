"""From a chart's specification to a picture inside the page: one grammar, no network, readable in light and in dark.

A picture is drawn with the light colours written into it, so that it reads alone when it is copied out of the page. The
page's style sheet answers each of those colours, by its value, with the one for a dark screen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

from shortfall.errors import Finding, InputError
from shortfall.report.markup import Markup

if TYPE_CHECKING:
    from types import ModuleType

WIDTH: Final = 360
FONT_SIZE: Final = 13


@dataclass(frozen=True, slots=True)
class Colour:
    """One colour of the pictures, on a light and on a dark ground."""

    light: str
    dark: str


INK: Final = Colour("#1d2530", "#e4e8ee")
QUIET: Final = Colour("#5a6472", "#a9b3c0")
GRID: Final = Colour("#e1e5ea", "#343c48")
GREY: Final = Colour("#7b8694", "#8f9aa9")
BLUE: Final = Colour("#0a66b0", "#62b2f2")
ORANGE: Final = Colour("#b85c00", "#f2a65a")
RED: Final = Colour("#b4232a", "#ff8b86")
GREEN: Final = Colour("#2b7a3d", "#7dd08f")
VIOLET: Final = Colour("#6b3fb0", "#b99bf4")
NO_BIDS: Final = Colour("#f6dcd9", "#52292b")
NO_ASKS: Final = Colour("#d9e7f6", "#1e3a57")
PALETTE: Final = (INK, QUIET, GRID, GREY, BLUE, ORANGE, RED, GREEN, VIOLET, NO_BIDS, NO_ASKS)
SERIES: Final = (BLUE, ORANGE, RED, GREEN, VIOLET, GREY)

CONFIG: Final[dict[str, Any]] = {
    "background": "transparent",
    "padding": {"left": 12, "right": 12, "top": 4, "bottom": 4},  # room for a browser whose letters are wider
    "aria": False,
    "font": "Arial",
    "view": {"stroke": "transparent"},
    "axis": {
        "labelColor": QUIET.light,
        "titleColor": QUIET.light,
        "labelFontSize": FONT_SIZE,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
        "gridColor": GRID.light,
        "domainColor": GREY.light,
        "tickColor": GREY.light,
        "labelFlush": False,
        "labelOverlap": "greedy",
    },
    "legend": {
        "labelColor": INK.light,
        "labelFontSize": FONT_SIZE,
        "orient": "top",
        "title": None,
        "symbolStrokeWidth": 3,
        "columnPadding": 12,
    },
    "title": {"color": INK.light, "fontSize": FONT_SIZE, "anchor": "start", "frame": "group"},
    "text": {"color": INK.light, "fontSize": FONT_SIZE},
}

_NAMESPACES: Final = re.compile(r' xmlns(?::\w+)?="[^"]*"')
_OWN_NAME: Final = re.compile(r'(id="|url\(#|href="#)([^")]+)')
_GEOMETRY: Final = re.compile(r' (?:d|transform)="[^"]*"')
_FINE: Final = re.compile(r"(\.\d)\d+")
_EMPTY: Final = re.compile(r'<path class="(?:foreground|background)" aria-hidden="true" d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_SIZE: Final = re.compile(r'(<svg\b[^>]*?) width="([\d.]+)" height="[\d.]+"')


def require(name: str) -> ModuleType:
    """Return a module of the report extra.

    Raises
    ------
    InputError
        If it is not installed; the message names what to install.
    """
    import importlib  # noqa: PLC0415 - only a report needs it

    try:
        return importlib.import_module(name)
    except ImportError as error:
        message = (
            f"Expected the report extra, which has {name}; install it with: python -m pip install 'shortfall[report]'"
        )
        raise InputError([Finding("--report", message)]) from error


def altair() -> Any:  # noqa: ANN401 - charts are dictionaries behind generated classes without useful types
    """Return the chart grammar, or raise `InputError` naming the extra."""
    return require("altair")


def named(name: str) -> Any:  # noqa: ANN401 - the same
    """Return the data of a chart by name."""
    return altair().NamedData(name=name)


def picture(  # the rows come apart from the chart, because the grammar would check every one of them against its schema
    chart: Any,  # noqa: ANN401 - the same
    name: str,
    alternative: str,
    rows: dict[str, list[dict[str, Any]]],
) -> Markup:
    """Draw a chart as a picture that stands inside a page.

    Parameters
    ----------
    chart : altair chart
        Its data by name.
    name : str
        Unique within the page: pictures in one page share their names for clips and gradients.
    alternative : str
        What a reader who does not see it should know.
    rows : dict
        The rows of each name.
    """
    grammar, converter = require("altair"), require("vl_convert")
    specification = {**chart.to_dict(), "datasets": rows}
    wanted = ".".join(grammar.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    version = wanted if wanted in converter.get_vegalite_versions() else None  # None: the newest that it has
    drawn: str = converter.vegalite_to_svg(specification, vl_version=version, config=CONFIG, allowed_base_urls=[])
    return embedded(drawn, name, alternative)


def embedded(drawn: str, name: str, alternative: str) -> Markup:
    """Return a drawing as part of a page: no addresses, names of its own, a text in its place, as wide as its column."""
    bare = _EMPTY.sub("", _NAMESPACES.sub("", drawn))
    tenths = _GEOMETRY.sub(
        lambda found: _FINE.sub(r"\1", found[0]), bare
    )  # of a pixel; finer is not seen and costs half
    text = _OWN_NAME.sub(rf"\g<1>{name}-\g<2>", tenths)
    told = f'role="img" aria-label="{escape(alternative, quote=True)}"'
    return Markup(_SIZE.sub(lambda found: f'{found[1]} {told} style="max-width:{found[2]}px"', text, count=1))


def dark_rules() -> str:
    """Return the style rules that answer every colour of the pictures with the one for a dark screen."""
    return "\n".join(
        f'svg [{paint}="{colour.light}"] {{ {paint}: {colour.dark}; }}'
        for colour in PALETTE
        for paint in ("fill", "stroke")
    )
