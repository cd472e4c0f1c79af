"""Checklists: every published item has a page and a day, our gaps count against nobody, and signs answer from evidence only."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

import pytest

from shortfall.assess.checklist import STRUCTURE, checklist
from shortfall.assess.evidence import (
    NOTHING,
    Answer,
    Evidence,
    Page,
    State,
    check_evidence,
    not_examined,
    not_found,
    published,
)
from shortfall.assess.items import BY_CODE, GROUPS, ITEMS
from shortfall.assess.published import answers
from shortfall.assess.signs import LISTS, SIGNS, Known, told
from shortfall.data.figures import load_bundled
from shortfall.report.checklists import checklist_document
from shortfall.rules.cited import Assumed, Cited
from shortfall.venues import bundled_venues

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "facts"
FACTS = ("cex_rules.md", "dex_rules.md", "conventions.md")
ASKED = (
    "binance", "bybit", "okx", "bitmex", "deribit", "deribit-linear", "kraken", "hyperliquid", "dydx", "paradex", "lighter", "drift",
    "gmx",
)  # fmt: skip
VENUES = bundled_venues()
DAY = date(2026, 11, 22)
LABELS = re.compile(
    r"\b(score|grade|safe|unsafe|trustworthy|scam|protects?|protection|compensat\w+|deposit insurance|recommend\w*|"
    r"should (?:buy|sell|avoid|use)|best venue|worst venue)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("code", VENUES)
def test_every_item_has_one_of_three_states_with_what_it_needs(code: str) -> None:
    found = checklist(VENUES[code])
    assert list(found.evidence) == [item.code for item in ITEMS]
    for name, evidence in found.evidence.items():
        assert check_evidence(name, evidence).as_tuple() == ()
        if evidence.state is State.PUBLISHED:
            assert all(page.address.strip() and date(2020, 1, 1) < page.read_on <= DAY for page in evidence.pages)
    assert sum(found.counts().values()) == len(ITEMS)


@pytest.mark.parametrize("code", ASKED)
def test_the_venues_asked_for_have_answers_typed_in_and_taken_from_their_record(code: str) -> None:
    assert len(answers()[code]) >= 4
    found = checklist(VENUES[code])
    assert any(e.state is State.PUBLISHED and e.rules for e in found.evidence.values())
    assert any(e.state is State.PUBLISHED and not e.rules for e in found.evidence.values())


def test_answers_are_typed_for_items_and_venues_that_exist() -> None:
    assert set(answers()) <= set(VENUES)
    assert set(chain.from_iterable(answers().values())) <= set(BY_CODE)
    assert {item.group for item in ITEMS} == set(GROUPS)
    assert {sign.list for sign in SIGNS} == set(LISTS)


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="the record of what was read (folder shared beside the repository) is not at hand"
)
@pytest.mark.parametrize("code", answers())
def test_every_typed_page_is_in_the_record_of_what_was_read(code: str) -> None:
    record = "\n".join((SHARED / name).read_text(encoding="utf-8") for name in FACTS)
    for item, evidence in answers()[code].items():
        for page in evidence.pages:
            assert page.anchor in record, (code, item, page.anchor)


@pytest.mark.parametrize("code", VENUES)
def test_what_comes_from_a_record_of_rules_has_the_pages_of_that_record_and_no_others(code: str) -> None:
    venue = VENUES[code]
    known = {name: value for name, (value, _) in venue.values_on().items()} | {STRUCTURE: venue.structure}
    for name, evidence in checklist(venue).evidence.items():
        if not evidence.rules or evidence.state is not State.PUBLISHED:
            continue
        values = [known[rule] for rule in evidence.rules]
        assert all(isinstance(value, Cited) for value in values), (code, name)
        cited = {(value.source, value.read_on) for value in values if isinstance(value, Cited)}
        assert {(page.address, page.read_on) for page in evidence.pages} == cited


def test_a_venue_that_nobody_looked_at_counts_nothing_against_it() -> None:
    found = checklist(VENUES["ideal"])
    assert found.counts() == {"published": 0, "searched for, not found": 0, "not examined by us": len(ITEMS)}
    assert {verdict.answer for verdict in found.verdicts.values()} == {Answer.UNKNOWN}


def test_what_is_assumed_is_our_gap_and_its_signs_are_unknown() -> None:
    venue = VENUES["okx"]
    last = venue.eras[-1]
    values = {
        **last.values,
        "waterfall": Assumed("fund,adl", "not read"),
        "amount.method": Assumed("whole", "not read"),
        "close.surplus": Assumed("fund", "not read"),
    }
    found = checklist(replace(venue, eras=(*venue.eras[:-1], replace(last, values=values))))
    assert found.evidence["fund.order"].state is State.NOT_EXAMINED
    assert "assumed: not read" in found.evidence["fund.order"].says
    for sign in ("real.order", "systemic.whole", "gaps.partial", "gaps.surplus", "systemic.providers"):
        assert found.verdicts[sign].answer is Answer.UNKNOWN, sign


@pytest.mark.parametrize(
    ("code", "sign", "answer"),
    [
        ("bitmex", "display.events", Answer.YES),  # a post on 12 March 2020 without what was paid and deleveraged
        ("deribit", "display.events", Answer.NO),  # the feed of bankruptcies has paid and shared amounts
        ("binance", "display.events", Answer.UNKNOWN),  # not examined by us
        ("okx", "systemic.shared", Answer.NO),  # a pool for each underlying
        ("bitmex", "systemic.shared", Answer.YES),  # one fund a currency
        ("bybit", "systemic.shared", Answer.UNKNOWN),  # depends on the contract
        ("paradex", "systemic.others", Answer.YES),  # withdrawals are cut
        ("deribit", "systemic.others", Answer.YES),  # shared among the day's winners
        ("okx", "systemic.others", Answer.NO),  # a page says that nothing is shared after ADL
        (
            "bybit",
            "systemic.others",
            Answer.UNKNOWN,
        ),  # its waterfall names no such layer, and no page says that there is none
        ("gmx", "systemic.providers", Answer.YES),
        ("bitmex", "systemic.providers", Answer.NO),
        ("hyperliquid", "systemic.threshold", Answer.YES),  # announced without a figure
        ("hyperliquid", "systemic.profit", Answer.YES),  # may leave above initial margin and a tenth of notional
        ("gmx", "systemic.whole", Answer.YES),
        ("gmx", "gaps.partial", Answer.NO),
        ("okx", "gaps.surplus", Answer.YES),
        ("deribit", "gaps.surplus", Answer.NO),  # what is left stays with the trader
        ("deribit-linear", "gaps.capacity", Answer.YES),
        ("hyperliquid", "gaps.capacity", Answer.NO),
        ("bybit", "gaps.limits", Answer.YES),
    ],
)
def test_signs_answer_what_the_pages_say(code: str, sign: str, answer: Answer) -> None:
    assert checklist(VENUES[code]).verdicts[sign].answer is answer


@pytest.mark.parametrize(
    ("answers_found", "stated", "missing"),
    [
        ((Answer.YES, Answer.YES), Answer.YES, Answer.NO),
        ((Answer.YES, Answer.NO), Answer.NO, Answer.YES),
        ((Answer.UNKNOWN, Answer.NO), Answer.NO, Answer.YES),  # one that was searched for and not found decides
        ((Answer.YES, Answer.UNKNOWN), Answer.UNKNOWN, Answer.UNKNOWN),
        ((Answer.UNKNOWN, Answer.UNKNOWN), Answer.UNKNOWN, Answer.UNKNOWN),
    ],
)
def test_a_sign_on_two_items_is_no_if_one_is_and_yes_only_if_both_are(
    answers_found: tuple[Answer, Answer], stated: Answer, missing: Answer
) -> None:
    evidence = {name: replace(NOTHING, answer=answer) for name, answer in zip(("a", "b"), answers_found, strict=True)}
    known = Known({}, evidence)
    assert told("a", "b")(known).answer is stated
    assert told("a", "b", inverse=True)(known).answer is missing


def test_what_was_searched_for_and_not_found_names_the_pages_and_stays_apart_from_our_gaps() -> None:
    found = checklist(VENUES["hyperliquid"]).evidence
    missing = {name for name, evidence in found.items() if evidence.state is State.NOT_FOUND}
    assert missing == {"adl.threshold", "backstop.capacity"}
    assert all(len(found[name].pages) == 2 for name in missing)


def test_signs_of_a_contract_read_its_recorded_figures() -> None:
    btc = checklist(VENUES["binance"], load_bundled("binance", "BTCUSDT")).verdicts
    sui = checklist(VENUES["binance"], load_bundled("binance", "SUIUSDT")).verdicts
    assert btc["real.burden"].answer is Answer.YES
    assert "2025-04-23" in btc["real.burden"].why
    assert "2024-09-21" in btc["real.burden"].why
    assert "214 days apart" in btc["real.burden"].why  # 9 + 31 + 30 + 31 + 31 + 28 + 31 + 23
    assert sui["real.burden"].answer is Answer.UNKNOWN  # no recorded answer names its pool: unknown, and not no
    assert btc["systemic.assets"].answer is Answer.YES  # USDC, BTC and BNFCR beside USDT
    assert sui["systemic.assets"].answer is Answer.UNKNOWN
    assert btc["gaps.tiers"].answer is Answer.YES


def test_an_item_read_on_a_day_before_a_rule_changed_answers_by_the_rules_of_that_day() -> None:
    then = checklist(VENUES["okx"], None, date(2019, 1, 1)).evidence["adl.trigger"]
    now = checklist(VENUES["okx"]).evidence["adl.trigger"]
    assert then.says != now.says


@pytest.mark.parametrize("code", VENUES)
def test_no_text_labels_a_venue_or_advises(code: str) -> None:
    document = checklist_document(checklist(VENUES[code]))
    typed = [told["says"] for told in document["items"] if not told["rules"]]
    asked = [told["question"] for told in (*document["items"], *document["signs"])]
    for text in (*typed, *asked):
        assert LABELS.search(text) is None, text
    assert not {"score", "grade", "rank"} & set(document)


@pytest.mark.parametrize(
    ("evidence", "paths"),
    [
        (Evidence(State.PUBLISHED, "says"), ["x.pages"]),
        (Evidence(State.NOT_FOUND), ["x.pages", "x.says"]),
        (Evidence(State.NOT_EXAMINED, "", (Page("page", DAY),)), ["x.pages"]),
        (Evidence(State.NOT_EXAMINED, answer=Answer.NO), ["x.answer"]),
        (Evidence(State.PUBLISHED, "says", (Page(" ", DAY),)), ["x.pages[0].address"]),
        (published("says", Page("page", DAY)), []),
        (not_found("what", Page("page", DAY)), []),
        (not_examined("why"), []),
    ],
)
def test_evidence_that_lacks_something_is_told_all_at_once(evidence: Evidence, paths: list[str]) -> None:
    assert [finding.path for finding in check_evidence("x", evidence).as_tuple()] == paths
