"""The page holds everything of its document in one file that asks nothing of the network and lets no input write into it."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from shortfall.errors import InputError
from shortfall.report.figures import empty_periods
from shortfall.report.page import stress_page
from shortfall.report.page_runs import CUT, FIGURES, run_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.report import documents
else:
    import documents  # beside this file

VOID = {"meta"}
FETCHING = {
    "script",
    "link",
    "iframe",
    "object",
    "embed",
    "img",
    "image",
    "audio",
    "video",
    "source",
    "base",
    "form",
    "use",
}


class Reader(HTMLParser):
    """Collects names, links and text, and whether elements are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.values: list[str] = []
        self.written: list[str] = []
        self.labels: list[str] = []
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        """All text of the page."""
        return " ".join(self.written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its attributes."""
        self.tags.append(tag)
        found = dict(attrs)
        for name, into in (
            ("id", self.names),
            ("href", self.links),
            ("value", self.values),
            ("aria-label", self.labels),
        ):
            if (given := found.get(name)) is not None:
                into.append(given)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.tags.append(tag)
        self.names += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.written.append(data)


AFTERS = ("hold", "rebound:50%")


@pytest.fixture(scope="module")
def page() -> str:
    return stress_page(documents.stress(AFTERS))


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    return Reader(page)


def test_the_page_is_one_file_that_fetches_nothing(page: str, read: Reader) -> None:
    assert not FETCHING & set(read.tags)
    assert not re.search(r"https?:|url\((?!#)|@import|\bsrc=|\bon\w+=", page)
    assert all(link.startswith("#") for link in read.links)


@pytest.mark.parametrize("make", [documents.stress, documents.swept, documents.gap])
def test_every_link_leads_to_one_place_and_every_element_is_closed(make: Callable[[], dict[str, Any]]) -> None:
    read = Reader(stress_page(make()))
    assert read.open == []
    assert len(read.names) == len(set(read.names))
    assert {link.removeprefix("#") for link in read.links} <= set(read.names)


def test_every_run_has_its_place_and_every_figure_its_exact_amount(read: Reader) -> None:
    for run in documents.stress(AFTERS)["runs"]:
        assert run_place(run) in read.names
    amounts = set(moneys(documents.stress(AFTERS)["runs"]))
    assert amounts <= set(read.values)
    assert "98,765,432.101234" in read.text


def test_every_figure_of_the_schema_has_a_name() -> None:
    run = documents.stress()["runs"][-1]
    assert set(run["figures"]) == set(FIGURES)
    assert set(run["adl"]) == {*CUT, "given_up_against_mark_later"}


def test_every_field_and_rule_of_the_evidence_is_in_the_page(read: Reader) -> None:
    evidence = documents.stress()["evidence"]
    for item in evidence["fields"]:
        assert f"evidence-{item['name']}" in read.names
        assert all(item[key] in read.text for key in ("kind", "unit", "source", "reason", "note"))
    for rule in evidence["assumed_rules"]:
        assert f"rule-{rule['rule']}" in read.names
        assert rule["reason"] in read.text
    assert all(line in read.text for key in ("assumed", "synthetic", "history") for line in evidence[key])


def test_the_page_says_how_to_run_it_again(read: Reader) -> None:
    for words in ("31337", "ab" * 32, "0.1.0", "0123456789abcdef", "takeover.fund_capacity=20%", "conservation drift"):
        assert words in read.text


def test_every_ratio_carries_the_distance_of_its_dates(read: Reader) -> None:
    beside = re.search(r"Fund to open interest: 25 % \(inputs 561 days apart\)", read.text)
    assert beside
    assert read.text.count("inputs 561 days apart") >= 1 + len(documents.stress(AFTERS)["runs"])


def without_pictures(document: dict[str, Any]) -> dict[str, Any]:
    for run in document["runs"]:
        run["series"] = None
    return document


def test_a_run_that_is_not_converged_is_told_in_front() -> None:
    document = without_pictures(documents.stress())
    assert "NOT CONVERGED" not in stress_page(document)
    document["converged"]["hot"] = False
    assert "NOT CONVERGED for hot" in stress_page(document).partition("</header>")[0]


def test_a_broken_law_is_told_in_front() -> None:
    document = without_pictures(documents.stress())
    document["runs"][1]["conservation_drift"] = documents.money("0.000001")
    assert "Conservation of money is broken: drift 0.000001 USDT" in stress_page(document).partition("</header>")[0]


def test_an_unknown_fund_is_swept_and_never_filled_in() -> None:
    read = Reader(stress_page(without_pictures(documents.swept())))
    assert "needed" in read.names
    assert "a stand-in of ours and no figure of the venue" in read.text
    assert "beyond the sweep" in read.text
    assert {"750.125000", "10000.000000"} <= set(read.values)


def test_inputs_are_escaped_wherever_they_stand() -> None:
    document = documents.stress()
    evil = '<script>alert("x")</script>\'&'
    document["contract"]["symbol"] = evil
    document["fund"]["note"] = evil
    document["request"]["set"] = [evil]
    for run in document["runs"]:
        run["member"] = run["member"] + evil
        run["paid_by"] = {evil: run["paid_total"]}
    for item in document["evidence"]["fields"]:
        item |= {"source": evil, "note": evil, "kind": evil}
    read = Reader(stress_page(document))
    assert "script" not in read.tags
    assert evil in read.text
    assert read.open == []


def test_pictures_have_words_and_do_not_share_names(page: str, read: Reader) -> None:
    pictures = [label for label in read.labels if "hot, hold" in label]
    assert len(pictures) == 5  # who paid, prices, fund, notional, and the table of figures
    assert any("no bids for" in label for label in pictures)
    assert page.count('role="img"') == 4 * len(documents.stress(AFTERS)["runs"])


def test_colours_of_pictures_have_an_answer_on_a_dark_screen(page: str) -> None:
    style, _, rest = page.partition("</style>")
    used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', rest))
    assert used
    assert all(f'"{colour}"] {{' in style for colour in used)


def test_a_recorded_path_has_no_book_to_be_empty() -> None:
    document = documents.stress()
    document["request"]["path"] = "oct10"
    for run in document["runs"]:
        run["series"] |= {"bid": [None] * 6, "ask": [None] * 6}
    text = Reader(stress_page(document)).text
    assert "observed path oct10" in text
    assert "A recorded path has no book" in text
    assert "Shaded" not in text


def test_empty_periods_end_where_somebody_quotes_again() -> None:
    assert empty_periods(documents.series(), "bid") == [(10.0, 60.0), (600.0, 3600.0)]
    assert empty_periods(documents.series(), "ask") == []


def test_the_gap_page_shows_every_answer() -> None:
    text = Reader(stress_page(documents.gap())).text
    assert "4% to 8%, 20% to 60%" in text
    assert "none up to 60%" in text
    assert "2.125% and 2.25%" in text


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_extra_the_reader_is_told_what_to_install(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(InputError, match=r"shortfall\[report\]"):
        stress_page(documents.stress())


def test_the_page_module_itself_needs_no_charts() -> None:
    told = "import sys, shortfall.report.page; sys.exit(len({'altair', 'vl_convert'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


def test_another_schema_is_refused() -> None:
    with pytest.raises(InputError, match=r"shortfall\.stress/1"):
        stress_page({"schema": "shortfall.other/1"})


def moneys(node: object) -> Iterator[str]:
    """Return every amount in a part of a document."""
    if isinstance(node, dict) and set(node) == {"amount", "unit"}:
        yield node["amount"]
    elif isinstance(node, dict | list):
        for part in node.values() if isinstance(node, dict) else node:
            yield from moneys(part)
