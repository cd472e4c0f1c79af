"""Parts of a page: everything that is not made here is text and is escaped, so that no input can write into the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Markup(str):
    """A text that is already part of a page; made only by this module, by pictures, and from files of the package."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | bool | None) -> Markup:
    """Return an element; children that are no markup are escaped.

    Attributes are written with an underscore for a hyphen and, where Python needs it, one at the end: ``class_``,
    ``aria_label``. True writes a bare attribute; False and None write none.
    """
    written = []
    for key, given in attributes.items():
        label = key.rstrip("_").replace("_", "-")
        if given is True:
            written.append(f" {label}")
        elif given not in (None, False):
            written.append(f' {label}="{escape(str(given), quote=True)}"')
    return Markup(f"<{name}{''.join(written)}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Markup:
    """Return parts one after the other, each escaped unless it is markup."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child, quote=False) for child in children))


def lines(children: Iterable[str]) -> Markup:
    """Return parts one a line."""
    return Markup("\n".join(joined([child]) for child in children))


def anchor(*words: str) -> str:
    """Return a name for a place in the page: letters, digits and hyphens, and the code of every other character."""
    kept = [
        c if c.isascii() and (c.isalnum() or c in "-_.") else f"-{ord(c):x}-" if c != " " else "-"
        for c in "-".join(words)
    ]
    return "".join(kept)


def link(text: str, place: str, title: str | None = None) -> Markup:
    """Return a link to a place in this page."""
    return element("a", text, href=f"#{place}", title=title)


def items(children: Sequence[str]) -> Markup:
    """Return a list."""
    return element("ul", *(element("li", child) for child in children))


def table(
    caption: str, header: Sequence[str], rows: Iterable[Markup], *, class_: str = "", name: str | None = None
) -> Markup:
    """Return a table that scrolls sideways on a narrow screen; rows are made by `row`."""
    head = element("tr", *(element("th", cell, scope="col") for cell in header))
    body = element("tbody", lines(rows))
    inside = element(
        "table", element("caption", element("span", caption)), element("thead", head), body, class_=class_ or None
    )
    return element("div", inside, class_="scroll", role="region", aria_label=caption, tabindex="0", id=name)


def row(
    first: str, cells: Sequence[str], *, header: Sequence[str] = (), name: str | None = None, class_: str | None = None
) -> Markup:
    """Return a row; with a header every cell carries its column's name, for screens that show a row as a card."""
    labels = [*header[1:], *([""] * len(cells))]
    shown = (element("td", cell, data_label=label or None) for cell, label in zip(cells, labels, strict=False))
    return element("tr", element("th", first, scope="row"), *shown, id=name, class_=class_)


def as_sentence(words: str) -> str:
    """Return a note as a sentence of its own."""
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}."


def figure(drawn: Markup, caption: str, *, name: str | None = None) -> Markup:
    """Return a picture with what it shows in words."""
    return element("figure", drawn, element("figcaption", caption), id=name)


def section(name: str, title: str, *children: str) -> Markup:
    """Return a section with its heading."""
    return element("section", element("h2", title), lines(children), id=name)


def details(name: str, summary: str, *children: str, opened: bool = False) -> Markup:
    """Return a part that can be closed."""
    return element("details", element("summary", summary), lines(children), id=name, open=opened)
