"""The `socialise` slot. On what base a loss is shared by those who did not make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shortfall.kernels import layout as at
from shortfall.rules.record import Entry, choice, entry, rule

MILLION: Final = 1_000_000
BILLION: Final = 1_000_000_000
DRIFT: Final = (
    "Drift v2: programs/drift/src/controller/liquidation.rs (resolve_perp_bankruptcy, resolve_spot_bankruptcy)"
)
MANGO: Final = "Mango v4: programs/mango-v4/src/state/perp_market.rs (socialize_loss)"
VERTEX: Final = "Vertex: core/contracts/PerpEngine.sol and SpotEngine.sol (socialise)"
PERCOLATOR: Final = "percolator: crates/model_safety/src/crisis and programs/router/src/state/pnl_vesting.rs"
PARADEX: Final = "Paradex: docs, risk system, socialised losses"
ZETA: Final = "Zeta: docs, socialised loss"

BASES: Final[dict[str, Entry]] = {
    "profit": entry(
        at.SHARED_BY_PROFIT,
        "pro rata of profit at mark in this market: profit is a junior claim and keeps the share residual / profits",
        "base_i = max(0, min(unrealised profit_i, equity_i)); pay = min(loss, sum of bases); share_i = pay x base_i / sum",
        sign="positive is charged",
        rounding="cumulated floors in order of account ids: exact in sum, within one unit of pro rata",
        sources=(PERCOLATOR,),
        venues=("percolator",),
    ),
    "position": entry(
        at.SHARED_BY_POSITION,
        "per lot held in this market, through a funding index, whether in profit or not",
        "delta = ceil(loss x index_scale / sum of lots); share_i = ceil(delta x lots_i / index_scale); lots of both sides count "
        "once each: a venue that divides by open interest x 2 (longs only) and one that divides by longs + shorts state one rule",
        sign="positive is charged, to longs and shorts alike",
        rounding="index and shares round up, against the holders; what that collects beyond the loss goes to the dust account",
        sources=(DRIFT, MANGO, VERTEX),
        venues=("Drift v2", "Mango v4", "Vertex"),
    ),
    "equity": entry(
        at.SHARED_BY_EQUITY,
        "pro rata of equity at mark of everybody who settles in this asset",
        "base_i = max(0, equity_i), of a flat account its cash; pay = min(loss, sum of bases); share_i = pay x base_i / sum",
        sign="positive is charged",
        rounding="cumulated floors in order of account ids: exact in sum, within one unit of pro rata",
        sources=(PERCOLATOR,),
        venues=("percolator",),
    ),
    "deposit": entry(
        at.SHARED_BY_DEPOSIT,
        "pro rata of cash balances in this asset: every deposit is cut by the same rate",
        "base_i = max(0, balance_i); pay = min(loss, sum of bases); share_i = pay x base_i / sum; index of deposits x (1 - pay / sum)",
        sign="positive is charged",
        rounding="cumulated floors in order of account ids: exact in sum, within one unit of pro rata",
        sources=(DRIFT, VERTEX),
        venues=("Drift v2", "Vertex"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Socialise:
    """On what base a loss is shared by those who did not make it."""

    base: str = choice(
        at.R_SHARED_BASE, "profit", "who shares a loss in the layer `socialise`, and pro rata of what", **BASES
    )
    sides: str = choice(
        at.R_SHARED_SIDES, "both", "whose lots count where the base is the position",
        both=entry(
            at.SIDES_BOTH, "longs and shorts: the long index rises and the short one falls by the same delta",
            "sum of lots = longs + shorts", sources=(DRIFT, MANGO, VERTEX), venues=("Drift v2", "Mango v4", "Vertex"),
        ),
        long=entry(
            at.SIDES_LONG, "longs only", "sum of lots = longs", sources=("assumed: for comparison of one side with both",)
        ),
        short=entry(
            at.SIDES_SHORT, "shorts only", "sum of lots = shorts", sources=("assumed: for comparison of one side with both",)
        ),
    )  # fmt: skip
    index_scale: int = rule(
        at.R_SHARED_INDEX_SCALE, "count", MILLION, "steps of the funding index to one smallest unit per lot",
        "index = steps / index_scale units per lot", low=1, high=BILLION,
        rounding="one step, up",
        sources=("Drift v2: funding rate in 1e-9 of a dollar per base, loss per base rounded up to 1e-6 dollar",),
        venues=("Drift v2",),
    )  # fmt: skip
    max_haircut: int = rule(
        at.R_SHARED_MOST, "ppm", MILLION, "largest share of all bases that one event may take",
        "pay <= floor(max_haircut x sum of bases); not where the base is the position",
        high=MILLION, rounding="floor", sources=(PERCOLATOR,), venues=("percolator",),
    )  # fmt: skip
    second_base: str = choice(
        at.R_SHARED_SECOND_BASE, "deposit", "the same for the layer `haircut`, behind or before `socialise`", **BASES
    )
    withdrawal: str = choice(
        at.R_SHARED_WITHDRAWAL, "whole", "what a withdrawal pays out while there is a deficit beyond the fund",
        whole=entry(
            at.WITHDRAWAL_WHOLE, "all of it", "factor = 0", sources=("assumed: what venues that state no haircut do",)
        ),
        cut=entry(
            at.WITHDRAWAL_CUT, "less its share of the deficit, which goes to the fund",
            "gap = max(0, latent deficit - fund cash); factor = gap / (positive balances of traders + gap); to the fund: "
            "ceil(amount x factor)", sign="positive is withheld", rounding="the withheld part rounds up, for the fund",
            sources=(PARADEX, ZETA), venues=("Paradex", "Zeta"),
        ),
    )  # fmt: skip
