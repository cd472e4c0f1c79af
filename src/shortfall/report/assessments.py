"""An assessment as one document and as tables: the sentence, the reader's criteria, every metric, who pays, the cause."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.assess.cause import CAUSES, NONE, REPAIRS
from shortfall.assess.checklist import checklist
from shortfall.assess.evidence import State
from shortfall.assess.items import BY_CODE, GROUPS
from shortfall.assess.laboratory import HARDER
from shortfall.assess.myths import answered
from shortfall.assess.readings import first_payer, headline, not_simulated, who_pays
from shortfall.assess.roles import ROLES, gates_of
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.words import human
from shortfall.units import duration_text, percent_text

if TYPE_CHECKING:
    from rich.console import Console

    from shortfall.assess.assessment import Assessment
    from shortfall.assess.cause import Cause
    from shortfall.assess.laboratory import Findings, Run
    from shortfall.assess.metrics.record import Metric
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.assess/1"
CARD: Final = ("fund", "open_interest", "realised_volatility", "largest_moves", "maximum_leverage")
BAR: Final = 14
SMALL_COUNT: Final = 1_000
SYNTHETIC_NOTE: Final = "synthetic: populations, shock, makers; ranges are over models, not probabilities"


def assess_document(found: Assessment, role: str) -> dict[str, Any]:
    """Return an assessment, told for one kind of reader, as one document."""
    subject, lab = found.subject, found.lab
    figures = subject.figures
    venue_list = checklist(subject.venue, figures if figures.figures else None)
    reader = ROLES[role]
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "contract": {
            "venue": figures.venue,
            "symbol": figures.symbol,
            "base_asset": figures.base_asset,
            **({} if lab is None else {"laboratory": contract_of(lab.item)}),
            "collected": _collected(found),
        },
        "request": _request(found),
        "sentence": sentence(found),
        "headline": None if lab is None else _headline(lab),
        "fund_in_runs": None if lab is None else _fund(lab),
        "role": {
            "code": reader.code,
            "meaning": reader.meaning,
            "gates": [
                {
                    "item": gate.item,
                    "question": asked(gate.item),
                    "answer": gate.answer.value,
                    "says": gate.says,
                    "pages": [{"address": address, "read_on": day} for address, day in gate.pages],
                }
                for gate in gates_of(reader, venue_list)
            ],
            "criteria": [{"question": one.question, "metrics": list(one.metrics)} for one in reader.criteria],
            "watch": list(reader.watch),
        },
        "metrics": [_metric(one) for one in found.metrics],
        "who_pays": None if lab is None else _payers(lab),
        "cause": None if lab is None else _cause(lab),
        "myths": [{"claim": m.claim, "answer": m.answer, "metrics": list(m.metrics)} for m in answered(found)],
        "not_published": _not_published(venue_list.evidence),
        "unknown": [one.key for one in found.metrics if not one.known],
        "not_simulated": not_simulated(subject.venue),
        "runs": [] if lab is None else [_run(run, lab) for run in lab.runs],
        "positions": [
            {
                "side": one.side,
                "notional": f"{one.notional:f}",
                "share_cut": [one.share_low, one.share_high],
                "draws": one.draws,
                "cut": one.cut,
                "own_liquidation": one.liquidated,
            }
            for one in found.cuts
        ],
        "sampling": _sampling(found),
        **({} if lab is None else {"evidence": evidence((lab.item,))}),
    }


def _collected(found: Assessment) -> dict[str, Any] | None:
    """Return how many collected snapshots were read, and of which moments; None where the bundled figures were."""
    times = [held.taken_at for held in found.subject.history if held.taken_at is not None]
    if not times:
        return None
    return {"snapshots": len(times), "first": times[0].isoformat(), "newest": times[-1].isoformat()}


def asked(code: str) -> str:
    """Return an item of the checklist as a question that can be read alone."""
    item = BY_CODE[code]
    return f"{GROUPS[item.group]}: {item.question}"


def _request(found: Assessment) -> dict[str, Any]:
    request = found.request
    return {
        "gap": percent_text(request.shock.gap_ppm),
        "over": duration_text(request.shock.over_us),
        "shock": request.shock.mode,
        "depth_left": percent_text(request.shock.depth_left_ppm),
        "accounts": request.accounts,
        "members": [member.name for member in request.members],
        "seed": request.seed,
        "fund": None if request.fund is None else f"{request.fund:f}",
        "set": list(request.changes),
    }


def shock_words(found: Assessment) -> str:
    """Say what is done to the price."""
    told = _request(found)
    sign = "" if told["gap"].startswith("-") else "+"
    return f"{sign}{told['gap']} over {told['over']} with {told['depth_left']} of depth left"


def sentence(found: Assessment) -> str:
    """Return the answer in one sentence: the stated shock and its range."""
    lab, shock = found.lab, shock_words(found)
    if lab is None:
        return f"Nothing was run: {found.subject.no_lab}; the metrics say what is recorded."
    asset, told = lab.item.contract.scale.settlement, headline(lab)
    funds = "" if lab.fund_cash is not None else " The fund is unknown and was run from none to twice open interest."
    loss = (
        ""
        if told.fund_loss is None
        else f"; the fund's equity is at its lowest {_span(told.fund_loss, asset)} below where it began"
    )
    return (
        f"In {shock}, over {told.runs} models, {_span(told.liquidated, asset)} are liquidated and {_span(told.deleveraged, asset)} of "
        f"winners' positions are closed by ADL{loss}.{funds} It moves most with: {told.moves_most}."
    )


def _span(ends: tuple[int, int], asset: Asset) -> str:
    low, high = (human(money(end, asset)) for end in ends)
    return low if low == high else f"{low} to {high}"


def _headline(lab: Findings) -> dict[str, Any]:
    told, asset = headline(lab), lab.item.contract.scale.settlement

    def ends(pair: tuple[int, int] | None) -> list[dict[str, str]] | None:
        return None if pair is None else [money(end, asset) for end in pair]

    return {
        "models": told.runs,
        "liquidated": ends(told.liquidated),
        "deleveraged": ends(told.deleveraged),
        "fund_loss": ends(told.fund_loss),
        "negative_balance": ends(told.negative),
        "moves_most": told.moves_most,
    }


def _fund(lab: Findings) -> dict[str, Any]:
    asset = lab.item.contract.scale.settlement
    return {
        "known": None if lab.fund_cash is None else money(lab.fund_cash, asset),
        "note": lab.fund_note,
        "run_at": [money(cash, asset) for cash in lab.funds],
    }


def _metric(one: Metric) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "known": one.known,
        "low": None if one.low is None else f"{one.low:f}",
        "high": None if one.high is None else f"{one.high:f}",
        "words": one.words or None,
        "unit": one.unit,
        "reason": one.reason,
        "formula": one.formula,
        "note": one.note,
        "inputs": [
            {"name": i.name, "value": i.value, "source": i.source, "as_of": i.as_of or None} for i in one.inputs
        ],
    }


def _payers(lab: Findings) -> dict[str, Any]:
    asset = lab.item.contract.scale.settlement
    payers = who_pays(lab.stated)
    return {
        "pays_most_in_the_worst_model": first_payer(payers),
        "payers": [
            {"name": one.name, "who": one.who, "paid_at_mark": [money(one.low, asset), money(one.high, asset)]}
            for one in payers
        ],
    }


def _cause(lab: Findings) -> dict[str, Any]:
    told = {"stated": _one_cause(lab.cause, lab), "harder": None}
    if lab.harder_cause is not None:
        sign = percent_text(HARDER.gap_ppm)
        shock = f"{sign} over {duration_text(HARDER.over_us)} with {percent_text(HARDER.depth_left_ppm)} of depth left"
        told["harder"] = {"shock": shock, **_one_cause(lab.harder_cause, lab)}
    return told


def _one_cause(cause: Cause, lab: Findings) -> dict[str, Any]:
    asset = lab.item.contract.scale.settlement
    return {
        "name": cause.name,
        "fund": money(lab.funds[min(1, len(lab.funds) - 1)], asset),
        "by_member": cause.by_member,
        "negative_closes": {name: money(cost, asset) for name, cost in cause.base.items()},
        "repairs": [
            {"cause": name, "repair": REPAIRS[name], "removed_ppm": list(span)}
            for name in CAUSES
            if (span := cause.range_of(name)) is not None
        ],
    }


def _not_published(held: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a mapping of evidence
    return [
        {
            "item": code,
            "question": asked(code),
            "state": one.state.value,
            "says": one.says,
            "pages": [{"address": page.address, "read_on": page.read_on.isoformat()} for page in one.pages],
        }
        for code, one in held.items()
        if one.state is not State.PUBLISHED
    ]


def _run(run: Run, lab: Findings) -> dict[str, Any]:
    asset, result = lab.item.contract.scale.settlement, run.measures.result
    return {
        "run": run.name,
        "shock": run.shock,
        "member": run.member,
        "after": run.after,
        "depth": run.law,
        "fund": money(run.fund_cash, asset),
        "liquidated": money(result.liquidated_notional, asset),
        "taken_over": money(result.taken_notional, asset),
        "deleveraged": money(result.adl_notional, asset),
        "negative_balance": money(result.deficit, asset),
        "fund_equity_lowest": money(run.measures.fund_equity_lowest, asset),
    }


def _sampling(found: Assessment) -> str:
    lab = found.lab
    if lab is None:
        return "none: nothing is drawn"
    seed, accounts = found.request.seed, found.request.accounts
    return f"one draw of {accounts:,} accounts for each population (seed {seed}); {lab.sampling}"


# ------------------------------------------------------------------------------------------------------------ the terminal
def value_text(one: dict[str, Any]) -> str:
    """Return a metric's value for a reader; what is unknown says so."""
    if not one["known"]:
        return "unknown"
    if one["words"]:
        return str(one["words"])
    low, high = Decimal(one["low"]), Decimal(one["high"])
    texts = [_number(end, one["unit"]) for end in (low, high)]
    text = texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}"
    return f"{text}{_unit(one['unit'])}"


def _number(value: Decimal, unit: str) -> str:
    if unit.startswith("fraction"):
        return f"{value * 100:.3g}%" if abs(value) < 10 else f"{value * 100:,.0f}%"  # noqa: PLR2004 - ten times the whole
    if abs(value) >= SMALL_COUNT:
        return f"{value:,.0f}"
    return f"{float(value):.4g}"


def _unit(unit: str) -> str:
    return "" if unit.startswith("fraction") or unit in ("", "ratio", "count", "text") else f" {unit}"


def print_assessment(console: Console, document: dict[str, Any]) -> None:
    """Print an assessment for the reader it was made for; `--json` and `--report` hold every metric and run."""
    contract, role = document["contract"], document["role"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}, for the {role['code']}: {role['meaning']}", "bold"))
    console.print(Text(document["sentence"]))
    by_key = {one["key"]: one for one in document["metrics"]}
    console.print(_card(by_key))
    _print_gates(console, role)
    for one in role["criteria"]:
        console.print(_criterion(one, by_key))
    _print_payers(console, document)
    _print_cause(console, document)
    for myth in document["myths"]:
        console.print(Text.assemble((f"{myth['claim']} ", "italic"), myth["answer"]))
    for line in notes(document):
        console.print(Text(line, "dim"))


def _card(by_key: dict[str, dict[str, Any]]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title="What a fund is read with", title_justify="left", expand=True
    )
    for name, ratio in (("figure", 4), ("value", 3), ("as of", 2), ("source", 5)):
        table.add_column(name, overflow="fold", ratio=ratio)
    for key in CARD:
        one = by_key[key]
        first = one["inputs"][0] if one["inputs"] else {"as_of": None, "source": one["reason"]}
        table.add_row(one["title"], value_text(one), first["as_of"] or "-", first["source"])
    return table


def _print_gates(console: Console, role: dict[str, Any]) -> None:
    if not role["gates"]:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="First of all: is it published?", title_justify="left")
    for name in ("asked", "answer", "what is known"):
        table.add_column(name, overflow="fold")
    for gate in role["gates"]:
        table.add_row(gate["question"], gate["answer"], gate["says"])
    console.print(table)


def _criterion(one: dict[str, Any], by_key: dict[str, dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=one["question"], title_justify="left", expand=True)
    table.add_column("metric", ratio=5, overflow="fold")
    table.add_column("value", ratio=3, overflow="fold")
    table.add_column("why, or what to know", ratio=5, overflow="fold")
    for key in one["metrics"]:
        if key in by_key:
            found = by_key[key]
            table.add_row(found["title"], value_text(found), found["reason"] or found["note"])
    return table


def _print_payers(console: Console, document: dict[str, Any]) -> None:
    told = document["who_pays"]
    if told is None:
        return
    title = (
        f"Who pays here, at mark (negative: receives); most in the worst model: {told['pays_most_in_the_worst_model']}"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for name in ("payer", "lowest", "highest", ""):
        table.add_column(name, justify="right" if name in ("lowest", "highest") else "left")
    most = max((abs(Decimal(one["paid_at_mark"][1]["amount"])) for one in told["payers"]), default=Decimal(1))
    for one in told["payers"]:
        low, high = one["paid_at_mark"]
        filled = int(BAR * max(Decimal(0), Decimal(high["amount"])) / max(most, Decimal(1)))
        table.add_row(one["name"], human(low), human(high), "█" * filled + "░" * (BAR - filled))
    console.print(table)


def cause_sentence(document: dict[str, Any]) -> str:
    """Return what the main cause of negative closes is, in words with its range."""
    if document["cause"] is None:
        return "Main cause of negative closes: unknown, nothing was run."
    stated, harder = document["cause"]["stated"], document["cause"]["harder"]
    swept = document["fund_in_runs"]["known"] is None
    assumed = f" The fund, which is unknown, stands at {human(stated['fund'])} in these runs." if swept else ""
    if stated["name"] != NONE or harder is None:
        return f"Main cause of negative closes in this shock: {_named(stated)}{assumed}"
    hard = f"In a harder one ({harder['shock']}) the main cause is: {_named(harder)}"
    return f"In this shock no close is negative. {hard}{assumed}"


def _named(told: dict[str, Any]) -> str:
    spans = {one["cause"]: one["removed_ppm"] for one in told["repairs"]}
    parts = [f"{name} {low / 10_000:.0f} to {high / 10_000:.0f} %" for name, (low, high) in spans.items()]
    by_member = ", ".join(f"{member}: {cause}" for member, cause in told["by_member"].items())
    listed = "; ".join(parts) or "nothing to repair"
    return f"{told['name']} ({by_member}). Share of them that each repair removes, over populations: {listed}."


def _print_cause(console: Console, document: dict[str, Any]) -> None:
    console.print(Text(cause_sentence(document)))


def _lab_note(document: dict[str, Any]) -> str | None:
    """Return on whose depth and prices the runs stand, where they are not the contract's own."""
    made = document["contract"].get("laboratory")
    if made is None or made["figures_of"] == made["venue"]:
        return None
    whose = f"{made['figures_of']} {made['symbol']}"
    own = "open interest and fund are its own where recorded"
    return f"the runs: rules of {made['venue']} on depth, prices and makers' capital of {whose}; {own}"


def _store_note(document: dict[str, Any]) -> str | None:
    """Return which figures are collected ones, where a store was read."""
    told = document["contract"]["collected"]
    if told is None:
        return None
    figures = f"figures: the newest of {told['snapshots']} collected snapshots, {told['newest']}"
    return f"{figures}; the runs take open interest and fund from it, and depth, tiers and prices from the bundled snapshot"


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader has to know about the numbers."""
    unpublished = [one["question"] for one in document["not_published"] if one["state"] == State.NOT_FOUND.value]
    gaps = sum(one["state"] == State.NOT_EXAMINED.value for one in document["not_published"])
    examined = f"not examined by us: {gaps} items"
    lines = [
        _lab_note(document),
        _store_note(document),
        None if document["fund_in_runs"] is None else f"fund in the runs: {document['fund_in_runs']['note']}",
        f"searched for on the venue's pages and not found: {'; '.join(unpublished) or 'nothing on record'}; {examined}",
        f"unknown: {len(document['unknown'])} of {len(document['metrics'])} metrics, each with its reason in --json and --report",
        f"watch: {'; '.join(document['role']['watch'])}",
        f"not simulated: {'; '.join(f'{name} ({what})' for name, what in document['not_simulated'].items())}",
        f"sampling: {document['sampling']}",
        SYNTHETIC_NOTE if document["runs"] else None,
    ]
    return [line for line in lines if line is not None]
