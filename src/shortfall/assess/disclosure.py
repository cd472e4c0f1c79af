"""A Venue Quantitative Disclosure: what is known about one venue in the form that its schema states, and an empty one to fill in.

Figures come from the records of one contract with their source and day; what is not recorded stays unknown. What is public in words comes
from the checklist. Nothing here is estimated, and no figure of another contract or venue stands in.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any, Final

from shortfall.assess.evidence import NOTHING, State
from shortfall.assess.items import ITEMS
from shortfall.assess.signs import day_of
from shortfall.data.disclosure_file import SCHEMA_ID
from shortfall.data.figures import bundled_contracts, load_bundled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shortfall.assess.checklist import Checklist
    from shortfall.assess.evidence import Evidence
    from shortfall.data.figure_records import ContractFigures, Figure, FundPool, TierRow

Record = dict[str, Any]
US: Final = "shortfall, from public pages and recorded answers"
NOT_RECORDED: Final = "not recorded by us"
NOT_FILLED: Final = "not filled in"
SIX_PLACES: Final = Decimal("0.000001")
# layer to the items that say when it is called and what bounds it
LAYERS: Final[Mapping[str, tuple[str | None, str | None]]] = {
    "backstop": ("backstop.who", "backstop.capacity"),
    "fund": ("fund.order", "fund.limits"),
    "pool": ("fund.order", "fund.limits"),
    "liquidity": ("backstop.who", None),
    "adl": ("adl.trigger", None),
    "socialise": ("loss.sharing", None),
    "haircut": ("loss.sharing", None),
}
UNITS: Final[Mapping[str, str]] = {
    "largest_stress_loss": "settlement asset",
    "mean_stress_loss": "settlement asset",
    "days_fund_exceeded": "days",
    "share_of_largest_five": "fraction",
    "confidence": "fraction",
    "closeout_days": "days",
    "backtest_observations": "account days",
    "backtest_breaches": "account days",
    "events_in_a_year": "events",
    "wrong_way_share": "fraction",
    "availability": "fraction",
}


def disclosure(found: Checklist, day: date | None = None) -> Record:
    """Return what is known about a venue, and about one contract where figures of its own are recorded.

    Parameters
    ----------
    found : Checklist
    day : date or None
        Day as of which its rules were taken; None for the latest.

    Returns
    -------
    dict
        A document of schema ``shortfall.disclosure/1``.
    """
    about = {
        "venue": found.venue.code,
        "name": found.venue.name,
        "contract": None if found.figures is None else found.figures.symbol,
        "filled_by": US,
        "rules_as_of": "latest" if day is None else day.isoformat(),
    }
    waterfall = found.venue.rules_on(day).waterfall
    return _document(about, found.evidence, found.figures, waterfall, NOT_RECORDED)


def template() -> Record:
    """Return an empty disclosure: every figure unknown, every statement open; it is valid as it stands."""
    about = {
        "venue": "code",
        "name": "name of the venue",
        "contract": None,
        "filled_by": "who fills this in",
        "rules_as_of": "latest",
    }
    return _document(about, dict.fromkeys((item.code for item in ITEMS), NOTHING), None, (), NOT_FILLED)


def _document(
    about: Record,
    evidence: Mapping[str, Evidence],
    figures: ContractFigures | None,
    waterfall: tuple[str, ...],
    why: str,
) -> Record:
    said = {code: statement(held) for code, held in evidence.items()}

    def unknown(name: str) -> Record:
        return {"kind": "unknown", "unit": UNITS[name], "reason": why}

    states = [held.state.value for held in evidence.values()]
    return {
        "schema": SCHEMA_ID,
        "about": about,
        "fund": {
            "form": said["fund.form"],
            "pools": [] if figures is None else [_pool(pool, figures, why) for pool in _pools(figures)],
            "waterfall": [_layer(layer, said) for layer in waterfall],
            "flows": [],
            "custody": said["fund.custody"],
            "seed": said["fund.seed"],
            "access": said["fund.access"],
            "limits": said["fund.limits"],
        },
        "burden": _burden(figures, why) | {name: unknown(name) for name in UNITS if name in STRESS},
        "margin": {
            "tiers": [] if figures is None else _tiers(figures),
            "tiers_source": _tiers_source(figures, why),
            "tiers_stated": said["margin.tiers"],
            "history": said["margin.history"],
            **{
                name: unknown(name)
                for name in ("confidence", "closeout_days", "backtest_observations", "backtest_breaches")
            },
            "partial": said["margin.partial"],
        },
        "prices": {name: said[f"price.{name}"] for name in ("mark", "index", "sources", "filters", "regularity")},
        "adl": {name: said[f"adl.{name}"] for name in ("trigger", "threshold", "rank", "price", "signal", "examples")}
        | {"events_in_a_year": unknown("events_in_a_year")},
        "losses": {"sharing": said["loss.sharing"], "events": []},
        "collateral": {"wrong_way_share": unknown("wrong_way_share"), "withdrawal_of_profit": said["margin.profit"]},
        "conduct": {
            "halts": said["conduct.halts"],
            "changes": said["conduct.changes"],
            "availability": unknown("availability"),
        },
        "answers": [{"item": item.code, "question": item.question, "statement": said[item.code]} for item in ITEMS],
        "counts": {state.value: states.count(state.value) for state in State},
    }


STRESS: Final = ("largest_stress_loss", "mean_stress_loss", "days_fund_exceeded", "share_of_largest_five")


def statement(held: Evidence) -> Record:
    """Return a piece of evidence as a statement of the schema."""
    if held.state is State.NOT_EXAMINED:
        return {"state": held.state.value, "says": held.says}
    pages = [{"address": page.address, "read_on": page.read_on.isoformat()} for page in held.pages]
    return {"state": held.state.value, "says": held.says, "pages": pages}


def figure_record(held: Figure, unit: str | None = None) -> Record:
    """Return a recorded figure as one of the schema; a figure without a day is unknown, because a figure needs one."""
    day = day_of(held)
    if not held.known or day is None:
        return {"kind": "unknown", "unit": unit or held.unit, "reason": held.note or NOT_RECORDED}
    record = {
        "kind": "observed",
        "value": f"{held.number():f}",
        "unit": unit or held.unit,
        "source": held.source,
        "as_of": day.isoformat(),
    }
    undated = "the day is the one on which it was read: the source states none" if held.as_of is None else ""
    note = "; ".join(word for word in (held.note, undated) if word)
    return record | ({"note": note} if note else {})


def _layer(layer: str, said: Mapping[str, Record]) -> Record:
    """Return a layer with what the items say about when it is called and how much it pays; the rest is open."""
    when, limit = LAYERS.get(layer, (None, None))
    open_question = statement(NOTHING)
    return {
        "layer": layer,
        "when": said[when] if when else open_question,
        "limit": said[limit] if limit else open_question,
        "discretion": open_question,
    }


def _pools(figures: ContractFigures) -> list[FundPool]:
    """Return the pools that the contract draws on: those that list it, and those that list no contract."""
    return [pool for pool in figures.pools if not pool.members or figures.symbol in pool.members]


def _pool(pool: FundPool, figures: ContractFigures, why: str) -> Record:
    told = figures.get("fund_pools")
    day = day_of(told)
    return {
        "name": pool.name,
        "contracts": list(pool.members),
        "assets": [
            {
                "asset": held.asset,
                "amount": {
                    "kind": "observed",
                    "value": f"{held.balance:f}",
                    "unit": held.asset,
                    "source": told.source,
                    "as_of": day.isoformat(),
                }
                if day is not None
                else {"kind": "unknown", "unit": held.asset, "reason": "the recorded balance has no day"},
                "haircut": {"kind": "unknown", "unit": "fraction", "reason": why},
            }
            for held in pool.assets
        ],
    }


def _burden(figures: ContractFigures | None, why: str) -> Record:
    if figures is None:
        return {
            "open_interest": {"kind": "unknown", "unit": "base asset", "reason": why},
            "sides_counted": "unknown",
            "fund_to_open_interest": {"kind": "unknown", "unit": "fraction", "reason": why},
            "fund_to_open_interest_of_all_its_contracts": {"kind": "unknown", "unit": "fraction", "reason": why},
            "largest_leverage": {"kind": "unknown", "unit": "times", "reason": why},
            "depth": [],
            "depth_source": {"kind": "unknown", "unit": "quote per base", "reason": why},
        }
    interest = figures.get("open_interest_base")
    return {
        "open_interest": figure_record(interest, figures.base_asset),
        "sides_counted": "one" if interest.known else "unknown",
        "fund_to_open_interest": _ratio(figures, (figures,)),
        "fund_to_open_interest_of_all_its_contracts": _ratio(figures, *_members(figures)),
        "largest_leverage": figure_record(figures.get("max_leverage"), "times"),
        "depth": []
        if figures.depth is None
        else [
            {
                "distance_bps": f"{point.distance_bps:f}",
                "bid": f"{point.bid_notional_quote:f}",
                "ask": f"{point.ask_notional_quote:f}",
            }
            for point in figures.depth.points
        ],
        "depth_source": _depth_source(figures),
    }


def _depth_source(figures: ContractFigures) -> Record:
    told = figures.get("depth")
    day = day_of(told)
    if figures.depth is None or day is None:
        return {"kind": "unknown", "unit": "quote per base", "reason": told.note or NOT_RECORDED}
    mid = f"{figures.depth.mid_price:f}"
    return {"kind": "observed", "value": mid, "unit": "quote per base", "source": told.source, "as_of": day.isoformat()}


def _members(figures: ContractFigures) -> tuple[tuple[ContractFigures, ...], tuple[str, ...]]:
    """Return (figures of the contracts that draw on the pool, those with no recorded open interest)."""
    pool = figures.pool_of_contract()
    if pool is None:
        return (), ()
    recorded = bundled_contracts()
    held = {
        name: figures if name == figures.symbol else load_bundled(figures.venue, name)
        for name in pool.members
        if name == figures.symbol or (figures.venue, name) in recorded
    }
    known = {name: one for name, one in held.items() if one.get("open_interest_notional").known}
    return tuple(known.values()), tuple(name for name in pool.members if name not in known)


def _ratio(figures: ContractFigures, contracts: tuple[ContractFigures, ...], missing: tuple[str, ...] = ()) -> Record:
    """Return cash of the fund over the notional of contracts, rounded down to six places; unknown unless both are known.

    Only balances in the settlement asset count, and only where notional is in that asset: nothing is converted. With contracts missing
    the ratio is an upper bound, because what is missing only adds to the denominator, and its note says so.
    """
    fund = figures.get("fund_balance")
    if not contracts:
        return _no_ratio("no recorded pool lists this contract")
    told = (fund, *(one.get("open_interest_notional") for one in contracts))
    why = [f"{held.name}: {held.note}" for held in told if not held.known]
    days = [day for held in told if (day := day_of(held)) is not None]
    if any(one.settlement_asset != one.quote_asset for one in contracts):
        why.append("notional is not in the settlement asset, and nothing is converted")
    if why or len(days) != len(told):
        return _no_ratio("; ".join(dict.fromkeys(why)) or "a figure has no day")
    notional = sum((held.number() for held in told[1:]), Decimal(0))
    if notional <= 0:
        return _no_ratio("no open interest")
    note = f"{figures.settlement_asset} of the fund only; days of its figures: {min(days)} to {max(days)}"
    if missing:
        note = f"at most: open interest of {', '.join(missing)} is not recorded and would lower it; {note}"
    return {
        "kind": "observed",
        "value": f"{(fund.number() / notional).quantize(SIX_PLACES, ROUND_DOWN):f}",
        "unit": "fraction",
        "source": "; ".join(dict.fromkeys(held.source for held in told)),
        "as_of": min(days).isoformat(),
        "note": note,
    }


def _no_ratio(why: str) -> Record:
    return {"kind": "unknown", "unit": "fraction", "reason": why}


def _tiers(figures: ContractFigures) -> list[Record]:
    """Return the tiers in the quote asset, where both rates are known."""
    if not all(tier.unit == "quote" and _initial(tier) is not None for tier in figures.tiers):
        return []
    return [
        {
            "up_to": None if tier.cap is None else f"{tier.cap:f}",
            "initial": _plain(_initial(tier) or Decimal(1)),
            "maintenance": _plain(tier.maintenance_rate),
        }
        for tier in figures.tiers
    ]


def _tiers_source(figures: ContractFigures | None, why: str) -> Record:
    if figures is None:
        return {"kind": "unknown", "unit": "rows", "reason": why}
    if figures.tiers and not _tiers(figures):
        return {
            "kind": "unknown",
            "unit": "rows",
            "reason": "the recorded tiers are not in the quote asset, or state no initial rate",
        }
    return figure_record(figures.get("tiers"))


def _plain(rate: Decimal) -> str:
    return f"{rate.normalize():f}"


def _initial(tier: TierRow) -> Decimal | None:
    """Return the initial rate, or one over the largest leverage, rounded up to six places."""
    if tier.initial_rate is not None:
        return tier.initial_rate
    return None if not tier.max_leverage else (1 / tier.max_leverage).quantize(SIX_PLACES, ROUND_CEILING)
