"""`shortfall collect`: a dated snapshot of what a venue publishes about contracts, without a key."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from shortfall.errors import DataError, Finding, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shortfall.data.collect.client import Refusal
    from shortfall.data.figure_records import ContractFigures

MOST_SECONDS = 600.0
LOCAL = ("127.0.0.1", "localhost", "::1")
UNPACED = 1000.0


@click.command()
@click.argument("venue")
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option("--base-url", default="", help="Ask here in place of the venue's own addresses.")
@click.option("--store", type=click.Path(file_okay=False), help="Keep the snapshot in this folder.")
@click.option("--timeout", default=15.0, show_default=True, help="Seconds for one attempt.")
@click.option("--attempts", default=4, show_default=True, help="How often one address is tried.")
@click.option("--via-ccxt", is_flag=True, help="Ask through ccxt's unified calls instead; fewer figures, more venues.")
@click.option("--json", "as_json", is_flag=True, help="One document for programs.")
def collect(
    venue: str,
    symbols: tuple[str, ...],
    *,
    base_url: str,
    store: str | None,
    timeout: float,
    attempts: int,
    via_ccxt: bool,
    as_json: bool,
) -> None:
    """Collect fund, open interest, book, tiers, prices, limits, liquidations and ADL state; what fails is said, not filled in."""
    from shortfall.report.snapshots import collect_document, print_collected  # noqa: PLC0415 - the same

    _check(timeout, attempts)
    if via_ccxt and base_url:
        raise InputError([Finding("--base-url", "Expected no address beside --via-ccxt, which has its own")])
    if via_ccxt:
        from shortfall.data.collect.ccxt_calls import collect_via_ccxt  # noqa: PLC0415 - an extra

        found: Sequence[ContractFigures | Refusal] = collect_via_ccxt(venue, symbols, datetime.now(UTC))
    else:
        found = collected(venue, symbols, base_url, timeout_s=timeout, attempts=attempts)
    held = figures_or_refuse(found)
    stored = [_keep(one, store) for one in held] if store else []
    if as_json:
        print(json.dumps(collect_document(held, stored), indent=2))
    else:
        from rich.console import Console  # noqa: PLC0415 - slow to import

        console = Console()
        for one in held:
            print_collected(console, one)
        for path in stored:
            console.print(f"Kept in {path}", soft_wrap=True)
    nothing = [one for one in held if not any(figure.known for figure in one.figures)]
    if nothing:
        message = "Expected at least one answer, had none: see the findings"
        raise DataError([Finding(f"{one.venue}:{one.symbol}", message) for one in nothing])


def collected(
    code: str, symbols: Sequence[str], base_url: str, *, timeout_s: float, attempts: int, longest_wait_s: float = 20.0
) -> list[ContractFigures | Refusal]:
    """Collect contracts of one venue now; at the venue's own pace, or at once from a server on this machine."""
    from shortfall.data.collect.client import collect as run  # noqa: PLC0415 - only when it runs
    from shortfall.data.collect.venues import venue_of  # noqa: PLC0415 - the same
    from shortfall.data.collect.wire import http_client  # noqa: PLC0415 - the same

    venue = venue_of(code)
    pace = UNPACED if urlsplit(base_url).hostname in LOCAL else venue.limits.per_second
    bounds = replace(
        venue.limits, timeout_s=timeout_s, attempts=attempts, longest_wait_s=longest_wait_s, per_second=pace
    )
    if base_url and not base_url.startswith(("http://", "https://")):
        raise InputError([Finding("--base-url", f"Expected an address with http:// or https://, was {base_url!r}")])

    async def go() -> list[ContractFigures | Refusal]:
        async with http_client() as client:
            return await run(venue, symbols, datetime.now(UTC), client, base_url=base_url, limits=bounds)

    return asyncio.run(go())


def figures_or_refuse(found: Sequence[ContractFigures | Refusal]) -> list[ContractFigures]:
    """Return the figures, or raise every refusal at once.

    Raises
    ------
    InputError
        If a symbol was refused.
    """
    from shortfall.data.collect.client import Refusal  # noqa: PLC0415 - only when it runs

    refused = [one for one in found if isinstance(one, Refusal)]
    if refused:
        raise InputError([Finding(f"{one.venue}:{one.symbol}", one.sentence) for one in refused])
    return [one for one in found if not isinstance(one, Refusal)]


def _keep(held: ContractFigures, store: str) -> str:
    from shortfall.data.snapshot_rows import rows_of  # noqa: PLC0415 - only when it runs
    from shortfall.data.snapshot_store import SnapshotStore  # noqa: PLC0415 - the same

    if held.taken_at is not None:
        SnapshotStore(store).append(rows_of(held), held.taken_at)
    return f"{store}: {held.venue}:{held.symbol}"


def _check(timeout: float, attempts: int) -> None:
    findings = []
    if not 0 < timeout <= MOST_SECONDS:
        findings.append(
            Finding("--timeout", f"Expected more than 0 and at most {MOST_SECONDS:g} seconds, was {timeout:g}")
        )
    if not 1 <= attempts <= 10:  # noqa: PLR2004 - a bound of the option
        findings.append(Finding("--attempts", f"Expected 1 to 10, was {attempts}"))
    if findings:
        raise InputError(findings)
