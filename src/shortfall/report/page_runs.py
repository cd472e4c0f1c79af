"""The part of a page about the runs: the table of all, who paid in each, and every figure with the inputs behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shortfall.report import words
from shortfall.report.answers import paid_picture, sweep_picture
from shortfall.report.drawing import NO_ASKS, NO_BIDS, Colour
from shortfall.report.figures import empty_periods, fund_picture, has_book, is_early, notional_picture, price_picture
from shortfall.report.markup import anchor, details, element, figure, joined, lines, link, row, section, table
from shortfall.report.page_evidence import dated, field_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from shortfall.report.markup import Markup
    from shortfall.report.words import Document, Money

POPULATION: Final = ("open_interest_base", "tiers", "mark_price", "price_series")
BOOK: Final = ("depth", "depth_second")
HOLDER: Final = ("pool", "takeover.fund_capacity")
UNWINDING: Final = ("unwinding.method", "unwinding.share", "unwinding.depth_band", "bands.unwinding", *BOOK)
FIGURES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "accounts_liquidated": ("accounts liquidated", POPULATION),
    "partial_liquidations": ("partial liquidations", ("tiers",)),
    "closed_above_bankruptcy_lots": ("closed at or above bankruptcy, lots", BOOK),
    "closed_below_bankruptcy_lots": ("closed below bankruptcy, lots", BOOK),
    "fund_to_open_interest": ("fund to open interest", ("pool", "open_interest_base")),
    "liquidated_notional": ("liquidated, at mark", (*POPULATION, "engine.delay", "engine.order")),
    "sold_in_book_notional": ("sold in the book", BOOK),
    "taken_over_notional": ("taken over by the fund", HOLDER),
    "still_held_notional": ("still held at the end, at mark", UNWINDING),
    "largest_inventory_notional": ("largest inventory, at mark", HOLDER),
    "inventory_low_at_mark": ("lowest result of the inventory, at mark", UNWINDING),
    "inventory_realised": ("inventory result realised", UNWINDING),
    "surplus": ("surplus of liquidations", ("close.surplus",)),
    "liquidation_fees": ("liquidation fees", ("liquidation_fee_rate",)),
    "deficit_at_mark": ("deficit of accounts, at mark", POPULATION),
    "fund_paid_cash": ("deficits paid by the fund in cash", ("pool",)),
    "fund_cash_before": ("fund cash before", ("pool",)),
    "fund_cash_lowest": ("fund cash, lowest", ("pool",)),
    "fund_cash_after": ("fund cash after", ("pool",)),
    "fund_equity_lowest": ("fund equity at mark, lowest", ("pool",)),
    "fund_equity_after": ("fund equity at mark, after", ("pool",)),
    "collected_in_this_event": (
        "collected in this event: surplus and fees, all contracts",
        ("liquidation_fee_rate", "close.surplus"),
    ),
    "socialised": ("socialised loss", ()),
    "carried": ("carried, uncovered", ()),
    "extrapolated_depth_notional": ("executed beyond recorded depth", BOOK),
}
MOST_DRAWN: Final = 9  # runs with pictures, 150 kB each: a page stays below 2 MB
CUT: Final[dict[str, str]] = {
    "notional_at_mark": "deleveraged (ADL), at mark",
    "closes": "ADL closes",
    "batches": "ADL batches",
    "average_price": "average ADL price",
    "average_mark": "average mark at ADL",
    "given_up_against_mark": "given up by winners against mark",
    "given_up_against_index": "given up by winners against index",
    "because_of_capacity_lots": "deleveraged because capacity was full, lots",
    "because_of_loss_lots": "deleveraged because of loss, lots",
    "first_after_start": "first ADL after the start",
}


def run_place(run: Document) -> str:
    """Return the name of a run's place in the page."""
    return anchor("run", run["member"], run["after"])


def run_name(run: Document) -> str:
    """Return a run's name in words."""
    return f"{run['member']}, {run['after']}"


def amount(money: Money | None) -> str:
    """Return an exact amount; programs find the same text in its value."""
    if money is None:
        return "-"
    return element("data", words.exact(money), value=money["amount"])


def short(money: Money, place: str) -> Markup:
    """Return a rounded amount that leads to its run and tells the exact one."""
    return link(words.human(money, unit=False), place, title=f"{words.exact(money)} {money['unit']}")


def drawn_runs(document: Document) -> frozenset[tuple[str, str]]:
    """Return the runs that have pictures: those at the ends of the headline's ranges, then the largest by what is liquidated."""
    ends = [piece.run for piece in words.sentence(document) if piece.run is not None]
    largest = sorted(
        document["runs"], key=lambda run: words.minor_units(run["figures"]["liquidated_notional"]), reverse=True
    )
    wanted = dict.fromkeys([*ends, *((run["member"], run["after"]) for run in largest)])
    return frozenset(list(wanted)[:MOST_DRAWN])


def undrawn_note(document: Document) -> Markup | None:
    """Say which runs have no pictures here and how to see them; None where all have."""
    drawn = drawn_runs(document)
    left = [run for run in document["runs"] if (run["member"], run["after"]) not in drawn]
    if not left:
        return None
    names = "; ".join(
        f"{member}: {', '.join(run['after'] for run in left if run['member'] == member)}"
        for member in dict.fromkeys(run["member"] for run in left)
    )
    told = (
        f"Pictures are drawn of {len(drawn)} of {len(document['runs'])} runs: those that the ends of the headline's ranges come from, and "
        f"those with the largest liquidated notional. Without pictures, with all their figures: {names}. To see one, ask for it alone: "
        "--member NAME, --after PATH and --feedback off or on."
    )
    return element("p", told, class_="quiet")


def sentence_markup(document: Document) -> Markup:
    """Return the headline: every figure leads to the run that it comes from."""
    places = {(run["member"], run["after"]): run_place(run) for run in document["runs"]}
    pieces = words.sentence(document)
    return joined(
        piece.text if piece.run is None else link(piece.text, places[piece.run], title=", ".join(piece.run))
        for piece in pieces
    )


def runs_section(document: Document) -> Markup:
    """Return the table of all runs."""
    unit = document["runs"][0]["paid_total"]["unit"]
    picks: tuple[tuple[str, Callable[[Document], Money]], ...] = (
        ("liquidated", lambda run: run["figures"]["liquidated_notional"]),
        ("sold in book", lambda run: run["figures"]["sold_in_book_notional"]),
        ("taken over", lambda run: run["figures"]["taken_over_notional"]),
        ("still held", lambda run: run["figures"]["still_held_notional"]),
        ("ADL", words.adl_notional),
        ("deficit at mark", lambda run: run["figures"]["deficit_at_mark"]),
        ("fund equity, lowest", lambda run: run["figures"]["fund_equity_lowest"]),
        ("socialised", lambda run: run["figures"]["socialised"]),
        ("carried", lambda run: run["figures"]["carried"]),
    )
    header = (words.after_word(document), "accounts", *(name for name, _ in picks))
    rows = []
    for member in dict.fromkeys(run["member"] for run in document["runs"]):
        told = link(member, anchor("member", member))
        rows.append(element("tr", element("th", told, scope="rowgroup", colspan=str(len(header))), class_="member"))
        for run in document["runs"]:
            if run["member"] == member:
                place = run_place(run)
                count = link(f"{run['figures']['accounts_liquidated']:,}", place)
                rows.append(row(link(run["after"], place), [count, *(short(pick(run), place) for _, pick in picks)]))
    caption = f"{unit}; every figure leads to its run, where it stands exactly"
    share = document["runs"][0]["figures"]["fund_to_open_interest"]
    return section(
        "runs",
        "What happens, by population",
        table(caption, header, rows, class_="numbers"),
        _fund_note(document, share),
    )


def _fund_note(document: Document, share: float | None) -> Markup:
    note = element(
        "p",
        joined([f"Fund: {document['fund']['note'].rstrip('.')}; field ", dated(document, "pool"), "."]),
        class_="quiet",
    )
    if share is None or words.is_swept(document):
        return note
    ratio = joined([
        f"Fund to open interest: {100 * share:.3g} % ({document['evidence']['ratios_label']}): ",
        dated(document, "pool"),
        " over ",
        dated(document, "open_interest_base"),
        ".",
    ])  # fmt: skip
    return lines([element("p", ratio), note])


def paid_section(document: Document) -> Markup:
    """Return who paid in every run: a picture each and, per path after the shock, the table that adds up."""
    parts: list[str] = [
        element(
            "p",
            "Against mark, signed: positive paid, negative received. What all layers paid together equals what was returned to "
            "traders less the equity that liquidated accounts left behind (dashed line). Each picture has its own scale.",
        )
    ]
    drawn = drawn_runs(document)
    for after in dict.fromkeys(run["after"] for run in document["runs"]):
        runs = [run for run in document["runs"] if run["after"] == after]
        pictures = [_paid_figure(run) for run in runs if (run["member"], after) in drawn]
        parts.append(element("h3", f"{words.after_word(document).capitalize()}: {after}"))
        parts += [element("div", *pictures, class_="figures")] if pictures else []
        parts.append(_paid_table(runs, after))
    return section("paid", "Who paid", *parts)


def _paid_figure(run: Document) -> Markup:
    shares = ", ".join(
        f"{layer} {words.human(paid)}" for layer, paid in run["paid_by"].items() if words.minor_units(paid)
    )
    told = f"Who paid at mark, {run_name(run)}: {shares or 'nobody'}; together {words.human(run['paid_total'])}"
    drawn = paid_picture(run, anchor("paid", run["member"], run["after"]), told)
    caption = joined([element("b", run["member"]), ": ", link("figures of this run", run_place(run))])
    return figure(drawn, caption)


def _paid_table(runs: list[Document], after: str) -> Markup:
    header = ("layer", *(link(run["member"], run_place(run)) for run in runs))
    rows = [
        row(layer, [amount(run["paid_by"].get(layer)) for run in runs])
        for layer in runs[0]["paid_by"]
        if any(words.minor_units(run["paid_by"][layer]) for run in runs)
    ]
    sums = (
        ("paid together", "paid_total", "sum"),
        ("returned to traders", "returned_to_traders", None),
        ("less equity left behind", "equity_left_behind", None),
        ("difference", "value_book_difference", "sum"),
    )
    rows += [row(name, [amount(run[key]) for run in runs], class_=class_) for name, key, class_ in sums]
    unit = runs[0]["paid_total"]["unit"]
    return table(f"Who paid at mark, {after}, {unit}", header, rows, class_="numbers")


def needed_section(document: Document) -> Markup:
    """Return the fund that would be needed, where it is unknown."""
    header = (
        "population",
        "smallest fund with which nobody is deleveraged",
        f"of open interest ({document['evidence']['ratios_label']})",
    )
    rows = []
    for member, needed in (document["fund"]["needed"] or {}).items():
        share = words.share_of_interest(document, needed)
        size = amount(needed) if needed is not None else "beyond the sweep"
        rows.append(
            row(link(member, anchor("member", member)), [size, "" if share is None else f"{100 * share:.2f} %"])
        )
    unit = document["fund"]["sweep"][0]["fund"]["unit"]
    told = ", ".join(f"{member} {words.human(needed)}" for member, needed in (document["fund"]["needed"] or {}).items())
    drawn = sweep_picture(
        document, "sweep", f"Notional deleveraged against the size of the fund; smallest sufficient fund: {told}"
    )
    caption = "Notional deleveraged against the fund's size. Dashed: the smallest fund from which on no larger one deleverages."
    return section(
        "needed",
        "The fund that would be needed",
        element(
            "p",
            joined(
                ["The fund (", dated(document, "pool"), f") is swept; after the shock: {document['runs'][0]['after']}."]
            ),
        ),
        element("div", figure(drawn, caption), class_="figures"),
        table(f"Fund needed, {unit}", header, rows, class_="numbers"),
        details("sweep-points", "Every fund of the sweep", _sweep_table(document, unit)),
    )


def _sweep_table(document: Document, unit: str) -> Markup:
    members = list(document["fund"]["needed"] or {})
    rows = [
        row(amount(point["fund"]), [amount(point["deleveraged"].get(member)) for member in members])
        for point in document["fund"]["sweep"]
    ]
    return table(
        f"Deleveraged, {unit}, by size of the fund; - where not run", ("fund", *members), rows, class_="numbers"
    )


def each_run_section(document: Document) -> Markup:
    """Return every run with its pictures and figures; the one with the largest liquidated notional stands open."""
    runs = document["runs"]
    widest = max(runs, key=lambda run: words.minor_units(run["figures"]["liquidated_notional"]))
    drawn, note = drawn_runs(document), undrawn_note(document)
    told = [_run(document, run, opened=run is widest, is_drawn=(run["member"], run["after"]) in drawn) for run in runs]
    return section("each-run", "Each run", *([] if note is None else [note]), *told)


def _run(document: Document, run: Document, *, opened: bool, is_drawn: bool) -> Markup:
    liquidated, cut = run["figures"]["liquidated_notional"], words.adl_notional(run)
    summary = joined([
        run_name(run),
        element("span", f": {words.human(liquidated)} liquidated, {words.human(cut)} deleveraged"),
    ])  # fmt: skip
    pictures = [_pictures(run)] if is_drawn else []
    return details(run_place(run), summary, *pictures, _figures(document, run), opened=opened)


def _pictures(run: Document) -> Markup:
    series = run["series"]
    if series is None:
        return element("p", "No series was recorded for this run.", class_="quiet")
    unit, name = run["paid_total"]["unit"], anchor(run["member"], run["after"])
    extremes = f"mark {max(series['mark']):,g} at its highest, {min(series['mark']):,g} at its lowest"
    price = price_picture(
        series, unit, f"price-{name}", f"Prices over time, {run_name(run)}: {extremes}; {_emptiness(series)}"
    )
    low, most = (
        words.human(run["figures"]["fund_equity_lowest"]),
        words.human(run["figures"]["largest_inventory_notional"]),
    )
    fund_told = f"Fund over time, {run_name(run)}: equity at mark {low} at its lowest, largest inventory {most}"
    ends = f"{words.human(run['figures']['liquidated_notional'])} liquidated, {words.human(words.adl_notional(run))} deleveraged"
    cut_told = f"Liquidated and deleveraged notional over time, {run_name(run)}: {ends} at the end"
    figures = (
        figure(price, _price_caption(series)),
        figure(
            fund_picture(series, unit, f"fund-{name}", fund_told),
            "Fund: cash, equity at mark, inventory at mark (signed).",
        ),
        figure(
            notional_picture(series, unit, f"cut-{name}", cut_told),
            "Added up from the start: liquidated and deleveraged, at mark.",
        ),
    )
    return element("div", *figures, class_="figures three")


def _emptiness(series: Document) -> str:
    if not has_book(series):
        return "no book"
    told = []
    for side, name in (("bid", "bids"), ("ask", "asks")):
        seconds = sum(end - begin for begin, end in empty_periods(series, side))
        told.append(
            f"no {name} for {seconds:,.0f} s of {series['time_s'][-1] - series['time_s'][0]:,.0f} s"
            if seconds
            else f"{name} at all times"
        )
    return ", ".join(told)


def _price_caption(series: Document) -> Markup:
    axis = " The time axis is logarithmic, because the shock takes a small part of the run." if is_early(series) else ""
    if not has_book(series):
        return joined(
            [f"Index, mark and last. A recorded path has no book: forced orders fill at the recorded price.{axis}"]
        )
    return joined(
        [
            "Above: index, mark and last. Middle: last and the best quotes, from mark. ",
            "Below: depth that makers set out to show, of normal. ",
            "Shaded: nobody quotes a side (",
            _swatch(NO_BIDS),
            " no bids, ",
            _swatch(NO_ASKS),
            f" no asks); here: {_emptiness(series)}.{axis}",
        ]
    )


def _swatch(colour: Colour) -> Markup:
    drawn = element("rect", width="12", height="12", fill=colour.light)
    return element("svg", drawn, class_="swatch", viewBox="0 0 12 12", aria_hidden="true")


def _figures(document: Document, run: Document) -> Markup:
    """Return every figure of a run, exactly, with the inputs that it rests on."""
    header = ("figure", "amount", "unit", "inputs")
    rows = []
    for key, found in run["figures"].items():
        label, inputs = FIGURES.get(key, (key.replace("_", " "), ()))
        if key == "fund_to_open_interest":
            unit = document["evidence"]["ratios_label"] + (
                "; the fund is a stand-in" if words.is_swept(document) else ""
            )
            cell: str = "-" if found is None else f"{found:.6f}"
        elif isinstance(found, dict):
            unit, cell = found["unit"], amount(found)
        else:
            unit, cell = "", f"{found:,}"
        rows.append(_figure_row(label, cell, unit, field_links(document, inputs)))
    rows += _cut_rows(document, run)
    rows.append(
        _figure_row("conservation drift", amount(run["conservation_drift"]), run["conservation_drift"]["unit"], "")
    )
    return table(f"Figures of the run {run_name(run)}", header, rows, class_="numbers exact cards")


def _cut_rows(document: Document, run: Document) -> list[Markup]:
    if run["adl"] is None:
        return [_figure_row("deleveraged (ADL)", "nobody", "", "")]
    inputs = field_links(document, ("adl.eligible", "takeover.fund_capacity"))
    price_unit = run["paid_total"]["unit"]
    rows = []
    for key, label in CUT.items():
        found = run["adl"][key]
        if isinstance(found, dict):
            rows.append(_figure_row(label, amount(found), found["unit"], inputs))
        else:
            unit = price_unit if key.startswith("average") else ""
            rows.append(_figure_row(label, f"{found:,}" if isinstance(found, int) else str(found or "-"), unit, inputs))
    for later, found in run["adl"]["given_up_against_mark_later"].items():
        label = f"given up by winners against the mark {later.removesuffix('min')} min later, or at the end"
        rows.append(_figure_row(label, amount(found), "" if found is None else found["unit"], inputs))
    return rows


def _figure_row(label: str, cell: str, unit: str, inputs: str) -> Markup:
    cells = (
        element("td", cell),
        element("td", unit, class_="words"),
        element("td", inputs, class_="words", data_label="inputs"),
    )
    return element("tr", element("th", label, scope="row"), *cells)
