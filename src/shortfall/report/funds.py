"""Months of a fund as one document and as tables: income by source, spending by cause, the fan of its cash over time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from shortfall import __version__
from shortfall.kernels._jit import source_digest
from shortfall.report.document import contract_of, evidence, money
from shortfall.report.words import common_note, human, minor_units, stand_in_words
from shortfall.sim.fund import FILLS, WARM_UP_DAYS, moves_most
from shortfall.units import percent_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from shortfall.sim.fund import FundAnswer, FundDay, Track
    from shortfall.units import Asset

SCHEMA: Final = "shortfall.fund/1"
BAR: Final = 14
INCOME: Final = ("surplus of liquidations", "liquidation fees", "injections", "funding")
SPENDING: Final = ("deficits of liquidated accounts", "inventory taken over (minus: a gain)")
ASSUMED: Final = (
    (
        "the population of a day is drawn again from its member, at recorded prices of the days before, those liquidated since dropped; "
        "only the fund's cash goes on to the next day"
    ),
    "open interest stays as recorded in the snapshot, on every day; injections are 0 because none are stated; withdrawals none",
    "a bar says neither order nor speed: low first and high first are both run, in straight lines of sixty steps",
)


def fund_document(answer: FundAnswer) -> dict[str, Any]:
    """Return the months of a fund as one document. Ranges are over models: population, order inside a bar, fill."""
    asset, request = answer.item.contract.scale.settlement, answer.request
    days = answer.tracks[0].days
    return {
        "schema": SCHEMA,
        "version": __version__,
        "kernels": source_digest(),
        "kind": "observed",
        "contract": contract_of(answer.item),
        "request": {
            "members": [member.name for member in request.members],
            "accounts": request.accounts,
            "seed": request.seed,
            "worse_fill_depth": percent_text(request.shock.depth_left_ppm),
            "set": list(request.changes),
        },
        "bars": {
            "series": answer.bars,
            "price": answer.price,
            "event": answer.event or None,
            "from": _day(days[0]),
            "to": _day(days[-1]),
            "days": len(days),
            "warm_up_days": WARM_UP_DAYS,
        },
        "fund": {"cash": money(answer.fund_cash, asset), "note": answer.fund_note},
        "end": _range(answer, lambda track: track.days[-1].cash_after, asset),
        "lowest": _range(answer, lambda track: min(day.cash_after for day in track.days), asset),
        "worse_fill_ppm": answer.worse_ppm,
        "moves_most": moves_most(answer.tracks),
        "models": [_model(track, asset) for track in answer.tracks],
        "months": _months(answer, asset),
        "fan": _fan(answer, asset),
        "assumed": list(ASSUMED),
        "evidence": evidence((answer.item,)),
    }


def _day(day: FundDay) -> str:
    return datetime.fromtimestamp(day.start_unix_s, UTC).date().isoformat()


def _range(answer: FundAnswer, figure: Callable[[Track], int], asset: Asset) -> list[dict[str, str]]:
    return [money(bound, asset) for bound in answer.range_of(figure)]


def _model(track: Track, asset: Asset) -> dict[str, Any]:
    impulse, calm = track.impulse, track.calm_income
    cost = track.calm_days_of_impulse
    return {
        "model": track.model.name,
        "member": track.model.member,
        "order": track.model.order,
        "fill": track.model.fill,
        "income": {
            INCOME[0]: money(track.total("surplus"), asset),
            INCOME[1]: money(track.total("fees"), asset),
            INCOME[2]: money(0, asset),
            INCOME[3]: money(0, asset),
        },
        "spending": {
            SPENDING[0]: money(track.total("deficits"), asset),
            SPENDING[1]: money(-track.total("inventory"), asset),
        },
        "net": money(track.total("net"), asset),
        "end": money(track.days[-1].cash_after, asset),
        "liquidated": money(track.total("liquidated"), asset),
        "deleveraged": money(track.total("deleveraged"), asset),
        "uncovered": money(track.total("uncovered"), asset),
        "impulse": {"day": _day(impulse), "net": money(impulse.net, asset)},
        "calm_day_income": None if calm is None else money(calm, asset),
        "calm_days_of_impulse": None if cost is None else round(cost, 2),
    }


def _months(answer: FundAnswer, asset: Asset) -> list[dict[str, Any]]:
    """Return income and spending by calendar month, as ranges over models."""
    months = list(dict.fromkeys(_day(day)[:7] for day in answer.tracks[0].days))

    def total(month: str, figure: Callable[[FundDay], int]) -> list[dict[str, str]]:
        found = [sum(figure(day) for day in track.days if _day(day)[:7] == month) for track in answer.tracks]
        return [money(bound, asset) for bound in (min(found), max(found))]

    return [
        {
            "month": month,
            "days": sum(_day(day)[:7] == month for day in answer.tracks[0].days),
            "income": total(month, lambda day: day.surplus + day.fees),
            "spending": total(month, lambda day: day.deficits - day.inventory),
            "net": total(month, lambda day: day.net),
        }
        for month in months
    ]


def _fan(answer: FundAnswer, asset: Asset) -> list[dict[str, Any]]:
    """Return the lowest and highest cash at the end of each day over the models of a fill."""
    rows = []
    for fill in FILLS:
        tracks = [track for track in answer.tracks if track.model.fill == fill]
        for k, day in enumerate(tracks[0].days):
            found = [track.days[k].cash_after for track in tracks]
            rows.append({
                "day": _day(day), "fill": fill, "low": money(min(found), asset), "high": money(max(found), asset)
            })  # fmt: skip
    return rows


def sentence(document: dict[str, Any]) -> str:
    """Return the answer in one sentence: what the fund comes to, and what one impulse cost, as ranges over models."""
    bars, models = document["bars"], document["models"]
    costs = [one["calm_days_of_impulse"] for one in models]
    days = sorted({one["impulse"]["day"] for one in models if minor_units(one["impulse"]["net"]) < 0})
    known = [cost for cost in costs if cost is not None]
    never = (
        ""
        if len(known) == len(costs)
        else " (in some models no calm day brought anything, so that no number of days pays for it)"
    )
    impulse = "no day cost more than it brought in any model"
    if days:
        span = _span(f"{min(known):.1f}", f"{max(known):.1f}") if known else "no number of"
        impulse = f"its worst day ({' or '.join(days)}) cost {span} days of calm income{never}"
    return (
        f"Over {bars['days']} recorded days from {bars['from']} to {bars['to']}, the fund goes from {human(document['fund']['cash'])} to "
        f"{_between(document['end'])}, and {impulse}; the range is over {len(models)} models.{stand_in_words(document)}"
    )


def _between(bounds: Sequence[dict[str, str]]) -> str:
    low, high = (human(bound) for bound in bounds)
    return low if low == high else f"between {low} and {high}"


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def print_fund(console: Console, document: dict[str, Any]) -> None:
    """Print the sentence, income and spending by source, the months, and a bar of cash by week."""
    contract = document["contract"]
    console.print(Text(f"{contract['venue']} {contract['symbol']}: months of a fund on recorded bars", "bold"))
    console.print(Text(sentence(document)))
    console.print(_sources(document))
    console.print(_by_month(document))
    console.print(_by_model(document))
    for line in notes(document):
        console.print(Text(line, "dim"))


def _sources(document: dict[str, Any]) -> Table:
    unit = document["fund"]["cash"]["unit"]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("line of the fund", *FILLS):
        table.add_column(
            name if name.startswith("line") else f"{name}\n{unit}",
            justify="left" if name.startswith("line") else "right",
        )
    for part in ("income", "spending"):
        for line in document["models"][0][part]:
            cells = []
            for fill in FILLS:
                found = sorted((one[part][line] for one in document["models"] if one["fill"] == fill), key=minor_units)
                cells.append(_told_bare(found[0], found[-1]))
            table.add_row(f"{part}: {line}", *cells)
    return table


def _told_bare(low: dict[str, str], high: dict[str, str]) -> str:
    return _span(human(low, unit=False), human(high, unit=False))


def _by_month(document: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    top = max((abs(minor_units(bound)) for row in document["months"] for bound in row["net"]), default=0)
    for name in ("month", "days", "income", "spending", "income less spending", "largest of it"):
        table.add_column(
            name, justify="left" if name in ("month", "largest of it") else "right", no_wrap=name == "largest of it"
        )
    for row in document["months"]:
        most = max(row["net"], key=lambda bound: abs(minor_units(bound)))
        full = round(BAR * abs(minor_units(most)) / top) if top else 0
        bar = f"{'-' if minor_units(most) < 0 else '+'} {'█' * full}{'░' * (BAR - full)}"
        table.add_row(
            row["month"], str(row["days"]), *(_told_bare(*row[name]) for name in ("income", "spending", "net")), bar
        )
    return table


def _by_model(document: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("model: population,\norder in a bar, fill", no_wrap=True)
    for name in ("fund at\nthe end", "worst day\nthat lost", "its net", "a calm\nday", "calm days\nit cost"):
        table.add_column(name, justify="right")
    for one in document["models"]:
        calm, cost = one["calm_day_income"], one["calm_days_of_impulse"]
        lost = minor_units(one["impulse"]["net"]) < 0
        table.add_row(
            one["model"].removesuffix(" fill"),
            human(one["end"], unit=False),
            *((one["impulse"]["day"], human(one["impulse"]["net"], unit=False)) if lost else ("none", "-")),
            "none" if calm is None else human(calm, unit=False),
            "-" if cost is None else f"{cost:.1f}",
        )
    return table


def notes(document: dict[str, Any]) -> list[str]:
    """Return what a reader has to know about the figures, a line each."""
    bars = document["bars"]
    worse = ", ".join(f"{name} {ppm / 10_000:.2f} %" for name, ppm in document["worse_fill_ppm"].items())
    most = document["moves_most"]
    event = f", then the recorded evening {bars['event']}" if bars["event"] else ""
    adl = max((one["deleveraged"] for one in document["models"]), key=minor_units)
    observed = (
        f"observed: {bars['series']} ({bars['price']}){event}; recorded prices are imposed, forced orders fill at them and move "
        f"nothing; what is taken over without an order counts as closed at the day's last mark; the "
        f"first {bars['warm_up_days']} days only make the population"
    )
    worse_fill = (
        "worse fill: every forced order is worse than recorded by what the account's position costs to walk "
        f"{document['request']['worse_fill_depth']} of recorded depth ({worse}); the truth of a fill lies between or beyond"
    )
    lines = [
        common_note(document),
        observed,
        worse_fill,
        "funding's line is 0: funding goes from one trader to another and never to a fund",
        f"deleveraged for want of cash: at most {human(adl)} in a model" if minor_units(adl) else None,
        f"moves it most: {most}" if most else "nothing that was varied moves it",
        "one seed, with a population of its own on every day: no sampling interval is stated",
        f"fund: {document['fund']['note']}",
        "alone: the pool's other members neither pay in nor take out here",
        *document["assumed"],
        "calm day: a day on which the fund did not lose; synthetic: populations. What was recorded, no forecast",
    ]
    return [line for line in lines if line is not None]


__all__ = ["fund_document", "notes", "print_fund", "sentence"]
