"""The fund of a contract, read against its own denominators: its contract, its pool, its currency."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shortfall.assess.metrics.record import Input, days_note, input_of, ranged, single, unknown, worded
from shortfall.errors import Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.assess.metrics.record import Metric
    from shortfall.data.figure_records import ContractFigures, FundPool

AT_PAR: Final = ("USDT", "USDC", "USD")
FUND: Final = "fund"
OVER_INTEREST: Final = "fund_over_open_interest"
OVER_POOL: Final = "fund_over_open_interest_of_pool"


def pool_of(figures: ContractFigures) -> FundPool | None:
    """Return the pool that lists the contract, or the only one that is recorded."""
    found = figures.pool_of_contract()
    return found if found is not None or len(figures.pools) != 1 else figures.pools[0]


def fund_of_contract(figures: ContractFigures) -> Metric:
    """Return the fund that this contract draws on, in its settlement asset; a shared one once, with who shares it."""
    title = f"fund of this contract, in {figures.settlement_asset or 'its settlement asset'}"
    formula = "balance of the pool that lists the contract, settlement asset only, nothing converted"
    figure = figures.get("fund_balance")
    if not figure.known:
        return unknown(FUND, title, figures.settlement_asset, formula, figure.note)
    pool = pool_of(figures)
    alone = pool is None or len(pool.members) <= 1
    shared = "" if pool is None or alone else f"shared by {len(pool.members)} contracts: {', '.join(pool.members)}"
    return single(
        FUND, title, figure.number(), figures.settlement_asset, formula, inputs=[input_of(figure)], note=shared
    )


def fund_form(figures: ContractFigures) -> Metric:
    """Return the form of the fund in words."""
    key, title, formula = "fund_form", "form of the fund", "as the venue's answer lists it"
    figure, pool = figures.get("fund_pools"), pool_of(figures)
    if pool is None:
        return unknown(key, title, "text", formula, figure.note or "no pool is recorded")
    members = f", {len(pool.members)} contracts draw on it" if pool.members else ""
    return worded(key, title, f"{pool.form}: {pool.name}{members}", formula, inputs=[input_of(figure)])


def fund_currencies(figures: ContractFigures) -> Metric:
    """Return what of the pool is not in the settlement asset: range from none of it counting to stablecoins counting at par."""
    key, title = "fund_with_other_currencies", "fund, if its other US dollar coins count not at all, or at par"
    formula = "low: settlement asset only; high: with USDT, USDC and USD at par; everything else counts for nothing"
    figure, pool = figures.get("fund_balance"), pool_of(figures)
    if pool is None or not figure.known:
        return unknown(key, title, figures.settlement_asset, formula, figure.note or "no pool is recorded")
    own = figure.number()
    dollars = figures.settlement_asset in AT_PAR
    par = sum((a.balance for a in pool.assets if a.asset in AT_PAR and a.asset != figures.settlement_asset), Decimal(0))
    rest = ", ".join(f"{a.balance:,f} {a.asset}" for a in pool.assets if a.asset != figures.settlement_asset)
    note = (
        f"not in the settlement asset: {rest or 'nothing'}; haircut and way of conversion: not in the bundled figures"
    )
    inputs = [input_of(figure), Input("balances in other assets", rest or "none", figures.get("fund_pools").source)]
    return ranged(
        key, title, (own, own + par if dollars else own), figures.settlement_asset, formula, inputs=inputs, note=note
    )


def fund_over_interest(figures: ContractFigures) -> Metric:
    """Return the fund over the open interest of this contract alone: at most what the contract can hope for."""
    title, formula = (
        "fund / open interest of this contract",
        "fund in the settlement asset / open interest of one side in the same asset",
    )
    fund = figures.get("fund_balance")
    interest = figures.get(
        "open_interest_base" if figures.settlement_asset == figures.base_asset else "open_interest_notional"
    )
    for figure in (fund, interest):
        if not figure.known:
            return unknown(OVER_INTEREST, title, "fraction", formula, f"{figure.name}: {figure.note}")
    if interest.number() <= 0:
        return unknown(OVER_INTEREST, title, "fraction", formula, "open interest is recorded as zero")
    ratio = float(fund.number() / interest.number())
    return single(
        OVER_INTEREST,
        title,
        ratio,
        "fraction",
        formula,
        inputs=[input_of(fund), input_of(interest)],
        note=days_note(fund, interest),
    )


def fund_over_pool_interest(figures: ContractFigures, members: Sequence[ContractFigures]) -> Metric:
    """Return the fund over the open interest of everybody who draws on it, as far as recorded: an upper bound where some is missing.

    Parameters
    ----------
    members : sequence of ContractFigures
        Figures of contracts of the same venue that are known, this one included.
    """
    title = "fund / open interest of all contracts that draw on it"
    formula = "fund in the settlement asset / sum of the open interest of the pool's members, one side of each"
    fund, pool = figures.get("fund_balance"), pool_of(figures)
    if pool is None or not fund.known or not pool.members:
        return unknown(OVER_POOL, title, "fraction", formula, fund.note or "members of the pool are not published")
    held = {m.symbol: m.get("open_interest_notional") for m in members if m.symbol in pool.members}
    found = {name: figure for name, figure in held.items() if figure.known}
    if figures.symbol not in found:
        return unknown(OVER_POOL, title, "fraction", formula, "open interest of this contract is not recorded")
    missing = [name for name in pool.members if name not in found]
    total = sum((figure.number() for figure in found.values()), Decimal(0))
    note = f"at most: open interest of {', '.join(missing)} is not recorded" if missing else ""
    inputs = [
        input_of(fund),
        *(Input(f"open interest of {n}", f"{f.number():,.0f}", f.source, input_of(f).as_of) for n, f in found.items()),
    ]
    return single(OVER_POOL, title, float(fund.number() / total), "fraction", formula, inputs=inputs, note=note)


def fund_over_near(
    fund: Decimal | None, near: Sequence[Decimal], unit: str, inputs: Sequence[Input], reason: str = ""
) -> Metric:
    """Return the fund over open interest within 10 % of its liquidation price, over the synthetic populations."""
    key, title = "fund_over_near_open_interest", "fund / open interest within 10 % of liquidation (synthetic)"
    formula = f"fund in {unit} / notional at mark of the worse side whose liquidation price is within 10 % of mark"
    if fund is None or not near:
        return unknown(key, title, "fraction", formula, reason or "the fund is unknown")
    ratios = [float(fund / size) for size in near if size > 0]
    if not ratios:
        return unknown(key, title, "fraction", formula, "nobody is within 10 % of liquidation in any population")
    note = "" if len(ratios) == len(near) else "nobody is that near in one population, where the ratio has no bound"
    return ranged(key, title, ratios, "fraction", formula, inputs=inputs, note=note)


def consumed_together(shares: Sequence[Metric]) -> Metric:
    """Refuse to add what several contracts consume of a shared fund.

    Raises
    ------
    InputError
        If there is more than one: each share is measured with the others standing still, and in the same minute they do not.
    """
    if len(shares) != 1:
        message = "Expected the share of one contract: shares of a pool are measured alone and do not add; shock the pool together"
        raise InputError([Finding("pool", message)])
    return shares[0]
