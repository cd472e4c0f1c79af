"""The page of a disclosure: one file that asks nothing of the network, holds every item, and lets no input write into it."""

from __future__ import annotations

import copy
import re
from html import unescape

import pytest

from shortfall.assess.checklist import checklist
from shortfall.assess.disclosure import disclosure, template
from shortfall.data.figures import load_bundled
from shortfall.report.checklists import checklist_document, figure_cells, figures_in
from shortfall.report.page_disclosure import checklist_page, disclosure_page
from shortfall.venues import bundled_venues

FETCHING = re.compile(
    r"<(script|link|iframe|object|embed|img|image|audio|video|source|base|form|use)\b|url\(|@import|src="
)


def document_of(venue: str, symbol: str | None) -> dict[str, object]:
    return disclosure(checklist(bundled_venues()[venue], None if symbol is None else load_bundled(venue, symbol)))


@pytest.mark.parametrize(("venue", "symbol"), [("binance", "BTCUSDT"), ("hyperliquid", "BTC"), ("gmx", None)])
def test_the_page_holds_every_item_and_figure(venue: str, symbol: str | None) -> None:
    document = document_of(venue, symbol)
    page = disclosure_page(document)
    shown = unescape(re.sub(r"<[^>]+>", "\n", page))
    for answer in document["answers"]:  # type: ignore[attr-defined]  # a list by its schema
        assert answer["question"][1:] in shown
        assert answer["statement"]["says"] in shown
        for told in answer["statement"].get("pages", ()):
            assert f"{told['address']}, read {told['read_on']}" in shown
    for name, figure in figures_in(document):
        assert name in shown
        assert figure_cells(figure)[0] in shown


def test_the_page_asks_nothing_of_the_network() -> None:
    page = disclosure_page(document_of("bitmex", "XBTUSD"))
    assert FETCHING.search(page) is None
    assert re.findall(r'href="([^#][^"]*)"', page) == []


def test_links_of_the_page_lead_somewhere_and_names_are_given_once() -> None:
    page = disclosure_page(document_of("binance", "BTCUSDT"))
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(names)


@pytest.mark.parametrize(("venue", "symbol"), [("binance", "BTCUSDT"), ("deribit-linear", None)])
def test_the_page_of_a_checklist_holds_every_sign_with_links_to_what_it_rests_on(
    venue: str, symbol: str | None
) -> None:
    figures = None if symbol is None else load_bundled(venue, symbol)
    document = checklist_document(checklist(bundled_venues()[venue], figures))
    page = checklist_page(document)
    shown = unescape(re.sub(r"<[^>]+>", "\n", page))
    names = re.findall(r'\bid="([^"]+)"', page)
    assert {f"item-{told['item']}" for told in document["items"]} <= set(names)
    assert FETCHING.search(page) is None
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(names)
    for sign in document["signs"]:
        assert sign["question"] in shown
        assert sign["why"] in shown
        for item in sign["items"]:
            assert f'href="#item-{item}"' in page
    assert all(told["says"] in shown for told in document["items"])


def test_what_somebody_fills_in_is_text() -> None:
    document = copy.deepcopy(template())
    document["about"]["name"] = "<script>alert(1)</script>"
    document["answers"][0]["statement"]["says"] = '"><img src=x onerror=alert(1)>'
    page = disclosure_page(document)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
