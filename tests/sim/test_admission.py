"""Who is admitted: the band by hand, the shipped family by computing it, and planted members that contradict the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from shortfall.data.liquidation_bands import Bucket, LevelBand, buckets_of, class_of
from shortfall.data.snapshot import available
from shortfall.errors import InputError
from shortfall.sim.admission import (
    RECORDED,
    BucketVerdict,
    fit_of,
    judge,
    judged,
    require_admitted,
    weighted_quantile,
)
from shortfall.sim.forward import Lived
from shortfall.sim.market import gather
from shortfall.sim.members import FAMILY, Member
from shortfall.sim.paths import Shock
from shortfall.sim.stress import Request, stress

if TYPE_CHECKING:
    from shortfall.sim.market import MarketInput

BUCKET = Bucket("majors", 30_000, 50_000, 446, 1_500, 2_500, 4_200)
RECKLESS = Member("reckless", 15.0, 0.8, 0.8, 2.0, "planted: fifteen times, and fresh")
TIMID = Member("timid", 3.0, 0.7, 0.055, 1.6, "planted: three times, and hardly anybody above ten")


@pytest.mark.parametrize(
    ("implied", "days", "outcome"),
    [
        (1_499, 50, "below"),
        (1_500, 50, "inside"),
        (26_460, 50, "inside"),  # 6.3 x 4,200
        (26_461, 50, "above"),
        (1_499, 7, "too few days"),
        (1_499, 8, "below"),
        (None, 0, "too few days"),
    ],
)
def test_a_range_of_days_is_judged_by_its_edges(implied: int | None, days: int, outcome: str) -> None:
    """Low edge 0.15 % as told, high edge 0.42 % x 6.3 = 2.646 %; from eight days on."""
    assert BucketVerdict(BUCKET, days, implied).outcome() == outcome


def test_another_undercount_moves_the_upper_edge_only() -> None:
    """As told: 0.42 %. A hundred times: 42 %. Below the low edge nothing helps."""
    assert [BucketVerdict(BUCKET, 50, 4_201).outcome(times) for times in ("1", "6.3", "100")] == [
        "above",
        "inside",
        "inside",
    ]
    assert BucketVerdict(BUCKET, 50, 1_000).outcome("100") == "below"


def test_lived_days_are_sorted_into_the_recorded_ranges() -> None:
    """Ranges 1 %, 2 % (the edge belongs to the higher one), 4 %, 4.5 % and 60 %; medians of the shares, in ppm."""
    lived = Lived(np.array([0.01, 0.02, 0.04, 0.045, 0.6]), np.array([0.001, 0.002, 0.003, 0.005, 0.5]))
    found = judged(buckets_of("majors"), lived)
    assert [(one.days, one.implied_ppm) for one in found] == [
        (1, 1_000),
        (1, 2_000),
        (2, 4_000),
        (0, None),
        (0, None),
        (1, 500_000),
    ]


def test_a_weighted_quantile_is_the_first_figure_that_reaches_the_share() -> None:
    """Weights 1, 2, 1 at 0.3, 0.1, 0.2: in order 0.1 (2), 0.2 (3), 0.3 (4); half of 4 is reached at 0.1, three quarters at 0.2."""
    figures, weights = np.array([0.3, 0.1, 0.2]), np.array([1.0, 2.0, 1.0])
    assert [weighted_quantile(figures, weights, share) for share in (0.5, 0.75, 0.76)] == [0.1, 0.2, 0.3]


def test_the_second_check_applies_where_a_snapshot_has_enough_levels() -> None:
    """Ten levels in the median snapshot at least; an unknown coin has none."""
    band = LevelBand("X", 100, 10, 50_000, 100_000, 200_000)
    assert [fit_of(band, ppm) for ppm in (49_999, 50_000, 200_000, 200_001)] == [
        "does not fit",
        "fits",
        "fits",
        "does not fit",
    ]
    assert fit_of(LevelBand("X", 100, 9, 50_000, 100_000, 200_000), 100_000) == "not applicable"
    assert fit_of(None, 100_000) == "not applicable"


@pytest.mark.parametrize("symbol", RECORDED)
def test_the_shipped_family_is_admitted_where_the_verdict_is_recorded(symbol: str) -> None:
    """Computed again; the wildest ranges are judged, so that it is not admitted for want of days."""
    assert ("binance", symbol) in available()
    item = gather("binance", symbol, alone=True)[0]
    verdicts = [judge(item, one) for one in FAMILY]
    assert [verdict.reason() for verdict in verdicts if not verdict.admitted()] == []
    assert all(bucket.outcome() == "inside" for verdict in verdicts for bucket in verdict.buckets[1:])
    fits = {verdict.levels.outcome for verdict in verdicts}
    assert fits == ({"fits"} if class_of(item.snapshot.base_asset) == "majors" else {"not applicable"})


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        (RECKLESS, "of open interest a day on days of 0 to 2 %, at most 0.9 % can be"),
        (TIMID, "of open interest a day on days of 0 to 2 %, told were at least 0.024 %"),
    ],
)
def test_a_planted_member_that_contradicts_the_band_is_refused(
    btc_inputs: tuple[MarketInput, ...], planted: Member, words: str
) -> None:
    """Both were members before there was a band. The message names the days on which the record contradicts them."""
    with pytest.raises(InputError) as raised:
        require_admitted(btc_inputs[0], planted)
    found = raised.value.findings[0]
    assert found.path == "--member"
    assert found.message.startswith(
        f"Expected a population that the record of liquidations allows, {planted.name} is not"
    )
    assert words in found.message


def test_a_name_of_the_family_does_not_admit_other_habits(btc_inputs: tuple[MarketInput, ...]) -> None:
    """A recorded verdict is about a member as it is, not about its name."""
    impostor = Member("calm", 15.0, 0.8, 0.8, 2.0, "planted")
    with pytest.raises(InputError, match="calm is not"):
        require_admitted(btc_inputs[0], impostor)


def test_stress_refuses_to_run_a_member_that_is_not_admitted() -> None:
    """The refusal is in the laboratory, which every command builds."""
    request = Request("binance", "BTCUSDT", Shock(-200_000), members=(RECKLESS,), accounts=1_000, alone=True)
    with pytest.raises(InputError, match="reckless is not"):
        stress(request)
