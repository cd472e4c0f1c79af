"""The wire by itself: pace, retries, what a venue asks for, and what a sheet makes of odd fields."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest

from shortfall.data.collect.client import decode
from shortfall.data.collect.sheet import Sheet, VenueError, moment_of, number
from shortfall.data.collect.wire import Limits, Request, Wire
from shortfall.data.figure_records import FundAsset, FundPool, Remark, RemarkKind, State

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def fetched(
    answers: Callable[[int], httpx.Response], limits: Limits, count: int = 1, *, same: bool = False
) -> tuple[list[bytes | Remark], list[float]]:
    """Return what `count` requests gave, and when each attempt reached the other side."""
    times: list[float] = []

    def other_side(request: httpx.Request) -> httpx.Response:  # noqa: ARG001 - the library's signature
        times.append(time.monotonic())
        return answers(len(times))

    async def go() -> list[bytes | Remark]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(other_side)) as client:
            wire = Wire(client, limits)
            asked = [Request("http://x", (("n", "0" if same else str(n)),)) for n in range(count)]
            return list(await asyncio.gather(*(wire.fetch(request) for request in asked)))

    return asyncio.run(go()), times


def test_requests_leave_evenly_spaced() -> None:
    found, times = fetched(lambda _: httpx.Response(200, content=b"1"), Limits(per_second=25), 4)
    assert found == [b"1"] * 4
    assert times[-1] - times[0] >= 3 * 0.04 * 0.9  # three intervals of 40 ms, less the clock's grain


def test_equal_requests_are_sent_once() -> None:
    found, times = fetched(lambda _: httpx.Response(200, content=b"1"), Limits(per_second=1000), 5, same=True)
    assert (len(found), len(times)) == (5, 1)


def test_the_wait_that_a_venue_asks_for_is_kept() -> None:
    def answers(attempt: int) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "1"}) if attempt == 1 else httpx.Response(200, content=b"ok")

    found, times = fetched(answers, Limits(per_second=1000, first_wait_s=0.001))
    assert found == [b"ok"]
    assert times[1] - times[0] >= 0.95


def test_a_wait_beyond_the_longest_is_not_waited_for() -> None:
    limits = Limits(per_second=1000, longest_wait_s=5)
    (found,), times = fetched(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}), limits)
    assert isinstance(found, Remark)
    assert (found.kind, len(times)) == (RemarkKind.HTTP_STATUS, 1)


def test_waits_double_and_attempts_end() -> None:
    (found,), times = fetched(lambda _: httpx.Response(503), Limits(per_second=1000, attempts=3, first_wait_s=0.05))
    assert isinstance(found, Remark)
    assert "tried 3 times" in found.message
    first, second = times[1] - times[0], times[2] - times[1]
    assert first >= 0.045
    assert second >= 0.095  # twice 50 ms


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 418, 451])
def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int) -> None:
    (found,), times = fetched(lambda _: httpx.Response(status), Limits(per_second=1000))
    assert isinstance(found, Remark)
    assert (str(status) in found.message, len(times)) == (True, 1)


def test_a_refused_connection_is_a_remark() -> None:
    async def go() -> bytes | Remark:
        async with httpx.AsyncClient() as client:
            return await Wire(client, Limits(attempts=1)).fetch(Request("http://127.0.0.1:9/x"))

    found = asyncio.run(go())
    assert isinstance(found, Remark)
    assert found.kind is RemarkKind.NO_CONNECTION


def test_numbers_keep_every_digit_on_the_way_in() -> None:
    found = decode(b'{"a": 0.10000000000000000001, "b": "92.50"}', dict[str, Decimal], "x")
    assert found == {"a": Decimal("0.10000000000000000001"), "b": Decimal("92.50")}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1.50", "1.50"),
        (3, "3"),
        ("", None),
        (None, None),
        (True, None),
        ("NaN", None),
        ("-Infinity", None),
        ("1e400", None),
        ([1], None),
        ("1,000", None),
        (" 7 ", "7"),
    ],
)
def test_what_counts_as_a_number(raw: object, expected: str | None) -> None:
    assert number(raw) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (1_795_348_800, NOW),
        (1_795_348_800_000, NOW),
        ("1795348800000", NOW),
        ("2026-11-22T12:00:00.000Z", NOW),
        ("2026-11-22T12:00:00", NOW),
        (0, None),
        ("", None),
        ("soon", None),
        (10**30, None),
    ],
)
def test_what_counts_as_a_moment(raw: object, expected: datetime | None) -> None:
    # 2026-11-22T12:00:00Z is 20,779 days x 86,400 s + 43,200 s = 1,795,348,800 s
    assert moment_of(raw) == expected


def sheet() -> Sheet:
    found = Sheet("v", "S", NOW)
    found.begin("there", 60)
    return found


def test_an_empty_field_is_unknown_and_not_zero() -> None:
    on = sheet()
    on.put("open_interest_base", "")
    held = on.figures({})
    assert held.get("open_interest_base").state is State.UNKNOWN
    assert [row.kind for row in held.findings] == [RemarkKind.MISSING]


@pytest.mark.parametrize(
    ("name", "raw", "kept", "kind"),
    [
        ("mark_price", "0", None, RemarkKind.ZERO),
        ("mark_price", "-1", None, RemarkKind.NEGATIVE),
        ("open_interest_base", "0", "0", RemarkKind.ZERO),
        ("open_interest_base", "-5", None, RemarkKind.NEGATIVE),
        ("fund_balance", "0", "0", RemarkKind.ZERO),
        ("fund_balance", "-5", "-5", RemarkKind.NEGATIVE),
        ("mark_price", "abc", None, RemarkKind.WRONG_SHAPE),
    ],
)
def test_odd_figures_by_name(name: str, raw: str, kept: str | None, kind: RemarkKind) -> None:
    on = sheet()
    on.put(name, raw)
    held = on.figures({})
    assert held.get(name).value == (None if kept is None else Decimal(kept))
    assert [row.kind for row in held.findings] == [kind]


def test_a_negative_funding_rate_is_nothing_odd() -> None:
    on = sheet()
    on.put("funding_rate", "-0.0003")
    assert on.figures({}).findings == ()


@pytest.mark.parametrize(("seconds", "kind"), [(61, RemarkKind.STALE), (-121, RemarkKind.FROM_THE_FUTURE)])
def test_times_too_old_or_ahead_are_flagged(seconds: int, kind: RemarkKind) -> None:
    on = sheet()
    on.put("mark_price", "1", (NOW.timestamp() - seconds))
    assert [row.kind for row in on.figures({}).findings] == [kind]


def test_a_fund_is_judged_by_its_asset() -> None:
    on = sheet()
    on.settlement_asset = "BTC"
    pools = [
        FundPool("p", "contract", ("S",), (FundAsset("BTC", Decimal(balance)),)) for balance in ("199999", "200001")
    ]
    on.pools(pools, pools[0])
    held = on.figures({})
    assert held.pools == (pools[0],)
    assert held.get("fund_balance").number() == Decimal(199_999)


def test_a_crossed_book_is_a_contradiction() -> None:
    on = sheet()
    on.book([("bid", "11", "1"), ("ask", "10", "1"), ("ask", "bad", "1")])
    held = on.figures({})
    assert [row.kind for row in held.findings] == [RemarkKind.WRONG_SHAPE, RemarkKind.CONTRADICTION]
    assert len(held.book) == 2


def test_a_contract_of_unknown_form_cannot_be_counted() -> None:
    on = sheet()
    on.form("quanto", {"linear": "linear"})
    with pytest.raises(VenueError, match="cannot be counted"):
        on.inverse()
