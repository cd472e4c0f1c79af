"""The words of a stress document: its sentence, its notes and its amounts, the same on the terminal and on the page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from shortfall.units import Asset, human_money, percent_text

if TYPE_CHECKING:
    from collections.abc import Callable

Document: TypeAlias = dict[str, Any]
Money: TypeAlias = dict[str, str]

STEP_BOUND: Final = "5 %"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence, and the run that its figure comes from, as (member, after), where it has one."""

    text: str
    run: tuple[str, str] | None = None


def minor_units(money: Money) -> int:
    """Return the amount in the smallest unit that its text has decimals for."""
    return int(money["amount"].replace(".", ""))


def human(money: Money | None, *, unit: bool = True) -> str:
    """Write an amount to three significant digits, such as ``1.10 bn USDT``, or without the unit where a column has it."""
    if money is None:
        return "-"
    decimals = len(money["amount"].partition(".")[2])
    text = human_money(minor_units(money), Asset(money["unit"], decimals))
    return text if unit else text.removesuffix(f" {money['unit']}")


def exact(money: Money) -> str:
    """Write an amount with all its decimals, its whole part in groups of three."""
    whole, point, decimals = money["amount"].partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{decimals}"


def like(money: Money, amount: int) -> Money:
    """Return another amount, in the smallest unit, written like the given one."""
    decimals = len(money["amount"].partition(".")[2])
    return {"amount": f"{Decimal(amount).scaleb(-decimals):f}", "unit": money["unit"]}


def adl_notional(run: Document) -> Money:
    """Return the notional deleveraged in a run, at mark; zero when nobody was cut."""
    adl = run["adl"]
    found: Money = like(run["figures"]["liquidated_notional"], 0) if adl is None else adl["notional_at_mark"]
    return found


def equity_fall(run: Document) -> Money:
    """Return by how much the fund's equity at mark falls at its lowest, against its cash before."""
    figures = run["figures"]
    fall = minor_units(figures["fund_cash_before"]) - minor_units(figures["fund_equity_lowest"])
    return like(figures["fund_cash_before"], fall)


def shock_words(document: Document) -> str:
    """Say what was done to the price."""
    request = document["request"]
    if request["path"] is not None:
        return f"observed path {request['path']} (recorded prices imposed; forced orders move nothing)"
    named = request.get("scenario")
    if named is not None:
        return f"scenario {named['name']} ({named['kind']}): {named['meaning']}"
    size = f"{'+' if request['gap_ppm'] > 0 else ''}{percent_text(request['gap_ppm'])}"
    law = next((run["models"]["depth_law"] for run in document.get("runs", ()) if "models" in run), "constant")
    depth = f"{request['depth_left']} of depth left" if law == "constant" else f"depth by law {law}"
    return f"{size} over {request['over']}, {request['shock']} shock, {depth}"


def is_own(document: Document) -> bool:
    """Say whether the accounts are the user's own, and not synthetic."""
    return document.get("state") is not None


def range_note(document: Document) -> str:
    """Say what is synthetic, and what the ranges are over."""
    if is_own(document):
        return "synthetic: shock, makers; the accounts are your own. Ranges are over paths after the shock, not probabilities."
    return "synthetic: populations, shock, makers. Ranges are over models, not probabilities."


def own_notes(document: Document) -> list[str]:
    """Return what was read of the user's own accounts and what was not: a line each; none where they are synthetic."""
    if not is_own(document):
        return []
    state = document["state"]
    read = f"{state['rows']:,} rows, {state['accounts']:,} accounts, {state['positions']:,} positions in this contract"
    told = [
        f"population: your own accounts as of {state['as_of']} ({state['file']}, SHA-256 {state['sha256'][:16]}): {read}",
        f"mark before the shock: {state['mark']}, of the {state['mark_of']}",
        unmatched_note(document),
        f"accounts below maintenance before the shock: {state['below_maintenance_before']:,}; liquidated at its first step",
    ]
    left = [f"{count:,} {what}" for what, count in state["left_out"].items() if count]
    told.append(f"left out: {', '.join(left)}" if left else "left out: nothing of the file")
    told += [cover_note(row) for row in document["cover"]["paths"]]
    return told


def unmatched_note(document: Document) -> str:
    """Say whether longs and shorts balance, and who holds the difference."""
    state = document["state"]
    sides = f"long {state['long']['amount']} and short {state['short']['amount']} {state['long']['unit']}"
    odd = state["unmatched"]
    if odd["held_by"] is None:
        return f"open interest balances: {sides}"
    return (
        f"open interest does NOT balance: {sides}; {odd['amount']} {odd['unit']} {odd['side']} are held by the account "
        f"{odd['held_by']!r}, which is never liquidated, deleveraged or charged"
    )


def cover_note(row: Document) -> str:
    """Say what the largest deficits of single accounts come to against the fund on one path after the shock."""
    if row["cover_1"] is None:
        return f"cover-1 and cover-2 after {row['after']}: unknown ({row['reason']})"
    within = {True: "within the fund", False: "MORE than the fund", None: "fund unknown"}
    told = [f"cover-{k} {human(row[f'cover_{k}'])} ({within[row[f'cover_{k}_within_fund']]})" for k in (1, 2)]
    return f"largest deficits at mark after {row['after']}: {', '.join(told)}"


def is_swept(document: Document) -> bool:
    """Say whether the fund is unknown, so that the runs begin with a stand-in of ours."""
    return document["fund"]["cash"] is None


def stand_in_note(document: Document) -> str | None:
    """Say what the runs begin with where the fund is unknown."""
    if not is_swept(document):
        return None
    cash = human(document["runs"][0]["figures"]["fund_cash_before"])
    return f"the fund is unknown: the runs begin with {cash}, a stand-in of ours and no figure of the venue"


def stand_in_words(document: Document) -> str:
    """Return, for the end of an answer, that the fund is unknown and what stands in for it; nothing where it is known."""
    fund = document["fund"]
    if not fund["note"].startswith("unknown"):
        return ""
    return f" The fund is unknown: this holds for {human(fund['cash'])}, a stand-in of ours (--fund for another)."


def after_word(document: Document) -> str:
    """Return the word for what differs between the runs of a member."""
    return "order of the bars" if document["request"]["path"] is not None else "path after the shock"


def base_path(run: Document) -> str:
    """Return the path after the shock of a run, without the model of liquidity and feedback that its name may add."""
    return str(run["after"]).partition(" +")[0]


def sentence(document: Document) -> list[Piece]:
    """Return the answer in one sentence: what is liquidated, who takes it, who is cut; ranges over the models."""
    runs = document["runs"]
    members = len({run["member"] for run in runs})
    paths = len({base_path(run) for run in runs})
    models = len({run["after"].removeprefix(base_path(run)) for run in runs})
    noun, rest = (
        ("order", "of the recorded bars") if document["request"]["path"] is not None else ("path", "after the shock")
    )
    picks: tuple[tuple[Callable[[Document], Money], str], ...] = (
        (lambda run: run["figures"]["liquidated_notional"], " liquidated, "),
        (lambda run: run["figures"]["taken_over_notional"], " taken over by the fund, "),
        (
            adl_notional,
            f" of winners' positions deleveraged (ADL){_with_stand_in(document)}; the fund's equity falls by ",
        ),
        (equity_fall, " at its lowest."),
    )
    whose = f"{members} synthetic population{_s(members)}"
    if is_own(document):
        whose = f"your own accounts as of {document['state']['as_of']}"
    around = f", {models} models of liquidity and feedback" if models > 1 else ""
    pieces = [Piece(f"Over {whose} and {paths} {noun}{_s(paths)} {rest}{around}: ")]
    for pick, words in picks:
        pieces += [*_range(runs, pick), Piece(words)]
    return [*pieces, *_cause(runs), *_needed(document)]


def _with_stand_in(document: Document) -> str:
    """Return with what fund the runs begin where it is unknown, so that nobody reads its ADL as the venue's."""
    return (
        f" with a stand-in of {human(document['runs'][0]['figures']['fund_cash_before'])}" if is_swept(document) else ""
    )


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _range(runs: list[Document], pick: Callable[[Document], Money]) -> list[Piece]:
    """Return the lowest and the highest value with the runs that they come from; one value if they are the same."""
    low = min(runs, key=lambda run: minor_units(pick(run)))
    high = max(runs, key=lambda run: minor_units(pick(run)))
    last = Piece(human(pick(high)), (high["member"], high["after"]))
    if minor_units(pick(low)) == minor_units(pick(high)):
        return [last]
    return [Piece(human(pick(low)), (low["member"], low["after"])), Piece(" to "), last]


def _cause(runs: list[Document]) -> list[Piece]:
    cut = [run["adl"] for run in runs if run["adl"] is not None]
    if not cut:
        return []
    if all(adl["because_of_loss_lots"] == 0 for adl in cut):
        return [Piece(" ADL starts because the fund's capacity is full, not because its cash is gone.")]
    if all(adl["because_of_capacity_lots"] == 0 for adl in cut):
        return [Piece(" ADL starts because the fund's cash is gone, not because its capacity is full.")]
    return [Piece(" ADL starts both because the fund's capacity is full and because its cash is gone.")]


def _needed(document: Document) -> list[Piece]:
    """Return the fund that would be needed, where the fund is unknown and was swept."""
    needed = document["fund"]["needed"]
    if not needed:
        return []
    known = sorted((amount for amount in needed.values() if amount is not None), key=minor_units)
    if not known:
        return [Piece(" The fund is unknown; no fund of the sweep is large enough that nobody is deleveraged.")]
    most = f"to {human(known[-1])}" if len(known) == len(needed) else "or more than the largest of the sweep"
    least = human(known[0])
    size = least if known[0] == known[-1] and len(known) == len(needed) else f"{least} {most}"
    return [Piece(f" The fund is unknown; so that nobody is deleveraged it would have to hold {size}.")]


def plain(pieces: list[Piece]) -> str:
    """Return the sentence without its references."""
    return "".join(piece.text for piece in pieces)


def unconverged(document: Document) -> list[str]:
    """Return the members whose answer moves by more than the bound when the step is halved."""
    return [name for name, fine in document["converged"].items() if fine is False]


def total_drift(document: Document) -> Money:
    """Return the sum over all runs of what conservation of money misses; anything but zero is a bug."""
    drifts = [run["conservation_drift"] for run in document["runs"]]
    return like(drifts[0], sum(abs(minor_units(drift)) for drift in drifts))


def share_of_interest(document: Document, amount: Money | None) -> float | None:
    """Return an amount as a share of open interest at mark, from the share that the first run's fund has."""
    figures = document["runs"][0]["figures"]
    share, cash = figures["fund_to_open_interest"], minor_units(figures["fund_cash_before"])
    return None if amount is None or share is None or cash == 0 else float(share) * minor_units(amount) / cash


def convergence_note(document: Document) -> str | None:
    """Say whether halving the step changes the answer; None where that was not tried."""
    step, names = document["request"]["step"], unconverged(document)
    if names:
        moved = f"halving the step of {step} changes the answer by more than {STEP_BOUND}"
        return f"NOT CONVERGED for {', '.join(names)}: {moved}"
    if any(document["converged"].values()):
        return f"step {step}: halving it changes liquidated and deleveraged notional by less than {STEP_BOUND}"
    return None


def pool_note(document: Document) -> str | None:
    """Say which other contracts were stressed along with this one."""
    others = [f"{item['symbol']} (beta {item['beta']:.2f})" for item in document["pool"][1:]]
    if others:
        return (
            f"stressed together with the pool's other members: {', '.join(others)}; "
            "--alone is an upper bound of what the fund can bear"
        )
    if document["request"]["alone"]:
        return "alone: the pool's other members take nothing from the fund here, an upper bound of what it can bear"
    return None


def model_notes(document: Document) -> list[str]:
    """Return what the makers took against their capital, what open interest did, and which models the range is over."""
    runs = [run for run in document["runs"] if run.get("makers") is not None]
    if not runs or "models" not in document:
        return []
    held = max(runs, key=lambda run: int(run["makers"]["most_held_ppm_of_capital"]))
    makers = held["makers"]
    took = max((run["makers"][way] for run in runs for way in ("bought", "sold")), key=minor_units)
    share = int(makers["most_held_ppm_of_capital"]) // 10_000
    lefts = sorted(int(run["open_interest_left_ppm"]) for run in runs)
    models = document["models"]
    crash = models["open_interest_in_the_crash"]
    told = [
        (
            f"makers took up to {human(took)} and held up to {human(makers['most_held'])} (each market's most together), {share} % of "
            f"their stated capital of {human(makers['stated_capital'])}; the limit is twice it in a market, once over all where firm"
        ),
        (
            f"open interest left at the end: {lefts[0] // 10_000} % to {lefts[-1] // 10_000} %; in the crash of 10 October 2025, from "
            f"{crash['before_bn']} to {crash['after_bn']} bn (62 % left), as this project's specification states it"
        ),
        f"not modelled: {' and '.join(models['not_modelled'])}, so more is taken over and deleveraged here than with them",
    ]
    names = [f"depth {law['name']}" for law in models["depth_laws"]] + [
        f"feedback {one['name']}" for one in models["feedbacks"]
    ]
    return [
        *told,
        f"the range is over models too: {', '.join(names)}{', firm makers' if True in models['makers_firm'] else ''}",
    ]


ONE_LAW: Final = "one law of depth: as stated; `shortfall stress` runs others, and its ranges can be wider"
ONE_MODEL: Final = (
    "one model of liquidity: depth as stated, no feedback of forced flow on the index; `shortfall stress` runs more models, and its "
    "ranges can be wider"
)


def common_note(document: Document) -> str | None:
    """Return that a venue's rules ran on the figures of another venue's contract, where they did."""
    contract = document["contract"]
    if contract["figures_of"] == contract["venue"]:
        return None
    return (
        f"common contract: rules of {contract['venue']} on the figures of {contract['figures_of']} {contract['symbol']} "
        "(open interest, depth, fund, fees by rule)"
    )


def notes(document: Document) -> list[str]:
    """Return what a reader has to know about the numbers, a line each."""
    evidence = document["evidence"]
    label = evidence["ratios_label"]
    assumed = sum(1 for item in evidence["fields"] if item["kind"] == "assumed")
    seed, snapshot = document["request"]["seed"], document["contract"]["snapshot_sha256"][:16]
    lines = [
        *own_notes(document),
        common_note(document),
        f"fund: {document['fund']['note']}",
        stand_in_note(document),
        f"ratios of fund to open interest and depth: {label} (see --json for each field's source and date)",
        convergence_note(document),
        pool_note(document),
        *model_notes(document),
        f"unknown: {', '.join(evidence['unknown']) or 'nothing in the snapshot'}; assumed fields: {assumed}",
        range_note(document),
        f"conservation drift {minor_units(total_drift(document))}; seed {seed}; snapshot {snapshot}",
    ]
    return [line for line in lines if line is not None]
