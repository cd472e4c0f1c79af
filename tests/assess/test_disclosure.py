"""The disclosure: valid by its schema as a full validator reads it, every mistake told at once, ratios worked by hand."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from click.testing import CliRunner

from shortfall.assess.checklist import checklist
from shortfall.assess.disclosure import disclosure, figure_record, template
from shortfall.cli.disclosure import checklist as checklist_command
from shortfall.cli.disclosure import disclosure as disclosure_command
from shortfall.data.disclosure_file import check_disclosure, load_disclosure, schema, schema_text
from shortfall.data.figures import Figure, State, bundled_contracts, load_bundled, unknown_figure
from shortfall.data.schema_check import KEYWORDS, check_against
from shortfall.errors import DataError, InputError
from shortfall.report.checklists import readable
from shortfall.venues import bundled_venues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

VALIDATOR = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())
VENUES = bundled_venues()


def of(venue: str, symbol: str | None = None) -> dict[str, Any]:
    return disclosure(checklist(VENUES[venue], None if symbol is None else load_bundled(venue, symbol)))


def keywords(node: object) -> Iterator[str]:
    """Yield the keywords of a schema; names of properties and definitions are none."""
    if isinstance(node, dict):
        for key, held in node.items():
            yield key
            if key in ("properties", "$defs"):
                for child in held.values():
                    yield from keywords(child)
            elif key not in ("const", "enum", "required"):
                yield from keywords(held)
    elif isinstance(node, list):
        for child in node:
            yield from keywords(child)


def test_the_schema_is_one_and_uses_only_what_the_own_check_reads() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert set(keywords(schema())) <= KEYWORDS


@pytest.mark.parametrize("pair", bundled_contracts(), ids=":".join)
def test_what_is_known_of_every_recorded_contract_is_valid(pair: tuple[str, str]) -> None:
    document = of(*pair)
    assert list(VALIDATOR.iter_errors(document)) == []
    assert check_disclosure(document).as_tuple() == ()
    assert document["about"]["contract"] == pair[1]


@pytest.mark.parametrize("code", VENUES)
def test_every_venue_without_a_contract_is_valid(code: str) -> None:
    document = of(code)
    assert list(VALIDATOR.iter_errors(document)) == []
    assert check_disclosure(document).as_tuple() == ()
    assert document["fund"]["pools"] == []


def test_the_empty_one_is_valid_and_knows_nothing() -> None:
    document = template()
    assert list(VALIDATOR.iter_errors(document)) == []
    assert check_disclosure(document).as_tuple() == ()
    assert document["counts"]["published"] == 0
    assert '"kind": "observed"' not in json.dumps(document)


def test_the_fund_is_read_against_its_own_denominator() -> None:
    # Notional as recorded on 21 September 2024, open interest x mark:
    #   BTC  87,278.562 x 63,111.09703595 = 5,508,245,795.54
    #   ETH 970,983.838 x  2,565.12       = 2,490,690,062.53
    #   BNB 455,469.19  x    583.05573357 =   265,563,922.69, together 8,264,499,780.76
    # USDT of the fund on 23 April 2025: 793,930,579.315848
    #   over BTC alone 0.1441349..., over the three 0.0960651..., both down to six places
    burden = of("binance", "BTCUSDT")["burden"]
    alone, together = burden["fund_to_open_interest"], burden["fund_to_open_interest_of_all_its_contracts"]
    assert alone["value"] == "0.144134"
    assert together["value"] == "0.096065"
    assert together["note"].startswith("at most: open interest of BTCUSDT_250627")
    assert alone["as_of"] == "2024-09-21"
    assert "2024-09-21 to 2025-04-23" in alone["note"]


def test_a_ratio_worked_by_hand_rounds_down_and_is_unknown_without_its_parts() -> None:
    # 20 USDT of a fund over 300 USDT of open interest = 0.0666666..., down to 0.066666
    known = load_bundled("binance", "BTCUSDT")
    day = date(2026, 1, 1)
    planted = {
        "fund_balance": Figure("fund_balance", Decimal(20), "settlement asset", State.RETYPED, "a", day),
        "open_interest_notional": Figure(
            "open_interest_notional", Decimal(300), "quote asset", State.RETYPED, "b", day
        ),
    }

    def ratio(**changed: Figure) -> dict[str, Any]:
        figures = replace(known, figures=tuple((planted | changed).values()))
        found = disclosure(checklist(VENUES["binance"], figures))["burden"]["fund_to_open_interest"]
        assert isinstance(found, dict)
        return found

    assert ratio()["value"] == "0.066666"
    assert ratio(fund_balance=unknown_figure("fund_balance", "nobody knows")) == {
        "kind": "unknown",
        "unit": "fraction",
        "reason": "fund_balance: nobody knows",
    }
    assert ratio(open_interest_notional=replace(planted["open_interest_notional"], as_of=None))["kind"] == "unknown"
    other = disclosure(
        checklist(VENUES["binance"], replace(known, settlement_asset="BTC", figures=tuple(planted.values())))
    )
    assert (
        other["burden"]["fund_to_open_interest"]["kind"] == "unknown"
    )  # notional in USDT, fund in BTC: nothing is converted


def test_layers_are_in_the_order_of_the_rules_with_what_the_items_say() -> None:
    layers = of("hyperliquid", "BTC")["fund"]["waterfall"]
    assert [layer["layer"] for layer in layers] == ["backstop", "adl"]
    assert layers[0]["limit"]["state"] == "searched for, not found"
    assert layers[1]["when"]["state"] == "published"
    assert layers[1]["limit"] == {"state": "not examined by us", "says": ""}


def test_an_unknown_fund_stays_unknown_and_is_no_zero() -> None:
    document = of("binance", "SUIUSDT")
    assert document["fund"]["pools"] == []
    assert document["burden"]["fund_to_open_interest"]["kind"] == "unknown"
    assert "value" not in document["burden"]["fund_to_open_interest"]


def test_a_figure_without_a_day_is_unknown() -> None:
    bare = Figure("max_leverage", Decimal(50), "times", State.RETYPED, "page")
    assert figure_record(bare)["kind"] == "unknown"
    read = figure_record(replace(bare, read_on=date(2026, 1, 2), note="x"))
    assert (read["as_of"], read["note"]) == (
        "2026-01-02",
        "x; the day is the one on which it was read: the source states none",
    )


def _drop(document: dict[str, Any]) -> None:
    del document["fund"]["form"]


def _add(document: dict[str, Any]) -> None:
    document["score"] = 7


def _float(document: dict[str, Any]) -> None:
    document["burden"]["open_interest"] = {
        "kind": "observed",
        "value": 1.5,
        "unit": "BTC",
        "source": "s",
        "as_of": "2026-01-01",
    }


def _no_day(document: dict[str, Any]) -> None:
    document["burden"]["open_interest"] = {
        "kind": "observed",
        "value": "1.5",
        "unit": "BTC",
        "source": "s",
        "as_of": "2026-02-30",
    }


def _kind(document: dict[str, Any]) -> None:
    document["burden"]["open_interest"]["kind"] = "estimated"


def _no_page(document: dict[str, Any]) -> None:
    document["fund"]["seed"] = {"state": "published", "says": "the founders", "pages": []}


def _negative(document: dict[str, Any]) -> None:
    document["counts"]["published"] = -1


def _flag(document: dict[str, Any]) -> None:
    document["counts"]["published"] = True


def _sides(document: dict[str, Any]) -> None:
    document["burden"]["sides_counted"] = "three"


def _empty(document: dict[str, Any]) -> None:
    document["about"]["venue"] = ""


def _list(document: dict[str, Any]) -> None:
    document["losses"]["events"] = {}


def _when(document: dict[str, Any]) -> None:
    document["about"]["rules_as_of"] = "yesterday"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (_drop, "fund.form"),
        (_add, "score"),
        (_float, "burden.open_interest.value"),
        (_no_day, "burden.open_interest.as_of"),
        (_kind, "burden.open_interest"),
        (_no_page, "fund.seed.pages"),
        (_negative, "counts.published"),
        (_flag, "counts.published"),
        (_sides, "burden.sides_counted"),
        (_empty, "about.venue"),
        (_list, "losses.events"),
        (_when, "about.rules_as_of"),
    ],
)
def test_a_mistake_is_found_where_a_full_validator_finds_one(
    change: Callable[[dict[str, Any]], None], path: str
) -> None:
    document = copy.deepcopy(template())
    change(document)
    assert list(VALIDATOR.iter_errors(document))
    assert [finding.path for finding in check_disclosure(document).as_tuple()] == [path]


def test_all_findings_are_told_at_once(tmp_path: Path) -> None:
    document = template()
    for change in (_drop, _add, _sides, _empty):
        change(document)
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(document))
    with pytest.raises(DataError) as caught:
        load_disclosure(file)
    told = [finding.path for finding in caught.value.findings]
    assert sorted(told) == [
        "mine.json: about.venue",
        "mine.json: burden.sides_counted",
        "mine.json: fund.form",
        "mine.json: score",
    ]


def test_what_no_schema_can_say_is_checked_too() -> None:
    document = template()
    document["counts"]["published"] = 3
    document["about"]["contract"] = "BTC"
    document["fund"]["pools"] = [{"name": "main", "contracts": ["ETH"], "assets": []}]
    document["margin"]["tiers"] = [
        {"up_to": "100", "initial": "0.02", "maintenance": "0.03"},
        {"up_to": "50", "initial": "0.04", "maintenance": "0.02"},
    ]
    document["answers"].append(document["answers"][0])
    assert list(VALIDATOR.iter_errors(document)) == []
    assert [finding.path for finding in check_disclosure(document).as_tuple()] == [
        "answers[36].item",
        "counts.published",
        "counts.not examined by us",
        "margin.tiers[0].maintenance",
        "margin.tiers[1].up_to",
        "fund.pools[0].contracts",
    ]


@pytest.mark.parametrize("text", ["", "[1", "NaN", "null", '"text"', "[]"])
def test_what_is_no_disclosure_is_told_in_a_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(text)
    with pytest.raises(DataError, match="Expected"):
        load_disclosure(file)


def test_a_flag_is_no_number() -> None:
    assert [
        f.path
        for f in check_against({"type": "object", "properties": {"n": {"type": "integer"}}}, {"n": True}).as_tuple()
    ] == ["n"]


def test_a_branch_that_no_constant_names_lists_the_constants() -> None:
    found = check_against(
        schema()["$defs"]["page"] | {"$defs": schema()["$defs"]}, {"address": "a", "read_on": "2026-1-1"}
    )
    assert [finding.path for finding in found.as_tuple()] == ["read_on"]


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        ("793930579.315848", "USDT", "793,930,579 USDT"),
        ("61.73143554", "BTC", "61.73143554 BTC"),
        ("0.144134", "fraction", "14.4134 %"),
        ("1", "fraction", "100 %"),
        ("0", "USDT", "0 USDT"),
        ("100", "times", "100 times"),
    ],
)
def test_a_reader_sees_rounded_figures(value: str, unit: str, told: str) -> None:
    assert readable(value, unit) == told


def test_the_commands_print_what_they_say(tmp_path: Path) -> None:
    runner = CliRunner()
    empty = runner.invoke(disclosure_command, ["template"])
    assert json.loads(empty.output) == template()
    file = tmp_path / "mine.json"
    file.write_text(empty.output)
    assert runner.invoke(disclosure_command, ["check", str(file)]).exit_code == 0
    assert runner.invoke(disclosure_command, ["schema"]).output == schema_text()
    assert json.loads(runner.invoke(disclosure_command, ["okx", "--json"]).output) == of("okx")
    listed = json.loads(runner.invoke(checklist_command, ["binance", "suiusdt", "--json"]).output)
    assert (listed["contract"], len(listed["items"]), len(listed["signs"])) == ("SUIUSDT", 36, 36)
    shown = runner.invoke(checklist_command, ["bybit"], env={"COLUMNS": "200"}).output
    assert "23 published, 0 searched for, not found, 13 not examined by us" in shown
    unknown = runner.invoke(checklist_command, ["bybit", "NOPE"])
    assert isinstance(unknown.exception, InputError)
    assert isinstance(runner.invoke(disclosure_command, ["check"]).exception, InputError)
