"""The sheet on which one contract's answers are entered: figures, rows, and remarks on what is odd.

Rules that hold for every venue live here: an empty field is unknown and not zero, a price of zero is unknown, a zero
or negative fund is kept and flagged, a fund of tens of billions is taken for a test network's, an old time stamp is
flagged, and a word of a venue that this package does not know is kept and flagged.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from shortfall.data.figure_records import (
    GROUPS,
    NAMES,
    AdlSignal,
    BookLevel,
    Constituent,
    ContractFigures,
    Figure,
    FundingPoint,
    FundPool,
    LiquidationPrint,
    Remark,
    RemarkKind,
    State,
    TierRow,
    unknown_figure,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Sheet", "VenueError", "moment_of", "number"]

ABOVE_ZERO: Final = frozenset(
    {
        "mark_price",
        "index_price",
        "last_price",
        "best_bid",
        "best_ask",
        "max_leverage",
        "price_limit_up",
        "price_limit_down",
        "tick_size",
        "lot_size",
        "initial_margin_rate",
        "maintenance_margin_rate",
        "funding_interval_hours",
    }
)
SIGNED: Final = frozenset(
    {
        "funding_rate",
        "maker_fee_rate",
        "taker_fee_rate",
        "adl_pnl_ratio",
        "adl_start_ratio",
        "adl_stop_ratio",
        "adl_threshold",
        "adl_stop_level",
    }
)
BALANCES: Final = frozenset({"fund_balance", "backstop_balance"})
LARGEST: Final = 10**24  # no figure of a venue is larger; a longer number is a broken field
TESTNET_FUND: Final[Mapping[str, int]] = {"BTC": 200_000, "XBT": 200_000, "ETH": 5_000_000}
TESTNET_FUND_ELSE: Final = 20_000_000_000  # in dollars: more than ten times the largest fund known
FUTURE_S: Final = 120
MS: Final = 1000
MS_FROM: Final = 10**11  # a time stamp above this is in milliseconds


def number(raw: object) -> Decimal | None:
    """Return a field as a number; None if it is empty, not a number, not finite or absurdly large.

    >>> number("1.50"), number(""), number("NaN"), number(True)
    (Decimal('1.50'), None, None, None)
    """
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
        return None
    try:
        found = Decimal(str(raw).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def moment_of(raw: object) -> datetime | None:
    """Return a time stamp in seconds, milliseconds or ISO 8601 as a UTC moment; None if it is none of these or 0."""
    if isinstance(raw, str) and not raw.strip().isdigit():
        try:
            found = datetime.fromisoformat(raw.strip())
        except ValueError:
            return None
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    stamp = number(raw)
    if stamp is None or stamp <= 0:
        return None
    seconds = stamp / MS if stamp > MS_FROM else stamp
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (OverflowError, ValueError, OSError):
        return None


class VenueError(Exception):
    """A venue answered in its own words that it will not answer, or what it answered cannot be counted."""


class Sheet:
    """Take the answers about one contract.

    Parameters
    ----------
    venue, symbol : str
        The contract, in the venue's spelling.
    now : datetime.datetime
        When the collection started; time stamps are compared with it.
    """

    def __init__(self, venue: str, symbol: str, now: datetime) -> None:
        self.venue = venue
        self.symbol = symbol
        self.now = now
        self.base_asset = self.quote_asset = self.settlement_asset = ""
        self.contract_form = "unknown"
        self.contract_size: Decimal | None = None
        self.refused = ""
        self.source = ""
        self.fresh_s = 0
        self.kept: dict[str, str] = {}
        self._figures: dict[str, Figure] = {}
        self._groups: dict[str, tuple[object, ...]] = {}
        self._remarks: list[Remark] = []

    def begin(self, source: str, fresh_s: int) -> None:
        """Say which answer is entered next, and for how many seconds its time stamps count as fresh (0: not judged)."""
        self.source, self.fresh_s = source, fresh_s

    def remark(self, kind: RemarkKind, path: str, message: str) -> None:
        """Note something, once."""
        found = Remark(f"{self.venue}:{self.symbol} {path}", message, kind=kind)
        if found not in self._remarks:
            self._remarks.append(found)

    def include(self, remark: Remark) -> None:
        """Note a remark of the wire."""
        self._remarks.append(remark)

    def refuse(self, sentence: str) -> None:
        """Say that this is no contract whose fund can be judged."""
        self.refused = self.refused or sentence

    def form(self, word: str, forms: Mapping[str, str]) -> None:
        """Enter the contract's form by the venue's word; an unknown word leaves it unknown, with a remark."""
        self.contract_form = forms.get(word, "unknown")
        if word not in forms:
            message = (
                f"the venue's word {word!r} for the contract's form is not known here: contracts cannot be counted"
            )
            self.remark(RemarkKind.UNKNOWN_VALUE, "contract form", message)

    def inverse(self) -> bool:
        """Say whether the contract is inverse.

        Raises
        ------
        VenueError
            If its form is unknown: a size in contracts would be counted in the wrong unit.
        """
        if self.contract_form == "unknown":
            raise VenueError("the contract's form is unknown, so its contracts cannot be counted")
        return self.contract_form == "inverse"

    def value(self, name: str) -> Decimal | None:
        """Return a figure entered so far as a number, or None."""
        figure = self._figures.get(name)
        return figure.value if figure is not None and isinstance(figure.value, Decimal) else None

    def put(self, name: str, raw: object, as_of: object = None, note: str = "", *, derived: bool = False) -> None:
        """Enter a number; what cannot be one becomes an unknown figure with a remark."""
        found = number(raw)
        if found is None:
            empty = raw is None or raw == ""
            kind = RemarkKind.MISSING if empty else RemarkKind.WRONG_SHAPE
            self._leave(
                name, kind, "the venue's answer leaves it empty" if empty else f"not a number: {str(raw)[:60]!r}"
            )
        elif self._sane(name, found):
            state = State.DERIVED if derived else State.OBSERVED
            self._enter(name, found, self.stamp(as_of), note, state)

    def put_text(self, name: str, raw: object, as_of: object = None, note: str = "") -> None:
        """Enter words."""
        if isinstance(raw, str) and raw:
            self._enter(name, raw, self.stamp(as_of), note, State.OBSERVED)
        else:
            self._leave(name, RemarkKind.MISSING, "the venue's answer leaves it empty")

    def unknown(self, name: str, reason: str) -> None:
        """Enter an unknown figure, unless the figure is known already."""
        if name not in self._figures:
            self._figures[name] = unknown_figure(name, reason)

    def rows(self, group: str, rows: Sequence[object], as_of: object = None, note: str = "") -> None:
        """Enter the rows of a group; none is a known count of 0."""
        self._groups[group] = tuple(rows)
        figure = Figure(
            group, len(rows), NAMES[group], State.OBSERVED, self.source, self.stamp(as_of), self.now.date(), note
        )
        self._figures[group] = figure

    def book(self, levels: Iterable[tuple[str, object, object]], as_of: object = None, note: str = "") -> None:
        """Enter a book of (side, price, size in base units), best first; broken levels are left out with a remark."""
        kept = []
        for side, raw_price, raw_size in levels:
            price, size = number(raw_price), number(raw_size)
            if price is None or size is None or price <= 0 or size < 0:
                self.remark(
                    RemarkKind.WRONG_SHAPE, "book", f"a level of {side} {raw_price!r} x {raw_size!r} was left out"
                )
            elif size > 0:
                kept.append(BookLevel(side, price, size))
        bids = sorted((row for row in kept if row.side == "bid"), key=lambda row: -row.price)
        asks = sorted((row for row in kept if row.side == "ask"), key=lambda row: row.price)
        if bids and asks and bids[0].price >= asks[0].price:
            message = f"the best bid {bids[0].price} is not below the best ask {asks[0].price}"
            self.remark(RemarkKind.CONTRADICTION, "book", message)
        for side, rows in (("bid", bids), ("ask", asks)):
            if rows:
                self._enter(f"best_{side}", rows[0].price, self.stamp(as_of), "", State.OBSERVED)
            else:
                self.remark(RemarkKind.ZERO, "book", f"the {side} side of the book is empty")
                self.unknown(f"best_{side}", "that side of the book is empty")
        self.rows("book", [*bids, *asks], as_of, note)

    def pools(self, pools: Sequence[FundPool], own: FundPool | None, as_of: object = None, note: str = "") -> None:
        """Enter the pools, and the balance of the contract's own one in its settlement asset as `fund_balance`."""
        kept = [pool for pool in pools if not self._like_a_testnet(pool)]
        self.rows("fund_pools", kept, as_of, note)
        if own is None:
            return
        if own not in kept:
            self.unknown("fund_balance", "the published balance is like a test network's; see the findings")
            return
        balance = own.balance(self.settlement_asset)
        if balance is None:
            self.unknown("fund_balance", f"the pool lists no balance in {self.settlement_asset or 'the asset'}")
        else:
            shared = f"{len(own.members)} contracts draw on it" if len(own.members) > 1 else ""
            self.put("fund_balance", balance, own.as_of, "; ".join(filter(None, (note, shared))))

    def signal(self, word: str, known: Iterable[str], as_of: object = None, **details: object) -> None:
        """Enter an ADL signal: the venue's own word is kept, and flagged if this package does not know it."""
        recognised = word.lower() in known
        if not recognised:
            self.remark(
                RemarkKind.UNKNOWN_VALUE, "adl_state", f"the venue's word {word!r} is not known here; it is kept"
            )
        texts = tuple((name, str(value)) for name, value in details.items() if value is not None)
        at = self.stamp(as_of)
        self.rows("adl_signals", [*self._groups.get("adl_signals", ()), AdlSignal(word, recognised, at, texts)], as_of)
        self.put_text("adl_state", word, as_of)

    def stamp(self, raw: object) -> datetime | None:
        """Return a time stamp as a moment, with a remark if it is old, of the future, or no time."""
        at = raw if isinstance(raw, datetime) else moment_of(raw)
        if at is None:
            if raw not in (None, "", 0, "0"):
                self.remark(RemarkKind.WRONG_SHAPE, self.source, f"not a time stamp: {str(raw)[:60]!r}")
            return None
        age = (self.now - at).total_seconds()
        if self.fresh_s and age > self.fresh_s:
            message = f"the venue's time is {at:%Y-%m-%dT%H:%M:%SZ}, {age:.0f} s old; expected at most {self.fresh_s} s"
            self.remark(RemarkKind.STALE, self.source, message)
        elif age < -FUTURE_S:
            self.remark(RemarkKind.FROM_THE_FUTURE, self.source, f"the venue's time is {-age:.0f} s ahead of ours")
        return at

    def figures(self, silent: Mapping[str, str]) -> ContractFigures:
        """Return what was entered; every other name is unknown, with the venue's reason where there is one."""
        for name in NAMES:
            self.unknown(name, silent.get(name, "the answers that were asked for do not hold it"))
        groups = {name: self._groups.get(name, ()) for name in GROUPS}
        return ContractFigures(
            venue=self.venue,
            symbol=self.symbol,
            figures=tuple(self._figures[name] for name in NAMES),
            base_asset=self.base_asset,
            quote_asset=self.quote_asset,
            settlement_asset=self.settlement_asset,
            contract_form=self.contract_form,
            tiers=tuple(row for row in groups["tiers"] if isinstance(row, TierRow)),
            book=tuple(row for row in groups["book"] if isinstance(row, BookLevel)),
            pools=tuple(row for row in groups["fund_pools"] if isinstance(row, FundPool)),
            constituents=tuple(row for row in groups["constituents"] if isinstance(row, Constituent)),
            funding=tuple(row for row in groups["funding_history"] if isinstance(row, FundingPoint)),
            liquidations=tuple(row for row in groups["liquidations"] if isinstance(row, LiquidationPrint)),
            adl_signals=tuple(row for row in groups["adl_signals"] if isinstance(row, AdlSignal)),
            findings=tuple(self._remarks),
            taken_at=self.now,
        )

    def _enter(self, name: str, value: Decimal | str, at: datetime | None, note: str, state: State) -> None:
        self._figures[name] = Figure(name, value, NAMES[name], state, self.source, at, self.now.date(), note)

    def _leave(self, name: str, kind: RemarkKind, reason: str) -> None:
        self.remark(kind, name, f"{reason} ({self.source})")
        self.unknown(name, reason)

    def _sane(self, name: str, found: Decimal) -> bool:
        """Judge a number by its name; False if it was left unknown."""
        if name in SIGNED:
            return True
        if name in BALANCES:
            if found <= 0:
                kind = RemarkKind.ZERO if found == 0 else RemarkKind.NEGATIVE
                self.remark(kind, name, f"the venue publishes {found}; it is kept as published")
            return True
        if found < 0:
            self._leave(name, RemarkKind.NEGATIVE, f"the venue publishes {found}, which it cannot be")
            return False
        if found == 0 and name in ABOVE_ZERO:
            self._leave(name, RemarkKind.ZERO, "the venue publishes 0, which it cannot be")
            return False
        if found == 0 and name.startswith(("open_interest", "volume")):
            self.remark(RemarkKind.ZERO, name, "the venue publishes 0; it is kept as published")
        return True

    def _like_a_testnet(self, pool: FundPool) -> bool:
        for held in pool.assets:
            bound = TESTNET_FUND.get(held.asset.upper(), TESTNET_FUND_ELSE)
            if held.balance > bound:
                message = f"{pool.name}: {held.balance} {held.asset} is beyond {bound}, like a test network's; it was not used"
                self.remark(RemarkKind.TESTNET_LIKE, "fund_pools", message)
                return True
        return False
