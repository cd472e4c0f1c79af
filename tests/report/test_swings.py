"""What moves a stress most, worked by hand; and how many runs a page draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.report.documents import money, run, stress
else:
    from documents import money, run, stress  # beside this file

from shortfall.report.page import stress_page
from shortfall.report.page_runs import MOST_DRAWN, drawn_runs, undrawn_note
from shortfall.report.swings import moves_note, swings


def one(member: str, after: str, feedback: str, liquidated: str) -> dict[str, Any]:
    found = run(member, after, cut=False)
    found["figures"]["liquidated_notional"] = money(liquidated)
    found["models"] = {"depth_law": "constant", "feedback": feedback, "makers_firm": False}
    return found


def test_an_input_swings_by_the_mean_over_the_others() -> None:
    """Population: off 10 to 30 is 20, on 14 to 40 is 26, 23 on average; feedback: calm 4, hot 10, 7 on average; one path: left out."""
    document = stress()
    document["runs"] = [
        one("calm", "hold", "off", "10"), one("calm", "hold +feedback", "on", "14"),
        one("hot", "hold", "off", "30"), one("hot", "hold +feedback", "on", "40"),
    ]  # fmt: skip
    found = swings(document, lambda run: run["figures"]["liquidated_notional"])
    assert found == {"population": 23, "feedback": 7}
    assert "liquidated: population (population 23 USDT, feedback 7 USDT)" in str(moves_note(document))
    assert "ADL: nothing that was varied" in str(moves_note(document))


def test_a_single_run_says_nothing_about_what_moves_it() -> None:
    document = stress()
    document["runs"] = document["runs"][:1]
    assert moves_note(document) is None


@pytest.mark.parametrize("count", [MOST_DRAWN, MOST_DRAWN + 3])
def test_a_page_draws_the_largest_runs_and_names_the_others(count: int) -> None:
    document = stress()
    document["runs"] = [one("calm", f"drift {k}", "off", f"{100 + k}.000000") for k in range(count)]
    document["fund"]["sweep"] = []
    drawn, note = drawn_runs(document), undrawn_note(document)
    assert len(drawn) == MOST_DRAWN
    assert {("calm", f"drift {k}") for k in (0, count - 1)} <= drawn  # both ends of the range of what is liquidated
    assert (note is None) == (count == MOST_DRAWN)
    page = stress_page(document)
    assert ("Without pictures" in page) == (count > MOST_DRAWN)
    assert page.count('id="run-calm-drift-') == count
