"""Every fault at every venue: typed findings, never an exception, never a silent zero."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from shortfall.data.collect import deribit
from shortfall.data.collect.client import Refusal
from shortfall.data.collect.sheet import Sheet, VenueError
from shortfall.data.collect.venues import VENUES
from shortfall.data.collect.wire import Limits
from shortfall.data.figure_records import Remark, RemarkKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.data.figure_records import ContractFigures

    Figures = Callable[..., ContractFigures]

# faults after which nothing can be known, and the kind of finding that says so
BROKEN = {
    "429": RemarkKind.HTTP_STATUS,
    "500": RemarkKind.HTTP_STATUS,
    "403": RemarkKind.HTTP_STATUS,
    "cut": RemarkKind.CUT,
    "empty": RemarkKind.CUT,
    "html": RemarkKind.CUT,
    "deep": RemarkKind.WRONG_SHAPE,
}
ONCE = Limits(per_second=5000, attempts=1, timeout_s=5)
FUNDS = ("binance", "bybit", "okx", "bitmex", "gate", "dydx", "paradex", "lighter", "orderly")


@pytest.mark.parametrize("fault", sorted(BROKEN))
@pytest.mark.parametrize("venue", VENUES)
def test_a_broken_answer_is_a_typed_finding_and_leaves_every_figure_unknown(
    venue: str, fault: str, figures: Figures
) -> None:
    held = figures(venue, fault=fault, limits=ONCE)
    assert [figure.name for figure in held.figures if figure.known] == []
    assert {row.kind for row in held.findings if isinstance(row, Remark)} == {BROKEN[fault]}
    assert all(figure.note for figure in held.figures)
    assert (held.book, held.pools, held.liquidations) == ((), (), ())


@pytest.mark.parametrize("venue", VENUES)
def test_wrong_types_are_findings_and_no_number_survives_them(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="types")
    assert not [figure for figure in held.figures if figure.known and isinstance(figure.value, Decimal)]
    assert held.findings


@pytest.mark.parametrize("venue", VENUES)
def test_an_empty_list_for_every_answer_crashes_nothing(
    venue: str, ask: Callable[..., ContractFigures | Refusal]
) -> None:
    found = ask(venue, fault="list")
    if isinstance(found, Refusal):
        assert "not a perpetual" in found.sentence  # BitMEX: an instrument that its list does not hold
    else:
        assert not [figure for figure in found.figures if figure.known and isinstance(figure.value, Decimal)]
        assert found.findings


@pytest.mark.parametrize("venue", VENUES)
def test_numbers_that_are_not_numbers_never_get_in(venue: str, figures: Figures) -> None:
    for figure in figures(venue, fault="nan").figures:
        assert not isinstance(figure.value, Decimal) or figure.value.is_finite()


@pytest.mark.parametrize("venue", FUNDS)
def test_a_fund_of_zero_is_kept_and_flagged(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="zero")
    assert held.get("fund_balance").value == 0
    assert any(row.kind is RemarkKind.ZERO and "fund_balance" in row.path for row in held.findings)


@pytest.mark.parametrize("venue", FUNDS)
def test_a_negative_fund_is_kept_and_flagged(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="negative")
    assert held.get("fund_balance").number() == Decimal("-518811.5")
    assert any(row.kind is RemarkKind.NEGATIVE and "fund_balance" in row.path for row in held.findings)


@pytest.mark.parametrize("venue", FUNDS)
def test_a_fund_of_92_billion_is_taken_for_a_test_networks(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="billions")
    assert not held.get("fund_balance").known
    assert "like a test network's" in held.get("fund_balance").note
    assert held.pools == ()
    found = [row for row in held.findings if row.kind is RemarkKind.TESTNET_LIKE]
    assert "92203504694.5" in found[0].message


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue not in ("dydx", "lighter")])
def test_old_time_stamps_are_flagged_as_stale(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="stale")
    assert any(row.kind is RemarkKind.STALE for row in held.findings)


@pytest.mark.parametrize("venue", ["binance", "gate"])
def test_an_adl_word_that_nobody_knows_is_kept_and_flagged(venue: str, figures: Figures) -> None:
    if venue == "gate":  # its word for the contract's form is unknown too, and that stops the counting of contracts
        held = figures("gate", fault="words")
        assert not held.get("open_interest_base").known
        assert any("contract's form" in row.message for row in held.findings)
    else:
        held = figures("binance", fault="words")
    signal = held.adl_signals[0]
    assert signal.state.startswith("new-")
    assert not signal.recognised
    assert any(row.kind is RemarkKind.UNKNOWN_VALUE and signal.state in row.message for row in held.findings)


@pytest.mark.parametrize("venue", ["deribit", "dydx", "kraken", "lighter", "paradex"])
def test_an_unknown_mark_of_a_trade_is_flagged(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="words")
    assert any(row.kind is RemarkKind.UNKNOWN_VALUE for row in held.findings)


def test_a_contract_whose_form_is_unknown_is_not_counted_in_any_unit(figures: Figures) -> None:
    held = figures("kraken", fault="words")  # 12,000,000 contracts of a dollar must never become 12,000,000 coins
    assert not held.get("open_interest_base").known
    assert not held.get("open_interest_notional").known
    assert held.book == ()


@pytest.mark.parametrize("venue", VENUES)
def test_one_refusal_for_too_many_requests_is_waited_out(venue: str, figures: Figures) -> None:
    held = figures(venue, fault="once")
    assert held.findings == ()
    assert held.get("open_interest_base").known


def test_a_slow_venue_is_a_timeout_and_not_a_wait(figures: Figures, fast_timeout: object) -> None:
    held = figures("paradex", fault="slow", limits=fast_timeout)
    assert {row.kind for row in held.findings} == {RemarkKind.TIMEOUT}
    assert not any(figure.known for figure in held.figures)


def test_a_body_beyond_the_limit_is_refused_before_its_end(figures: Figures) -> None:
    held = figures("lighter", fault="huge")  # 40 MiB against a limit of 1 MiB
    assert {row.kind for row in held.findings} == {RemarkKind.TOO_LARGE}


def test_one_broken_source_leaves_the_others_whole(figures: Figures) -> None:
    held = figures("orderly", "PERP_BTC_USDC/x")  # the paths with the symbol do not exist, the others do
    assert not held.get("mark_price").known
    assert "404" in held.get("mark_price").note
    assert held.get("fund_pools").known


def test_a_venue_that_is_not_there_is_no_connection(figures: Figures, nowhere: str) -> None:
    held = figures("paradex", fault=nowhere)
    assert {row.kind for row in held.findings} == {RemarkKind.HTTP_STATUS}


def test_settlements_of_another_type_are_no_proof_that_nobody_went_bankrupt() -> None:
    sheet = Sheet("deribit", "BTC-PERPETUAL", datetime(2026, 11, 22, tzinfo=UTC))
    answer = deribit._Answer(result={"settlements": [{"type": "settlement", "session_bankruptcy": 0}]})
    with pytest.raises(VenueError, match="another type"):
        deribit._bankruptcies(answer, sheet)
