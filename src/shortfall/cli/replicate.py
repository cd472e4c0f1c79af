"""`shortfall replicate`: one shock again and again with everything drawn that is not known about it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from shortfall.cli.feedback import feedback_option
from shortfall.cli.kernels import compiled_kernels
from shortfall.errors import Finding, Findings, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shortfall.data.run_store import RunStore
    from shortfall.sim.market import MarketInput
    from shortfall.sim.replications.plan import Plan

INTERRUPTED: Final = 130
QUESTION: Final = (
    "count", "seed", "gap", "over", "mode", "scenario", "afters", "depth_left", "refill", "step", "oi", "fund", "close", "accounts",
    "names", "alone", "changes", "day", "halve", "feedback",
)  # fmt: skip


@click.command()
@click.argument("venue", required=False)
@click.argument("symbol", required=False)
@click.option("--count", default=100, show_default=True, help="Replications of each population.")
@click.option(
    "--seed", default=1, show_default=True, help="Seed of all draws; replication k is the same on any machine."
)
@click.option("--gap", default="-20%", show_default=True, help="Size of the shock; a plus sign for pumps.")
@click.option("--over", default="60s", show_default=True, help="How long it takes.")
@click.option(
    "--shock", "mode", type=click.Choice(("common", "venue", "source")), default="common", show_default=True,
    help="Who sees it: everybody, this venue, one index source.",
)  # fmt: skip
@click.option("--scenario", help="A named scenario instead (see `shortfall scenarios`).")
@click.option("--after", "afters", multiple=True, help="hold, rebound:SHARE or drift:SHARE; default: one of the three.")
@click.option(
    "--depth-left", default="10%", show_default=True, help="Stated share of depth during the shock; it is drawn around."
)
@click.option("--refill", default="5m", show_default=True, help="Stated time constant with which depth comes back.")
@click.option("--step", default="100ms", show_default=True, help="Length of a step during the shock.")
@feedback_option
@click.option("--oi", help="Open interest in base units instead of the recorded one.")
@click.option("--fund", help="Fund in the settlement asset instead of the recorded one.")
@click.option(
    "--close", type=click.Choice(("market", "bankruptcy")), help="Close style; short for --set close.style=..."
)
@click.option("--accounts", default=5_000, show_default=True, help="Synthetic accounts of this contract.")
@click.option("--member", "names", multiple=True, help="Populations to run; default: all.")
@click.option("--alone", is_flag=True, help="Without the pool's other members.")
@click.option("--set", "changes", multiple=True, metavar="RULE=VALUE", help="Change a rule (see `shortfall rules`).")
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Rules of the venue as of a day; default: the latest."
)
@click.option("--halve/--no-halve", default=True, show_default=True, help="Run some draws again at half the step.")
@click.option(
    "--workers",
    default=os.cpu_count() or 1,
    show_default="cores",
    help="Threads, or processors of the local Ray cluster.",
)
@click.option("--ray", is_flag=True, help="On a Ray cluster: the one in RAY_ADDRESS, or one on this machine.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Keep every path in this folder (Parquet)."
)
@click.option(
    "--resume", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Go on with the run in this folder."
)
@click.option("--path", "number", type=int, help="Run one path of a run again, with events and pictures.")
@click.option("--query", "sql", help="Ask the run in the folder with SQL (DuckDB); its rows are the view `paths`.")
@click.option("--json", "as_json", is_flag=True, help="One document for programs.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a single-file HTML report.")
def replicate(venue: str | None, symbol: str | None, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - as click gives them
    """Replicate a stated shock on SYMBOL of VENUE with draws of what is not known about it: how often, and how much, somebody is cut."""
    _check(venue, symbol, options)
    folder = options["resume"] or options["out"]
    if options["sql"] is not None:
        _answer_query(folder, options["sql"], as_json=as_json)
        return
    if options["report"] is not None:
        from shortfall.report.drawing import require  # noqa: PLC0415 - charts are an extra

        for name in ("altair", "vl_convert"):
            require(name)
    with compiled_kernels():
        store, plan, inputs = _prepared(venue, symbol, options)
        if options["number"] is not None:
            document = _one_path(plan, inputs, store, options, as_json=as_json)
        else:
            document = _run(plan, inputs, store, options, as_json=as_json)
    if options["report"] is not None:
        from shortfall.report.page_replications import replications_page  # noqa: PLC0415 - charts are an extra

        options["report"].write_text(replications_page(document), encoding="utf-8")
        print(f"report written to {options['report']}", file=sys.stderr)


def _typed(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def _check(venue: str | None, symbol: str | None, options: dict[str, Any]) -> None:
    """Raise everything that is wrong with how folder, contract and options go together."""
    findings = Findings()
    folder, begun = options["resume"] or options["out"], _begun(options)
    if options["resume"] is not None and options["out"] is not None:
        findings.add("--out", "Expected it or --resume, was both")
    if options["sql"] is not None and not begun:
        findings.add("--query", "Expected --resume DIR or --out DIR of a run beside it")
    if begun:
        said = [name for name in QUESTION if _typed(name)] + [name for name in (venue, symbol) if name is not None]
        for name in said:
            word = name if name in (venue, symbol) else f"--{name.replace('_', '-')}"
            findings.add(word, f"Expected nothing that the manifest in {folder} states")
    elif venue is None or symbol is None:
        findings.add("VENUE SYMBOL", "Expected a venue and a contract, or --resume DIR")
    if not 1 <= options["workers"] <= 1_024:  # noqa: PLR2004 - no machine has more
        findings.add("--workers", f"Expected 1 to 1024, was {options['workers']}")
    findings.raise_if_any()


def _begun(options: dict[str, Any]) -> bool:
    """Say whether the folder is one of a run that goes on or is looked into."""
    looks = options["number"] is not None or options["sql"] is not None
    return options["resume"] is not None or (looks and options["out"] is not None)


def _prepared(
    venue: str | None, symbol: str | None, options: dict[str, Any]
) -> tuple[RunStore | None, Plan, tuple[MarketInput, ...]]:
    """Return (where the run is kept, its plan, its inputs): as asked, or as the manifest of a folder says."""
    from shortfall.data.run_store import RunStore  # noqa: PLC0415 - beside its users
    from shortfall.sim.replications.manifest import check_same, manifest_of  # noqa: PLC0415 - imports the compiler

    folder = options["resume"] or options["out"]
    store = None if folder is None else RunStore(folder)
    kept = store.manifest() if store is not None and _begun(options) else None
    question = _question(venue, symbol, options) if kept is None else kept.get("options", {})
    plan, inputs = _plan(question)
    manifest = manifest_of(plan, inputs, question)
    if kept is not None:
        check_same(kept, manifest, str(folder))
    elif store is not None:
        store.begin(manifest)
    return store, plan, inputs


def _question(venue: str | None, symbol: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """Return the question in plain words, as the manifest keeps it."""
    question: dict[str, Any] = {"venue": venue, "symbol": str(symbol).upper()}
    for name in QUESTION:
        given = options[name]
        question[name] = list(given) if isinstance(given, tuple) else given
    question["day"] = None if options["day"] is None else options["day"].date().isoformat()
    question["typed"] = [name for name in QUESTION if _typed(name)]
    return question


def _plan(question: dict[str, Any]) -> tuple[Plan, tuple[MarketInput, ...]]:
    """Read the question into a plan and its inputs."""
    from datetime import datetime  # noqa: PLC0415 - beside its one use

    from shortfall.cli.request import request_from  # noqa: PLC0415 - beside its users
    from shortfall.kernels._jit import source_digest  # noqa: PLC0415 - imports the compiler
    from shortfall.sim.market import gather  # noqa: PLC0415 - the same
    from shortfall.sim.members import FAMILY  # noqa: PLC0415 - the same
    from shortfall.sim.replications.plan import plan_of  # noqa: PLC0415 - the same

    day = None if question["day"] is None else datetime.fromisoformat(question["day"])
    unknown = [name for name in question["names"] if name not in {one.name for one in FAMILY}]
    if unknown:
        known = ", ".join(one.name for one in FAMILY)
        raise InputError([Finding("--member", f"Expected one of {known}, was {name!r}") for name in unknown])
    request = request_from(question["venue"], question["symbol"], {**question, "day": day})
    inputs = gather(
        request.venue, request.symbol, alone=request.alone, changes=request.changes, interest=request.interest, day=request.day
    )  # fmt: skip
    return plan_of(request, inputs, question["count"], source_digest(), halve=question["halve"]), inputs


def _run(
    plan: Plan, inputs: tuple[MarketInput, ...], store: RunStore | None, options: dict[str, Any], *, as_json: bool
) -> dict[str, Any]:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from shortfall.report.replications import print_replications, replications_document  # noqa: PLC0415 - the same
    from shortfall.sim.replications.answers import answer_of  # noqa: PLC0415 - imports the compiler
    from shortfall.sim.replications.replicate import replicate as run  # noqa: PLC0415 - the same

    with _interruptible(store), _bar() as progress:
        rows = run(plan, inputs, store, workers=options["workers"], ray=options["ray"], progress=progress)
    document = replications_document(answer_of(plan, inputs, rows))
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print_replications(Console(), document)
        if store is not None:
            print(
                f"every path is kept in {store.folder}: see it again with --resume {store.folder} --path N, ask with --query SQL"
            )
    return document


@contextmanager
def _interruptible(store: RunStore | None) -> Iterator[None]:
    """Say after Ctrl-C what was kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        kept = (
            "nothing was kept (no --out)"
            if store is None
            else f"go on with: shortfall replicate --resume {store.folder}"
        )
        print(f"stopped; {kept}", file=sys.stderr)
        sys.exit(INTERRUPTED)


@contextmanager
def _bar() -> Iterator[Callable[[int, int, int], None]]:
    """Show progress with the time that is left, on standard error."""
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - the same

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("blocks of replications", total=None)
        yield lambda done, before, all_of_them: bar.update(task, completed=done - before, total=all_of_them - before)


def _one_path(
    plan: Plan, inputs: tuple[MarketInput, ...], store: RunStore | None, options: dict[str, Any], *, as_json: bool
) -> dict[str, Any]:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from shortfall.report.one_path import path_document, print_path  # noqa: PLC0415 - the same
    from shortfall.sim.replications.one_path import one_path  # noqa: PLC0415 - imports the compiler

    number = options["number"]
    kept = None
    block = plan.place(number).block.number
    if store is not None and store.has(block):
        rows = store.read([block])
        at = next(k for k, path in enumerate(rows["path"]) if path == number and not rows["halved"][k])
        kept = {name: cells[at] for name, cells in rows.items()}
    document = path_document(one_path(plan, inputs, number, kept), kept=kept is not None)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print_path(Console(), document)
    return document


def _answer_query(folder: Path, sql: str, *, as_json: bool) -> None:
    from shortfall.data.run_store import query  # noqa: PLC0415 - an extra

    names, rows = query(folder, sql)
    if as_json:
        print(json.dumps({"schema": "shortfall.query/1", "columns": names, "rows": rows}, indent=2, default=str))
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table(*names)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)
