"""Mango v4: health weights, base and profit taken by an outside liquidator, then the loss: cash, fund with a premium, shared by position.

USD stands for the settle token, a health in other tokens for a token of its own weight; what a case states in another price is turned
into units of the settle token and back. Positions are entered by imposed fills: a fill at one price and back at another leaves the
stated quote.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from shortfall.kernels import layout as at
from shortfall.model.commands import ImposedFill, TakeBase, TakeLoss

from .outcome import Disagreement, Figure, Unsupported
from .scales import Wanted
from .venue import Listing, Venue, only, ppm, rules_with, tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HUNDREDTH: Final = Fraction(1, 50)  # the peer's tests allow 0.01 to either side
DEBTS: Final = 1  # number of the market in which a debt of cash is made
OTHER: Final = "OTHER"
WEIGHTS: Final = (
    "health.method=weights",
    "realisation.method=quote-balance",
    "profit.withdrawal=counts",
    "socialise.base=position",
)


def answer(kind: str, inputs: Mapping[str, Any]) -> object:
    """Answer a case."""
    return KINDS.get(kind, _unknown)(inputs)


def _unknown(_inputs: Mapping[str, Any]) -> object:
    raise Unsupported("kind-without-an-adapter")


def percent(rate: Decimal) -> str:
    """Write a rate as people do."""
    return f"{ppm(rate) / Decimal(10_000)}%"


class WeightedVenue(Venue):
    """A market under weights, and one without in which a debt of cash is made: a loss there is realised at once.

    Accounts are entered by imposed fills, which nobody checks, before the tick that judges them.
    """

    def __init__(
        self, price: Decimal, sizes: tuple[Decimal, ...], money: Decimal, words: list[str], tokens: tuple[str, ...] = ()
    ) -> None:
        wanted = Wanted("PERP", (2 * price, price / 100), (*sizes, *sizes))
        rules = rules_with([tier(Decimal("0.1"))], *WEIGHTS, "waterfall=socialise", *words)
        debts = Listing(Wanted("DEBT", (Decimal(200), Decimal(1)), (Decimal(2),)), rules_with([tier(Decimal("0.1"))]))
        super().__init__([Listing(wanted, rules), debts], money * 8, tokens)
        self.price = price
        self.tick(price)
        self.tick(Decimal(1), DEBTS)
        self.account("maker", self.money / 8)

    def fill(self, name: str, size: Decimal, price: Decimal, market: int = 0) -> None:
        """Impose a fill against the maker."""
        lots = self.lots(size, market)
        self.exchange.must(ImposedFill(self.ids[name], market, lots, self.ticks(price, market), self.ids["maker"]))

    def add_quote(self, name: str, quote: Decimal) -> None:
        """Trade at two prices so that a quote stays, in a size for which the second price is at most twice the first."""
        size = Decimal(1)
        while abs(quote) / size > self.price:
            size *= 10
        step = abs(quote) / size
        first, second = (self.price, self.price + step) if quote > 0 else (self.price + step, self.price)
        self.fill(name, size, first)
        self.fill(name, -size, second)

    def open(self, name: str, cash: Decimal, base: Decimal, quote: Decimal) -> None:
        """Open an account with cash (negative: owed), base and quote."""
        self.account(name, max(cash, Decimal(0)))
        if base != 0:
            self.fill(name, base, self.price)
        if quote + base * self.price != 0:
            self.add_quote(name, quote + base * self.price)
        if cash < 0:
            self.fill(name, Decimal(1), 1 - cash, DEBTS)
            self.fill(name, Decimal(-1), Decimal(1), DEBTS)

    def spare(self, name: str) -> Fraction:
        """Return the initial health of an account."""
        return self.money_of(self.exchange.free_margin(self.ids[name]))

    def quote_of(self, name: str) -> Fraction:
        """Return the quote of an account's position: minus its cost."""
        return -self.money_of(self.exchange.position(self.ids[name], 0)[1])

    def state(self, name: str) -> dict[str, Fraction]:
        """Return an account as the peer states it."""
        return {"settle_token": self.cash(name), "perp_base_lots": self.size(name), "perp_quote": self.quote_of(name)}


def liq_base_or_positive_pnl(inputs: Mapping[str, Any]) -> object:
    """Let the liquidator take base and profit up to his limits; a debt in another token of weight 1 stands as owed cash."""
    token = inputs["settle_token"]
    if {token["price"], token["asset_weight"], token["liab_weight"]} != {"1"}:
        raise Unsupported("inputs-leave-it-open")
    asset, liability = Decimal(inputs["base_asset_weight"]), Decimal(inputs["base_liab_weight"])
    words = [
        f"health.initial_asset={percent(asset)}", f"health.maintenance_asset={percent(asset)}",
        f"health.initial_liability={percent(liability)}", f"health.maintenance_liability={percent(liability)}",
        f"health.profit_weight={percent(Decimal(inputs['perp_overall_asset_weight']))}",
        f"health.profit_fee={percent(Decimal(inputs['positive_pnl_liquidation_fee']))}",
        f"health.base_fee={percent(Decimal(inputs['base_liquidation_fee']))}",
        f"health.platform_fee={percent(Decimal(inputs['platform_liquidation_fee']))}",
    ]  # fmt: skip
    liqee, liqor = inputs["liqee"], inputs["liqor"]
    other = Decimal(liqee["other_token"])
    price = Decimal(inputs["oracle_price_per_lot"])
    venue = WeightedVenue(price, (Decimal(100),), Decimal(4_000), words)
    venue.open("liqor", Decimal(liqor["settle_token"]), Decimal(liqor["perp_base_lots"]), Decimal(liqor["perp_quote"]))
    venue.open(
        "liqee", Decimal(liqee["settle_token"]) + other, Decimal(liqee["perp_base_lots"]), Decimal(liqee["perp_quote"])
    )
    venue.tick(price)
    lots = venue.lots(abs(Decimal(inputs["max_base_transfer"])))
    profit = venue.units(Decimal(inputs["max_pnl_transfer"]))
    venue.exchange.submit(TakeBase(venue.ids["liqor"], venue.ids["liqee"], 0, lots, profit))
    venue.happened()
    said = venue.state("liqee")
    return {"liqee": said | {"settle_token": said["settle_token"] - Fraction(other)}, "liqor": venue.state("liqor")}


def base_liquidation_sequence(inputs: Mapping[str, Any]) -> object:
    """Liquidate two accounts step by step as the price moves; their deposits are in another token of weight 1."""
    market = inputs["market"]
    words = [
        f"health.{name}={percent(Decimal(market[key]))}"
        for name, key in (
            ("initial_asset", "init_base_asset_weight"), ("initial_liability", "init_base_liab_weight"),
            ("maintenance_asset", "maint_base_asset_weight"), ("maintenance_liability", "maint_base_liab_weight"),
            ("base_fee", "base_liquidation_fee"), ("platform_fee", "platform_liquidation_fee"),
            ("cash_liability", "settle_token_init_liab_weight"),
        )
    ]  # fmt: skip
    lot = Decimal(market["base_lot_size"])
    venue = WeightedVenue(lot, (Decimal(100),), Decimal(40_000), words, (OTHER,))
    venue.account("liqor", Decimal(20_000))
    for name, account in inputs["accounts"].items():
        venue.account(name)
        venue.bring(name, OTHER, Decimal(account["quote_deposit"]))
    for name, account in inputs["accounts"].items():
        venue.fill(name, Decimal(account["base_lots"]), lot)
    before = {name: venue.spare(name) for name in inputs["accounts"]}
    said: dict[str, list[Fraction]] = {"base_lots_transferred": [], "liqee_quote_delta": [], "liqor_quote_delta": []}
    health: dict[str, Fraction] = {}
    for step in inputs["steps"]:
        name, price = step["liqee"], Decimal(step["oracle"]) * lot
        if venue.mark() != price:
            venue.tick(price)
        health.setdefault(f"init_health_{name}_at_{step['oracle']}", venue.spare(name))
        figures = [venue.size(name), venue.quote_of(name), venue.quote_of("liqor")]
        most = abs(int(step["max_base"])) if step["max_base"] not in {"max", "min"} else 1_000
        venue.exchange.submit(TakeBase(venue.ids["liqor"], venue.ids[name], 0, venue.lots(Decimal(most)), 0))
        after = [venue.size(name), venue.quote_of(name), venue.quote_of("liqor")]
        said["base_lots_transferred"].append(figures[0] - after[0])
        said["liqee_quote_delta"].append(after[1] - figures[1])
        said["liqor_quote_delta"].append(after[2] - figures[2])
    venue.happened()
    return {"init_health_before_move": min(before.values()), **health, **said}


def negative_pnl_or_bankruptcy(inputs: Mapping[str, Any]) -> object:
    """Let the liquidator take a loss over; amounts of other tokens are stated in settle tokens and the fund's payment turned back."""
    token, liqee, liqor = inputs["settle_token"], inputs["liqee"], inputs["liqor"]
    price, insurance = Decimal(token["price"]), Decimal(inputs["insurance_token_price"])
    venue = _with_loss(inputs, price, Decimal(liqee["settle_token"]), Decimal(liqee["other_token_weighted"]))
    venue.give("fund", Decimal(inputs["insurance_vault_tokens"]) * insurance / price)
    venue.account("liqor", Decimal(liqor["settle_token"]))
    refused, events = _taken(venue, inputs)
    if refused < 0:
        return {"error": True}
    paid = _paid(venue, events)
    shared = sum((venue.money_of(event["loss_quote"]) for event in only(events, "SharingStarted")), Fraction(0))
    return {
        "liqee": {"settle_token": _figure(venue.cash("liqee")), "perp_quote": _figure(venue.quote_of("liqee"))},
        "liqor": {
            "settle_token": _figure(venue.cash("liqor") - paid),
            "perp_quote": _figure(venue.quote_of("liqor")),
            "insurance_token": paid * Fraction(price) / Fraction(insurance),
        },
        "socialized_loss_per_unit_open_interest": _figure(shared / Fraction(Decimal(inputs["open_interest"]))),
    }


def negative_pnl_or_bankruptcy_event(inputs: Mapping[str, Any]) -> object:
    """Say what was settled, what the fund paid and what was shared."""
    liqee = inputs["liqee"]
    venue = _with_loss(inputs, Decimal(1), Decimal(liqee["settle_token"]), Decimal(liqee["other_token_weighted"]))
    venue.give("fund", Decimal(inputs["insurance_vault_tokens"]))
    venue.account("liqor", Decimal(10_000))
    _, events = _taken(venue, inputs)
    settled = -sum(
        (venue.money_of(event["cash_quote"]) for event in only(events, "ResultMoved") if event["what"] == 1),
        Fraction(0),
    )
    shared = sum((venue.money_of(event["loss_quote"]) for event in only(events, "SharingStarted")), Fraction(0))
    paid = _paid(venue, events)
    said = {
        "settlement": settled, "insurance_transfer": paid, "socialized_loss_total": _figure(shared, Fraction(1, 500)),
        "liqee_settle_token": venue.cash("liqee"), "liqee_perp_quote": _figure(venue.quote_of("liqee")),
        "liqor_settle_token_delta": venue.cash("liqor") - 10_000, "liqor_perp_quote": venue.quote_of("liqor"),
        "being_liquidated": False,
    }  # fmt: skip
    return said if paid.denominator == 1 else Disagreement("fund-pays-whole-tokens", said)


def _figure(amount: Fraction, unit: Fraction = HUNDREDTH) -> Fraction | Figure:
    """Return an amount that is a whole number of hundredths exactly, another as near as the peer's tests ask."""
    return amount if (amount * 100).denominator == 1 else Figure(amount, unit=unit)


def _with_loss(inputs: Mapping[str, Any], price: Decimal, cash: Decimal, other: Decimal) -> WeightedVenue:
    """Open an account without base and with a loss, beside two traders who hold the stated open interest."""
    token, liqee = inputs["settle_token"], inputs["liqee"]
    if other < 0:
        raise Unsupported("borrowed-tokens")
    words = [
        f"health.cash_asset={percent(Decimal(token['asset_weight']))}",
        f"health.cash_liability={percent(Decimal(token['liab_weight']))}",
        f"health.base_fee={percent(Decimal(inputs['base_liquidation_fee']))}",
        f"health.profit_weight={percent(Decimal(inputs.get('perp_overall_asset_weight', '1')))}",
        f"health.settle_limit={liqee['pnl_settle_limit']}",
    ]
    half = Decimal(inputs.get("open_interest", "2")) / 2
    venue = WeightedVenue(Decimal(1), (Decimal(100), half), Decimal(20_000), words, (OTHER,))
    for name, size in (("long", half), ("short", -half)):
        venue.account(name, Decimal(1_000))
        venue.fill(name, size, Decimal(1))
    venue.account("liqee", cash)
    if other > 0:
        venue.token_price(OTHER, Decimal(1))
        venue.bring("liqee", OTHER, other / price)
    if liqee["perp_quote"] != "0":
        venue.add_quote("liqee", Decimal(liqee["perp_quote"]))
    venue.tick(Decimal(1))
    return venue


def _taken(venue: WeightedVenue, inputs: Mapping[str, Any]) -> tuple[int, list[Any]]:
    most = inputs["liqor_max_liab_transfer"]
    bound = venue.units(Decimal(most)) if most is not None else at.INF
    venue.happened()
    result = venue.exchange.submit(TakeLoss(venue.ids["liqor"], venue.ids["liqee"], 0, bound))
    return result, venue.happened()


def _paid(venue: WeightedVenue, events: list[Any]) -> Fraction:
    return -sum(
        (venue.money_of(event["cash_quote"]) for event in only(events, "ResultMoved", venue.ids["fund"])), Fraction(0)
    )


KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {
    "liq_base_or_positive_pnl": liq_base_or_positive_pnl,
    "base_liquidation_sequence": base_liquidation_sequence,
    "negative_pnl_or_bankruptcy": negative_pnl_or_bankruptcy,
    "negative_pnl_or_bankruptcy_event": negative_pnl_or_bankruptcy_event,
}
