"""`shortfall compare`: who pays under each venue's rules, everything else equal."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

import click

from shortfall.cli.kernels import compiled_kernels
from shortfall.cli.telling import json_option, report_option, tell
from shortfall.errors import Finding, Findings, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from shortfall.sim.compare import Question
    from shortfall.sim.paths import Shock

SHOCK: Final = re.compile(r"gap([+-]\d+(?:\.\d+)?%)")


@click.command()
@click.argument("contracts", nargs=-1, metavar="[VENUE:SYMBOL]...")
@click.option(
    "--shock", default="gap-20%", show_default=True, help="The shock: gap-20% for a fall, gap+30% for a pump."
)
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option("--venues", default="all", show_default=True, help="Codes with commas between, or all.")
@click.option(
    "--symbol", default="BTCUSDT", show_default=True, help="The common contract: BTCUSDT, ETHUSDT, SOLUSDT ..."
)
@click.option(
    "--fund", help="Capital behind every layer with cash, in the settlement asset; default: the recorded pool."
)
@click.option("--depth-left", default="10%", show_default=True, help="Share of normal depth during the shock.")
@click.option(
    "--own-tiers", is_flag=True, help="Each venue's own margin tiers where known; the population then differs too."
)
@click.option("--accounts", default=5_000, show_default=True, help="Synthetic accounts.")
@click.option("--seed", default=1, show_default=True, help="Seed of the populations.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Rules as of a day; default: the latest.")
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule of every venue.")
@json_option
@report_option
def compare(contracts: tuple[str, ...], *, as_json: bool, report: Path | None, **options: Any) -> None:  # noqa: ANN401 - as click gives them, checked in `_question`
    """Compare venues by their rules: same contract, population, depth and fund; who pays under each.

    With contracts such as `binance:BTCUSDT bybit:BTCUSDT hyperliquid:BTC` a second table shows them as they were found: each with its
    own open interest, depth, fund and tiers.
    """
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with compiled_kernels():
        from shortfall.report.comparison import comparison_document, print_comparison  # noqa: PLC0415 - imports the compiler
        from shortfall.report.found import found_document  # noqa: PLC0415 - the same
        from shortfall.sim.as_found import as_found  # noqa: PLC0415 - the same
        from shortfall.sim.compare import compare as run  # noqa: PLC0415 - the same

        question = _question(contracts, options)
        found = None
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("rule sets", total=None)
            answer = run(question, lambda done, total: bar.update(task, completed=done, total=total))
            if contracts:
                second = bar.add_task("as found", total=len(contracts))
                found = as_found(
                    contracts,
                    question.shock,
                    question.members,
                    accounts=question.accounts,
                    seed=question.seed,
                    threads=question.threads,
                    progress=lambda done, total: bar.update(second, completed=done, total=total),
                )
    document = comparison_document(answer) | ({} if found is None else {"as_found": found_document(found)})
    tell(document, lambda console: print_comparison(console, document), as_json=as_json, report=report)


def _question(contracts: tuple[str, ...], options: dict[str, Any]) -> Question:
    """Read and check all options, so that everything that is wrong is told at once."""
    from shortfall.sim.compare import Question, check_question  # noqa: PLC0415 - imports the compiler
    from shortfall.units import parse_decimal  # noqa: PLC0415 - beside its users

    findings = Findings()
    shock, fund = None, None
    try:
        shock = _shock(options["shock"], options["over"], options["depth_left"])
    except InputError as error:
        findings.include(error)
    try:
        fund = None if options["fund"] is None else parse_decimal(options["fund"], path="--fund")
    except InputError as error:
        findings.include(error)
    codes = tuple(code.strip() for code in options["venues"].split(",") if code.strip())
    symbol = options["symbol"]
    if contracts:
        try:
            codes, symbol = _named(contracts)
        except InputError as error:
            findings.include(error)
    question = Question(
        symbol=symbol.upper(),
        shock=shock or _shock("gap-20%", "60s", "10%"),
        venues=() if codes == ("all",) else codes,
        accounts=options["accounts"],
        seed=options["seed"],
        fund=fund,
        own_tiers=options["own_tiers"],
        changes=options["changes"],
        threads=os.cpu_count() or 1,
        day=None if options["day"] is None else options["day"].date(),
    )
    try:
        check_question(question)
    except InputError as error:
        findings.include(error)
    findings.raise_if_any()
    return question


def _named(contracts: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the venues of named contracts, each once, and the common contract on their base asset."""
    from shortfall.sim.as_found import check_targets, reference_symbol, targets_from  # noqa: PLC0415 - imports the compiler

    check_targets(contracts)
    targets = targets_from(contracts)
    return tuple(dict.fromkeys(venue.code for venue, _ in targets)), reference_symbol(targets)


def _shock(word: str, over: str, depth_left: str) -> Shock:
    from shortfall.sim.paths import Shock  # noqa: PLC0415 - imports numpy
    from shortfall.units import duration_us_from_text, ppm_from_text  # noqa: PLC0415 - beside its users

    found = SHOCK.fullmatch(word)
    if found is None:
        raise InputError(
            [Finding("--shock", f"Expected gap-PERCENT or gap+PERCENT, for example gap-20%, was {word!r}")]
        )
    gap = ppm_from_text(found[1].lstrip("+-"), path="--shock") * (-1 if found[1].startswith("-") else 1)
    return Shock(
        gap_ppm=gap,
        over_us=duration_us_from_text(over, path="--over"),
        depth_left_ppm=ppm_from_text(depth_left, path="--depth-left"),
    )
