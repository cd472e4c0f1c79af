"""What a conformance card is, and how it is played with a venue's rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shortfall.testing.desk import flat_tier

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.rules.ruleset import MarginTier, RuleSet
    from shortfall.testing.desk import Desk

# what no card is about unless it says so: prices come from the index at once, nobody waits, nothing costs anything
QUIET: Final = (
    "counterparty.kind=book", "counterparty.min_collateral=0",
    "margin.tiers=marginal", "margin.basis=mark", "margin.closing_fee=0", "margin.growth=0", "margin.interest_high=0",
    "trigger.price=mark", "trigger.takeover_below=0", "profit.floor=0", "bands.binding=take-over",
    "bands.reference=mark", "amount.clip_notional=0",
    "amount.tiers=1",
    "index.exclude=0", "index.jump=0", "index.interval=0", "mark.max_move=0", "mark.without_index=keeps",
    "mark.method=index", "index.clamp=0", "index.stale_after=0", "index.min_sources=1", "index.no_liquidation_after=0",
    "bands.user=0", "bands.maker=0", "bands.liquidation=0", "bands.unwinding=0",
    "fees.taker=0", "fees.maker=0", "close.taker_fee=0", "close.liquidation_fee=0", "close.bankruptcy_fee=0",
    "healing.buffer=0", "healing.duration=0", "healing.small_shortage=0", "healing.small_position=0",
    "liquidator.who=outside", "liquidator.fee=0", "liquidator.fee_most=0",
    "realisation.method=average-entry", "realisation.interval=0",
    "engine.delay=0", "engine.per_second=0", "engine.pause=0", "engine.fresh_prices=0",
    "close.settlement=when-flat", "close.rest=placed", "amount.once_per_block=no", "amount.notional_per_block=0",
    "amount.loss_per_block=0", "adl.eligible=profitable-first", "adl.batch=instant",
    "unwinding.method=hold",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """One entry's behaviour, worked by hand.

    Parameters
    ----------
    entry : str
        The entry, as `--set` takes it: `close.style=bankruptcy`, `waterfall=adl`.
    prerequisite : str
        What must be so before, in words.
    action : str
        What is done, in words.
    expected : str
        What must follow, in words.
    situation : callable
        Plays it on a desk with the rules given, raises `InvariantViolationError` (through `ensure`) where the expected does
        not follow, and returns the desk.
    pins : tuple of str
        Further rules that the prerequisite needs, as `--set` takes them.
    tiers : tuple of MarginTier
        The margin tiers of the situation.
    """

    entry: str
    prerequisite: str
    action: str
    expected: str
    situation: Callable[[RuleSet], Desk]
    pins: tuple[str, ...] = ()
    tiers: tuple[MarginTier, ...] = flat_tier()


def rules_for(card: Card, venue: RuleSet) -> RuleSet:
    """Return a venue's rules with what a card's situation pins. The entry itself is set last."""
    rules = replace(venue, tiers=card.tiers)
    for word in (*QUIET, *card.pins):
        rules = rules.changed(word)
    return rules if card.entry.startswith("waterfall=") else rules.changed(card.entry)


def play(card: Card, venue: RuleSet) -> int:
    """Play a card with a venue's rules.

    Returns
    -------
    int
        How many facts (events) the situation led to; a card that leads to none says nothing.

    Raises
    ------
    InvariantViolationError
        Where what is expected does not follow.
    """
    return len(card.situation(rules_for(card, venue)).events)


def uses(rules: RuleSet, entry: str) -> bool:
    """Say whether a rule set has chosen an entry, or has it as a layer of its waterfall."""
    name, _, chosen = entry.partition("=")
    if name == "waterfall":
        return chosen in rules.waterfall
    slot, _, rule = name.partition(".")
    return bool(getattr(getattr(rules, slot), rule) == chosen)
