"""Who reads an assessment, and what each of them looks at first. The order is the order of the table; nothing is added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shortfall.assess.evidence import Answer

if TYPE_CHECKING:
    from shortfall.assess.checklist import Checklist

DEFAULT: Final = "engineer"
SIZES: Final = ("position_cut_1", "position_cut_2", "position_cut_3", "position_cut_4")
MARK: Final = (
    "false_liquidations_source", "false_liquidations_venue", "mark_method", "index_clamp", "index_stale", "index_sources",
)  # fmt: skip
EXIT: Final = ("buffer", "time_to_unwind", "tier_steepness", "negative_balance", "negative_balance_in_a_second")
THIN: Final = ("depth_5th_percentile", "depth_recovery", "depth_10_bps", "spread")
CROWD: Final = ("open_interest", "open_interest_over_depth", "volume_24h", "volume_over_depth")
SLIPPAGE: Final = ("slippage_5_percent", "slippage_10_percent", "slippage_20_percent")


@dataclass(frozen=True, slots=True)
class Criterion:
    """Metrics that answer one question, by key, in order."""

    question: str
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of reader.

    Parameters
    ----------
    code, meaning : str
    criteria : tuple of Criterion
        What is looked at, most important first.
    gates : tuple of str
        Items of the checklist that have to be answered before anything else is read: yes, no or unknown.
    watch : tuple of str
        What to watch.
    """

    code: str
    meaning: str
    criteria: tuple[Criterion, ...]
    gates: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()


ROLES: Final = {
    role.code: role
    for role in (
        Role(
            "scalper",
            "in and out within minutes, small size, much leverage",
            (
                Criterion("is ADL rare?", ("adl_frequency", "adl_state", "share_cut", "position_cut_1")),
                Criterion("what covers a close below bankruptcy?", ("fund", "fund_over_open_interest", "closed_above_bankruptcy")),
                Criterion("does the mark withstand a wick?", MARK),
                Criterion("how much depth is left in the worst minutes?", THIN),
                Criterion("maximum leverage, last", ("maximum_leverage", "notional_at_maximum_leverage")),
            ),
            ("adl.trigger", "price.filters"),
            ("depth within 10 bps in moving minutes", "the venue's public ADL signal", "mark against index"),
        ),
        Role(
            "hedger",
            "arbitrage: this leg is hedged elsewhere, and a cut leaves the other one naked",
            (
                Criterion("what does a stated shock cut?", ("position_cut_1", "position_cut_2", "position_cut_3", "share_cut")),
                Criterion("from which move on?", ("gap_ADL_starts_fall", "gap_ADL_starts_rise", "gap_fund_is_exhausted_fall")),
                Criterion("what stands before it?", ("fund", "fund_alone", "fund_after_others", "fund_share_consumed")),
                Criterion("what does holding it pay?", ("funding_a_year", "mark_minus_index")),
            ),
            ("adl.trigger", "adl.rank", "adl.price", "fund.form", "fund.limits", "fund.balance"),
            ("the balance of the fund of this contract", "the public ADL signal", "open interest against depth"),
        ),
        Role(
            "trend",
            "days to weeks, moderate leverage, leaves by a stop",
            (
                Criterion("are closes above bankruptcy?", ("closed_above_bankruptcy", "negative_balance")),
                Criterion("what does leaving cost?", ("depth_50_bps", "depth_100_bps", *SLIPPAGE)),
                Criterion("how far does it move?", ("realised_volatility", "largest_moves", "worst_moves_of_class")),
                Criterion("is a winner cut?", ("position_cut_1", "position_cut_2", "share_cut")),
                Criterion("what does holding cost?", ("funding_a_year",)),
            ),
            ("adl.price",),
            ("funding", "open interest against depth", "changes of margin tiers"),
        ),
        Role(
            "large",
            "a position that cannot leave at once",
            (
                Criterion("the size curve: share cut by size", SIZES),
                Criterion("the size curve: cost of leaving", ("buffer", "time_to_unwind", *SLIPPAGE)),
                Criterion("what does size cost in margin?", ("notional_at_maximum_leverage", "tier_steepness")),
                Criterion("how much of the market is one position?", CROWD),
            ),
            ("fund.limits", "margin.tiers"),
            ("depth within 100 and 200 bps", "open interest", "changes of margin tiers"),
        ),
        Role(
            "engineer",
            "risk of a venue or a protocol",
            (
                Criterion("does margin cover the exit?", EXIT),
                Criterion(
                    "what can the fund hold and lose?",
                    ("fund_over_open_interest", "fund_over_open_interest_of_pool", "fund_over_near_open_interest", "fund_alone",
                     "fund_after_others", "fund_share_consumed", "fund_with_other_currencies", "fund_over_negative_balance_in_a_second"),
                ),
                Criterion(
                    "from which move on?",
                    ("gap_fund_pays_fall", "gap_fund_is_exhausted_fall", "gap_ADL_starts_fall", "gap_ADL_starts_rise"),
                ),
                Criterion("does the mark liquidate falsely?", ("false_liquidations_source", "false_liquidations_venue")),
                Criterion("is it crowded?", ("near_open_interest", "open_interest_over_depth", "crowding", "funding_a_year")),
            ),
            ("fund.limits", "adl.trigger", "price.filters"),
            ("open interest near liquidation", "the pool's other contracts", "depth in moving minutes"),
        ),
        Role(
            "provider",
            "gives liquidity, to the book or to a pool that takes positions over",
            (
                Criterion("who pays before the provider?", ("fund", "fund_form", "fund_alone")),
                Criterion("what is taken over in a shock?", ("negative_balance", "closed_above_bankruptcy", "fund_share_consumed")),
                Criterion("how much is to be absorbed?", ("open_interest_over_depth", "near_open_interest", "depth_100_bps", "spread")),
                Criterion("is a maker's inventory cut?", ("share_cut", "position_cut_2")),
                Criterion("does the mark hold?", ("false_liquidations_venue", "mark_minus_index", "index_dispersion")),
            ),
            ("backstop.who", "backstop.capacity"),
            ("inventory of the backstop", "open interest against depth", "funding"),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """One item of the checklist that a role asks for first."""

    item: str
    answer: Answer
    says: str
    pages: tuple[tuple[str, str], ...]


def gates_of(role: Role, found: Checklist) -> tuple[Gate, ...]:
    """Return the role's gates with their answers, from the checklist: what was not examined answers unknown."""
    gates = []
    for item in role.gates:
        held = found.evidence[item]
        pages = tuple((page.address, page.read_on.isoformat()) for page in held.pages)
        gates.append(Gate(item, held.answer, held.says or held.state.value, pages))
    return tuple(gates)


def is_open(gates: tuple[Gate, ...]) -> bool:
    """Say whether every gate is answered yes."""
    return all(gate.answer is Answer.YES for gate in gates)
