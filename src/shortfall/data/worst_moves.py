"""The worst recorded moves of perpetuals by class of contract, retyped: sizes for stated shocks, never forecasts.

A move goes from the open of an hour to the lowest (highest) price of so many hours from there. The price is the venue's mark, because
it is nearer to the outside price than the perp's own trades: on 13 March 2020 ETHUSDT traded at 3.4 times the hour's open while its mark
rose by 24 %. Even so the mark contains part of the venue's own cascade, so that as a move of the outside price it errs on the large side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCE: Final = (
    "hourly trade and mark bars of 32 Binance USD-M perpetuals (Roshan7869/algotrading @db07ceb7, freqtrade download of Binance public "
    "data); BTC from 2019-09, ETH, XRP, LTC, ADA from 2020-01, the rest from 2025, all to 2026-05"
)
WITHOUT_MARK: Final = "SOL, TON, RENDER and 1000PEPE have no mark before April 2026, BCH none before May 2025"
CLASSES: Final = {
    "majors": ("BTC", "ETH"),
    "large-alts": (
        "XRP", "BNB", "SOL", "DOGE", "TRX", "ADA", "LINK", "XLM", "SUI", "BCH", "AVAX", "HBAR", "LTC", "1000SHIB", "TON", "DOT",
    ),
}  # fmt: skip
OTHERS: Final = "small-alts"
CLASSES_REASON: Final = (
    "assumed: two majors; about the twenty largest by market value in October 2025; all others, unknown ones included"
)


@dataclass(frozen=True, slots=True)
class WorstMove:
    """The largest move of a class within so many hours.

    Parameters
    ----------
    group : str
        Class of contract.
    hours : int
        Length of the window.
    direction : str
        fall or rise.
    price : str
        mark or trade.
    symbol, since : str
        Whose move, and the hour (UTC) at whose open it begins.
    from_price, to_price : str
        As recorded.
    move_ppm : int
        Signed, to the nearest.
    """

    group: str
    hours: int
    direction: str
    price: str
    symbol: str
    since: str
    from_price: str
    to_price: str
    move_ppm: int


MOVES: Final = (
    WorstMove("majors", 1, "fall", "mark", "ETHUSDT", "2021-05-19T12:00Z", "2723.9301", "1992.4844", -268_526),
    WorstMove("majors", 1, "rise", "mark", "BTCUSDT", "2020-03-13T02:00Z", "4129.8937", "5234.193", 267_392),
    WorstMove("majors", 4, "fall", "mark", "ETHUSDT", "2021-05-19T10:00Z", "2975.8414", "1764.2582", -407_140),
    WorstMove("majors", 4, "rise", "mark", "ETHUSDT", "2020-03-13T02:00Z", "96.655112", "137.7072", 424_728),
    WorstMove("large-alts", 1, "fall", "mark", "SUIUSDT", "2025-10-10T21:00Z", "3.0755", "0.57936787", -811_618),
    WorstMove("large-alts", 1, "rise", "mark", "ADAUSDT", "2025-03-02T15:00Z", "0.6472", "0.8967", 385_507),
    WorstMove("large-alts", 4, "fall", "mark", "SUIUSDT", "2025-10-10T18:00Z", "3.2674", "0.57936787", -822_682),
    WorstMove("large-alts", 4, "rise", "mark", "XRPUSDT", "2023-07-13T15:00Z", "0.47334316", "0.92996812", 964_681),
    WorstMove("small-alts", 1, "fall", "mark", "KASUSDT", "2025-10-10T21:00Z", "0.06271", "0.00965", -846_117),
    WorstMove("small-alts", 1, "rise", "mark", "WLDUSDT", "2026-01-28T21:00Z", "0.45820366", "0.56431138", 231_573),
    WorstMove("small-alts", 4, "fall", "mark", "KASUSDT", "2025-10-10T18:00Z", "0.07235383", "0.00965", -866_628),
    WorstMove("small-alts", 4, "rise", "mark", "XTZUSDT", "2025-07-19T15:00Z", "0.76923595", "1.1170459", 452_150),
    WorstMove("majors", 1, "fall", "trade", "ETHUSDT", "2021-05-19T13:00Z", "2332.92", "1400.73", -399_581),
    WorstMove("majors", 1, "rise", "trade", "ETHUSDT", "2020-03-13T02:00Z", "95.73", "323.0", 2_374_073),
    WorstMove("majors", 4, "fall", "trade", "ETHUSDT", "2021-05-19T10:00Z", "2975.45", "1400.73", -529_238),
    WorstMove("majors", 4, "rise", "trade", "ETHUSDT", "2020-03-13T02:00Z", "95.73", "323.0", 2_374_073),
    WorstMove("large-alts", 1, "fall", "trade", "SUIUSDT", "2025-10-10T21:00Z", "3.0764", "0.5669", -815_726),
    WorstMove("large-alts", 1, "rise", "trade", "BCHUSDT", "2021-05-19T14:00Z", "521.88", "748.0", 433_280),
    WorstMove("large-alts", 4, "fall", "trade", "SUIUSDT", "2025-10-10T18:00Z", "3.2673", "0.5669", -826_493),
    WorstMove("large-alts", 4, "rise", "trade", "XRPUSDT", "2023-07-13T15:00Z", "0.4733", "0.965", 1_038_876),
    WorstMove("small-alts", 1, "fall", "trade", "KASUSDT", "2025-10-10T21:00Z", "0.06271", "0.00904", -855_844),
    WorstMove("small-alts", 1, "rise", "trade", "WLDUSDT", "2025-09-09T00:00Z", "1.5691", "1.9409", 236_951),
    WorstMove("small-alts", 4, "fall", "trade", "KASUSDT", "2025-10-10T18:00Z", "0.07237", "0.00904", -875_086),
    WorstMove("small-alts", 4, "rise", "trade", "XTZUSDT", "2025-07-19T15:00Z", "0.77", "1.114", 446_753),
)


def group_of(base_asset: str) -> str:
    """Return the class of a contract by its base asset."""
    return next((name for name, assets in CLASSES.items() if base_asset in assets), OTHERS)


def worst_move(group: str, hours: int, direction: str, price: str = "mark") -> WorstMove:
    """Return the worst recorded move of a class."""
    return next(m for m in MOVES if (m.group, m.hours, m.direction, m.price) == (group, hours, direction, price))


__all__ = [
    "CLASSES",
    "CLASSES_REASON",
    "MOVES",
    "OTHERS",
    "SOURCE",
    "WITHOUT_MARK",
    "WorstMove",
    "group_of",
    "worst_move",
]
