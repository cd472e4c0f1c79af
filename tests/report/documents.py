"""Small documents written by hand, so that what reads a document is tested against the schema and not against the program."""

from __future__ import annotations

from typing import Any

UNIT = "USDT"
AMOUNTS = (
    "liquidated_notional",
    "sold_in_book_notional",
    "taken_over_notional",
    "still_held_notional",
    "largest_inventory_notional",
    "inventory_low_at_mark",
    "inventory_realised",
    "surplus",
    "liquidation_fees",
    "deficit_at_mark",
    "fund_paid_cash",
    "fund_cash_before",
    "fund_cash_lowest",
    "fund_cash_after",
    "fund_equity_lowest",
    "fund_equity_after",
    "collected_in_this_event",
    "socialised",
    "carried",
    "extrapolated_depth_notional",
)


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "unit": UNIT}


def adl() -> dict[str, Any]:
    return {
        "notional_at_mark": money("1234567.890123"),
        "closes": 12,
        "batches": 3,
        "average_price": "81.5",
        "average_mark": "82",
        "given_up_against_mark": money("-400.000001"),
        "given_up_against_index": money("-400.000002"),
        "given_up_against_mark_later": {"1min": money("77.500000"), "5min": None, "60min": money("-5.250000")},
        "because_of_capacity_lots": 40,
        "because_of_loss_lots": 0,
        "first_after_start": "16200ms",
    }


def run(member: str, after: str, *, cut: bool) -> dict[str, Any]:
    """Return a run whose layers add up: -100.25 - 50.75 - 400.000001 = 1000 - 1551.000001."""
    figures: dict[str, Any] = {name: money(f"{1000 * k + 7}.654321") for k, name in enumerate(AMOUNTS, start=1)}
    figures |= {"fund_cash_before": money("2000000.000000"), "fund_equity_lowest": money("1500000.500000")}
    if cut:
        figures["liquidated_notional"] = money("98765432.101234")
    figures |= {
        "accounts_liquidated": 1666,
        "partial_liquidations": 5,
        "closed_above_bankruptcy_lots": 9,
        "closed_below_bankruptcy_lots": 0,
        "fund_to_open_interest": 0.25,
    }
    return {
        "member": member,
        "after": after,
        "figures": figures,
        "paid_by": {
            "fund cash (deficits less surplus and fees)": money("-100.250000"),
            "fund inventory at takeover": money("-50.750000"),
            "winners (ADL)": money("-400.000001" if cut else "0.000000"),
            "carried, uncovered": money("0.000000"),
        },
        "paid_total": money("-551.000001" if cut else "-151.000000"),
        "returned_to_traders": money("1000.000000"),
        "equity_left_behind": money("1551.000001" if cut else "1151.000000"),
        "value_book_difference": money("0.000000"),
        "adl": adl() if cut else None,
        "conservation_drift": money("0.000000"),
        "series": series(),
    }


def series() -> dict[str, Any]:
    return {
        "time_s": [1.0, 10.0, 20.0, 60.0, 600.0, 3600.0],
        "index": [100.0, 95.0, 80.0, 80.0, 80.0, 80.0],
        "mark": [100.0, 95.0, 81.0, 80.0, 80.0, 80.0],
        "last": [100.0, 94.0, 79.0, 79.5, 80.0, 80.0],
        "bid": [99.9, None, None, 79.0, None, 79.9],
        "ask": [100.1, 95.1, 81.1, 80.1, 80.1, 80.1],
        "fund_cash": [2e6, 2e6, 1.9e6, 1.8e6, 1.8e6, 1.8e6],
        "fund_equity": [2e6, 2e6, 1.6e6, 1.5e6, 1.6e6, 1.7e6],
        "inventory": [0.0, 1e5, 5e5, 6e5, 2e5, 0.0],
        "liquidated": [0.0, 1e6, 5e7, 9e7, 9.8e7, 9.87e7],
        "deleveraged": [0.0, 0.0, 1e6, 1.2e6, 1.2e6, 1.2e6],
        "depth_shown": [1.0, 0.1, 0.1, 0.2, 0.9, 1.0],
    }


def field(name: str, kind: str, **given: str | None) -> dict[str, Any]:
    empty: dict[str, Any] = {"unit": "", "source": "", "as_of": None, "reason": "", "note": ""}
    return {**empty, "name": name, "kind": kind, **given}


def evidence() -> dict[str, Any]:
    return {
        "fields": [
            field(
                "tiers",
                "observed",
                unit="USDT",
                source="a file, commit of 2025-10-09",
                as_of="2025-10-09",
                note="ladder",
            ),
            field("pool", "observed", unit="each", source="an answer & its <date>", as_of="2025-04-23"),
            field(
                "open_interest_base", "observed", unit="BTC", source="a recording", as_of="2024-09-21", note="one side"
            ),
            field("taker_fee_rate", "assumed", unit="fraction", reason="from memory"),
        ],
        "inputs_days_apart": 561,
        "ratios_label": "inputs 561 days apart",
        "assumed_rules": [
            {"rule": "takeover.fund_capacity", "value": "100%", "reason": "rule of another year"},
            {"rule": "engine.delay", "value": "0ms", "reason": "not published"},
        ],
        "assumed": ["three index sources of equal weight"],
        "synthetic": ["the population: accounts are drawn", "the shock"],
        "unknown": [],
        "history": ["binance/BTCUSDT_mark_4h_to_2024-09-21"],
    }


def stress(afters: tuple[str, ...] = ("hold",)) -> dict[str, Any]:
    """Return a stress document of two populations."""
    members = {"calm": False, "hot": True}
    return {
        "schema": "shortfall.stress/1",
        "version": "0.1.0",
        "kernels": "0123456789abcdef",
        "contract": {
            "venue": "binance",
            "symbol": "BTCUSDT",
            "figures_of": "binance",
            "snapshot_sha256": "ab" * 32,
        },
        "request": {
            "gap_ppm": -200_000,
            "over": "1m",
            "shock": "common",
            "depth_left": "10%",
            "refill": "5m",
            "step": "100ms",
            "after": sorted(afters),
            "members": [{"name": name, "leverage": 3.0, "meaning": f"meaning of {name}"} for name in members],
            "accounts": 20_000,
            "seed": 31_337,
            "alone": False,
            "set": ["takeover.fund_capacity=20%"],
            "path": None,
        },
        "headline": {},
        "runs": [run(name, after, cut=cut) for name, cut in members.items() for after in afters],
        "converged": {"calm": True, "hot": True},
        "fund": {"cash": money("2000000.000000"), "note": "shared by three contracts", "needed": None, "sweep": []},
        "pool": [{"symbol": "BTCUSDT", "beta": 1.0}, {"symbol": "ETHUSDT", "beta": 1.1337}],
        "evidence": evidence(),
    }


def swept() -> dict[str, Any]:
    """Return a stress document whose fund is unknown."""
    document = stress()
    cuts = (("0.000000", "500.000000"), ("1000.000000", "0.000000"), ("10000.000000", "0.000000"))
    document["fund"] = {
        "cash": None,
        "note": "unknown: nothing names the pool",
        "needed": {"calm": money("1000.000000"), "hot": None},
        "sweep": [
            {"fund": money(fund), "deleveraged": {"calm": money(cut), "hot": money("750.125000")}} for fund, cut in cuts
        ],
    }
    document["evidence"]["unknown"] = ["pool"]
    return document


def gap() -> dict[str, Any]:
    """Return a gap document: two speeds, two intervals in one of them and none in another."""
    spans: dict[tuple[str, str], list[list[int]]] = {
        ("down", "1s"): [[40_000, 80_000], [200_000, 600_000]],
        ("up", "1s"): [[20_000, 20_000]],
        ("down", "1m"): [[60_000, 600_000]],
        ("up", "1m"): [],
    }
    return {
        "schema": "shortfall.gap/1",
        "version": "0.1.0",
        "contract": {"venue": "binance", "symbol": "BTCUSDT", "figures_of": "binance"},
        "fund_note": "shared by three contracts",
        "largest_gap_ppm": 600_000,
        "members": ["calm", "hot"],
        "answers": [
            {
                "direction": direction,
                "over": over,
                "question": question,
                "intervals_ppm": found,
                "intervals_every_member_ppm": found,
                "first_crossing_ppm": [-21_250, -22_500]
                if found and direction == "down"
                else [16_250, 17_500]
                if found
                else None,
            }
            for (direction, over), found in spans.items()
            for question in ("fund pays", "ADL starts")
        ],
    }
