"""A venue's client as a table of sources, and the one loop that runs every client.

A source is an address, the shape its answer must have, and a function that enters the answer on the sheet. All sources
of a contract are fetched side by side and entered in the order of the table, so that a contract's size is known before
its open interest is. A venue may name further sources once the first are entered (`more`): an account whose number the
first answer gives, for instance.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from shortfall.data.collect.sheet import Sheet, VenueError
from shortfall.data.collect.wire import Limits, Request, Wire
from shortfall.data.figure_records import Remark, RemarkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from shortfall.data.figure_records import ContractFigures

__all__ = ["Refusal", "Source", "Venue", "collect", "decode"]

MINUTE: Final = 60
RESERVES: Final = ("SAFU", "RESERVE", "RESERVES", "POR", "PROOF-OF-RESERVES", "PROTECTION-FUND")


@dataclass(frozen=True, slots=True)
class Source:
    """State one thing to ask.

    Parameters
    ----------
    path : str
        Path below the venue's base address.
    shape : type
        What the answer must be, for msgspec.
    enter : callable
        Enters the answer on the sheet; raises `VenueError` with the venue's words if the answer is a refusal.
    supplies : tuple of str
        Figures that are unknown, with the reason, if this source fails.
    params, body : tuple of (name, value)
        The query; the JSON body of a POST.
    fresh_s : int
        Seconds for which time stamps count as fresh; 0 if they are not judged.
    host : str
        Key into the venue's other hosts; empty for its base address.
    """

    path: str
    shape: Any
    enter: Callable[[Any, Sheet], None]
    supplies: tuple[str, ...]
    params: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[str, object], ...] | None = None
    fresh_s: int = 10 * MINUTE
    host: str = ""


def _no_more(_: Sheet) -> tuple[Source, ...]:
    return ()


def _accept(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Venue:
    """Describe one venue's public interface.

    Parameters
    ----------
    code : str
        As in ``shortfall collect VENUE``.
    base_url : str
        Address of the interface.
    sources : callable
        (symbol, now) to the sources of a contract.
    silent : mapping of str to str
        Why figures that no source supplies are unknown here.
    refuse : callable
        Symbol to a sentence why it is refused, or an empty string.
    more : callable
        Sheet to further sources.
    hosts : mapping of str to str
        Other hosts of the same venue.
    limits : Limits
        How hard it may be asked.
    example : str
        A symbol in the venue's spelling.
    """

    code: str
    base_url: str
    sources: Callable[[str, datetime], tuple[Source, ...]]
    example: str
    silent: Mapping[str, str] = field(default_factory=dict)
    refuse: Callable[[str], str] = _accept
    more: Callable[[Sheet], tuple[Source, ...]] = _no_more
    hosts: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Refusal:
    """State why a symbol was not collected."""

    venue: str
    symbol: str
    sentence: str


def decode(raw: bytes, shape: Any, where: str) -> Any:  # noqa: ANN401 - the shape decides
    """Return an answer in its shape, or a remark; numbers keep every digit."""
    try:
        plain = json.loads(raw, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        kind = RemarkKind.CUT if isinstance(error, json.JSONDecodeError) else RemarkKind.WRONG_SHAPE
        return Remark(where, f"Expected JSON, was not: {str(error)[:120]}", kind=kind)
    try:
        return msgspec.convert(plain, shape)
    except (msgspec.ValidationError, RecursionError) as error:
        return Remark(where, f"Expected the documented shape: {str(error)[:160]}", kind=RemarkKind.WRONG_SHAPE)


def _no_constant(word: str) -> Decimal:
    raise ValueError(f"the number {word}")


async def collect(
    venue: Venue,
    symbols: Sequence[str],
    now: datetime,
    client: Any,  # noqa: ANN401 - httpx is an extra and imported late
    *,
    base_url: str = "",
    limits: Limits | None = None,
) -> list[ContractFigures | Refusal]:
    """Collect contracts of one venue.

    Parameters
    ----------
    venue : Venue
        The venue.
    symbols : sequence of str
        In the venue's spelling.
    now : datetime.datetime
        The time of the snapshot, in UTC.
    client : httpx.AsyncClient
        Open client.
    base_url : str
        In place of the venue's own addresses, all of them.
    limits : Limits or None
        In place of the venue's own.

    Returns
    -------
    list of ContractFigures or Refusal
        One for each symbol, in their order. What failed is among the findings and unknown, never filled in.
    """
    wire = Wire(client, limits or venue.limits)
    return list(await asyncio.gather(*(_one(venue, symbol, now, wire, base_url) for symbol in symbols)))


async def _one(venue: Venue, symbol: str, now: datetime, wire: Wire, base_url: str) -> ContractFigures | Refusal:
    sentence = _reserve(symbol) or venue.refuse(symbol)
    if sentence:
        return Refusal(venue.code, symbol, sentence)
    sheet = Sheet(venue.code, symbol, now)
    if "testnet" in base_url.lower():
        sheet.remark(
            RemarkKind.TESTNET_LIKE, "base address", "the address is a test network's: these are no real figures"
        )
    await _enter_all(venue, venue.sources(symbol, now), sheet, wire, base_url)
    if not sheet.refused:
        await _enter_all(venue, venue.more(sheet), sheet, wire, base_url)
    if sheet.refused:
        return Refusal(venue.code, symbol, sheet.refused)
    return sheet.figures(venue.silent)


def _reserve(symbol: str) -> str:
    if symbol.upper().replace("_", "-") in RESERVES:
        return (
            f"{symbol} is a reserve for balances held in custody, not a fund behind a perpetual contract: "
            "it says nothing about who pays a liquidation's loss. Name a perpetual contract"
        )
    return ""


async def _enter_all(venue: Venue, sources: Sequence[Source], sheet: Sheet, wire: Wire, base_url: str) -> None:
    requests = [_request(venue, source, base_url) for source in sources]
    answers = await asyncio.gather(*(wire.fetch(request) for request in requests))
    for source, request, answer in zip(sources, requests, answers, strict=True):
        sheet.begin(str(request), source.fresh_s)
        body = answer if isinstance(answer, Remark) else decode(answer, source.shape, str(request))
        if not isinstance(body, Remark):
            body = _entered(source, body, sheet, str(request))
        if isinstance(body, Remark):
            sheet.include(body)
            for name in source.supplies:
                sheet.unknown(name, f"{body.kind}: {body.message} ({request})")


def _entered(source: Source, body: object, sheet: Sheet, where: str) -> object:
    try:
        source.enter(body, sheet)
    except VenueError as error:
        return Remark(where, f"The venue answered: {str(error)[:160]}", kind=RemarkKind.VENUE_ERROR)
    return body


def _request(venue: Venue, source: Source, base_url: str) -> Request:
    base = base_url or venue.hosts.get(source.host, venue.base_url)
    return Request(base.rstrip("/") + source.path, source.params, source.body)
