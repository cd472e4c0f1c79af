"""Text becomes an integer once, exactly, and becomes the same text again."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shortfall import units
from shortfall.errors import InputError, InvariantViolationError, RuleError
from shortfall.units import (
    INT64_MAX,
    Asset,
    Rounding,
    Scale,
    div_ceil,
    div_floor,
    duration_text,
    duration_us_from_text,
    exact_money,
    format_money,
    human_money,
    money_from_text,
    mul_div_ceil,
    mul_div_floor,
    parse_decimal,
    percent_text,
    ppm_from_text,
)

USDT = Asset("USDT", 6)
BTC = Asset("BTC", 8)
YEN = Asset("JPY", 0)

amounts = st.integers(-INT64_MAX, INT64_MAX)
assets = st.builds(Asset, st.sampled_from(["USDT", "BTC", "X"]), st.integers(0, 18))
divisors = st.integers(1, 2**80)
wide = st.integers(-(2**80), 2**80)


# ---------------------------------------------------------------------------------------------------------- division


@pytest.mark.parametrize(
    ("numerator", "divisor", "floor", "ceil"),
    [
        (7, 2, 3, 4),
        (-7, 2, -4, -3),
        (6, 2, 3, 3),
        (-6, 2, -3, -3),
        (0, 5, 0, 0),
        (1, 10**30, 0, 1),
        (-1, 10**30, -1, 0),
    ],
)
def test_rounding_goes_where_the_name_says(numerator: int, divisor: int, floor: int, ceil: int) -> None:
    assert div_floor(numerator, divisor) == floor
    assert div_ceil(numerator, divisor) == ceil


@given(wide, wide, divisors)
def test_wide_products_are_exact_before_they_are_rounded(left: int, right: int, divisor: int) -> None:
    exact = Fraction(left * right, divisor)
    low, high = mul_div_floor(left, right, divisor), mul_div_ceil(left, right, divisor)
    assert low <= exact <= high
    assert high - low == (0 if exact.denominator == 1 else 1)


@pytest.mark.parametrize("divisor", [0, -3])
def test_a_divisor_that_is_not_positive_is_our_own_bug(divisor: int) -> None:
    for divide in (div_floor, div_ceil):
        with pytest.raises(InvariantViolationError, match="divisor is positive"):
            divide(1, divisor)


# ---------------------------------------------------------------------------------------------------- text to number


@pytest.mark.parametrize(
    ("text", "number"),
    [("12.5", "12.5"), ("-0.10", "-0.10"), ("+3", "3"), ("1_000_000", "1000000"), (" 7 ", "7"), ("007", "7")],
)
def test_plain_decimals_are_read_exactly(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


def test_digits_beyond_the_decimal_contexts_precision_are_kept() -> None:
    assert str(parse_decimal("123456789012345678901234567890.123456789")) == "123456789012345678901234567890.123456789"


@pytest.mark.parametrize(
    "text", ["", ".5", "5.", "1e5", "1,000", "nan", "inf", "--1", "1__0", "_1", "1_", "0x10", "١٢", "1.0_0", "9" * 65]
)
def test_anything_but_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Expected a decimal number"):
        parse_decimal(text, path="price")


@pytest.mark.parametrize("value", [0.1, 5, None])
def test_a_number_outside_quotes_is_refused_by_its_type(value: object) -> None:
    with pytest.raises(InputError, match=f"in quotes, was {value!r} of type {type(value).__name__}"):
        parse_decimal(value)  # type: ignore[arg-type]


def test_the_finding_names_the_field() -> None:
    with pytest.raises(InputError) as caught:
        money_from_text("1.0000001", USDT, path="fund.cash")
    assert str(caught.value) == "fund.cash: Expected a multiple of 0.000001 USDT, was '1.0000001'"


@pytest.mark.parametrize(
    ("text", "rounding", "amount"),
    [
        ("12.5", Rounding.EXACT, 12_500_000),
        ("-12.5", Rounding.EXACT, -12_500_000),
        ("0.0000015", Rounding.FLOOR, 1),
        ("0.0000015", Rounding.CEIL, 2),
        ("-0.0000015", Rounding.FLOOR, -2),
        ("-0.0000015", Rounding.CEIL, -1),
        ("3.0000000", Rounding.EXACT, 3_000_000),
        ("9223372036854.775807", Rounding.EXACT, INT64_MAX),
    ],
)
def test_money_is_read_with_the_rounding_that_was_asked_for(text: str, rounding: Rounding, amount: int) -> None:
    assert money_from_text(text, USDT, rounding) == amount


@pytest.mark.parametrize("text", ["9223372036854.775808", "-9223372036854.775808"])
def test_money_that_does_not_fit_in_64_bits_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Expected at most 9223372036854775807 smallest units"):
        money_from_text(text, USDT)


@given(amounts, assets)
def test_money_survives_the_way_to_text_and_back(amount: int, asset: Asset) -> None:
    assert money_from_text(format_money(amount, asset), asset) == amount
    figure, code = exact_money(amount, asset).split(" ")
    assert money_from_text(figure, asset) == amount
    assert code == asset.code


@pytest.mark.parametrize(
    ("text", "ppm"),
    [
        ("20%", 200_000),
        ("0.2", 200_000),
        ("200000ppm", 200_000),
        ("-5 %", -50_000),
        ("1", 1_000_000),
        ("150%", 1_500_000),
    ],
)
def test_a_share_is_read_in_any_of_its_three_forms(text: str, ppm: int) -> None:
    assert ppm_from_text(text) == ppm


@pytest.mark.parametrize("text", ["20", "-1.5", "0.0000001", "0.5ppm", "20 percent", "", "%", "1.2.3%"])
def test_a_share_that_is_ambiguous_or_too_fine_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="gap: Expected"):
        ppm_from_text(text, path="gap")


@given(amounts)
@example(-1)
def test_a_percentage_survives_the_way_to_text_and_back(ppm: int) -> None:
    assert ppm_from_text(percent_text(ppm)) == ppm


@pytest.mark.parametrize(("ppm", "text"), [(200_000, "20%"), (-125, "-0.0125%"), (0, "0%"), (1_000_000, "100%")])
def test_a_percentage_has_no_trailing_zeros(ppm: int, text: str) -> None:
    assert percent_text(ppm) == text


@pytest.mark.parametrize(
    ("text", "duration_us"),
    [
        ("250us", 250),
        ("100ms", 100_000),
        ("60s", 60_000_000),
        ("1.5s", 1_500_000),
        ("5m", 300_000_000),
        ("1h", 3_600_000_000),
        ("2d", 172_800_000_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_with_its_unit(text: str, duration_us: int) -> None:
    assert duration_us_from_text(text) == duration_us


@pytest.mark.parametrize("text", ["60", "-1s", "0.5us", "5 minutes", "1M", "s", ""])
def test_a_duration_without_a_clear_meaning_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="step: Expected"):
        duration_us_from_text(text, path="step")


@given(st.integers(0, INT64_MAX))
def test_a_duration_survives_the_way_to_text_and_back(duration_us: int) -> None:
    assert duration_us_from_text(duration_text(duration_us)) == duration_us


@pytest.mark.parametrize(
    ("duration_us", "text"), [(60_000_000, "1m"), (90_000_000, "90s"), (0, "0s"), (1_500, "1500us")]
)
def test_a_duration_is_written_in_the_largest_unit_that_divides_it(duration_us: int, text: str) -> None:
    assert duration_text(duration_us) == text


@pytest.mark.parametrize("read", [ppm_from_text, duration_us_from_text])
def test_a_unit_without_quotes_is_refused(read: object) -> None:
    with pytest.raises(InputError, match=r"was 0\.2"):
        read(0.2)  # type: ignore[operator]


# ---------------------------------------------------------------------------------------------------- number to text


@pytest.mark.parametrize(
    ("amount", "asset", "text"),
    [
        (12_500_000, USDT, "12.500000"),
        (-1, USDT, "-0.000001"),
        (0, USDT, "0.000000"),
        (-5, YEN, "-5"),
        (123, Asset("X", 2), "1.23"),
    ],
)
def test_money_is_written_exactly_with_a_fraction_of_fixed_width(amount: int, asset: Asset, text: str) -> None:
    assert format_money(amount, asset) == text


def test_money_in_a_sentence_has_its_name_and_no_trailing_zeros() -> None:
    assert exact_money(-12_500_000, USDT) == "-12.5 USDT"
    assert exact_money(1_000_000_000, USDT) == "1000 USDT"
    assert exact_money(100, YEN) == "100 JPY"


@pytest.mark.parametrize(
    ("amount", "asset", "text"),
    [
        (1_100_000_000 * 10**6, USDT, "1.10 bn USDT"),
        (-12_345_678 * 10**6, USDT, "-12.3 M USDT"),
        (794_000_000 * 10**6, USDT, "794 M USDT"),
        (999_500 * 10**6, USDT, "1.00 M USDT"),
        (999_499 * 10**6, USDT, "999 k USDT"),
        (1_000 * 10**6, USDT, "1.00 k USDT"),
        (999_400_000, USDT, "999 USDT"),
        (12_500_000, USDT, "12.5 USDT"),
        (5_000_000, USDT, "5.00 USDT"),
        (1, USDT, "0.000001 USDT"),
        (-120, USDT, "-0.000120 USDT"),
        (6_170_000_000, BTC, "61.7 BTC"),
        (5, YEN, "5 JPY"),
        (0, USDT, "0 USDT"),
        (2_500 * 10**18, USDT, "2500 tn USDT"),
    ],
)
def test_money_for_people_has_three_digits_and_a_suffix(amount: int, asset: Asset, text: str) -> None:
    assert human_money(amount, asset) == text


@given(amounts.filter(bool), assets)
@example(1, Asset("X", 18))
def test_money_for_people_never_reads_as_zero_and_is_off_by_half_a_percent_at_most(amount: int, asset: Asset) -> None:
    figure, *suffix, _ = human_money(amount, asset).split(" ")
    scale = {"k": 3, "M": 6, "bn": 9, "tn": 12}[suffix[0]] if suffix else 0
    shown = Fraction(figure) * 10 ** (scale + asset.exponent)
    assert shown != 0
    assert (shown > 0) == (amount > 0)
    assert abs(shown - amount) * 200 <= abs(amount)


# ------------------------------------------------------------------------------------------------------ asset, scale


@pytest.mark.parametrize(("code", "exponent"), [("", 6), ("US DT", 6), ("USDT", -1), ("USDT", 19)])
def test_an_asset_outside_its_bounds_is_refused(code: str, exponent: int) -> None:
    with pytest.raises(RuleError, match="Expected"):
        Asset(code, exponent)


def linear(tick: str = "0.1", lot: str = "0.001") -> Scale:
    return Scale(Decimal(tick), Decimal(lot), USDT)


def inverse(tick: str = "0.5", contract: str = "100") -> Scale:
    return Scale(Decimal(tick), Decimal(1), BTC, inverse=True, contract_value=Decimal(contract))


def test_a_linear_multiplier_is_tick_times_lot_in_smallest_units() -> None:
    assert linear().multiplier == 100  # 0.1 x 0.001 x 10^6
    # 0.250 BTC at 65,000.0: 250 lots x 650,000 ticks x 100 = 16,250 USDT
    value = linear().lots_from_size("0.250") * linear().ticks_from_price("65000") * linear().multiplier
    assert exact_money(value, USDT) == "16250 USDT"


def test_a_linear_multiplier_counts_what_a_contract_stands_for() -> None:
    one_hundredth_of_a_coin = Scale(Decimal("0.1"), Decimal(1), USDT, contract_value=Decimal("0.01"))
    assert one_hundredth_of_a_coin.multiplier == 1_000  # 0.1 x 1 x 0.01 x 10^6


def test_an_inverse_multiplier_is_divided_by_the_price() -> None:
    scale = inverse()
    assert scale.multiplier == 20_000_000_000  # 100 x 10^8 / 0.5
    # 50 contracts of 100 dollars at 50,000: 5,000 / 50,000 = 0.1 BTC
    value = div_floor(scale.lots_from_size("50") * scale.multiplier, scale.ticks_from_price("50000"))
    assert exact_money(value, BTC) == "0.1 BTC"


def test_a_multiplier_that_is_no_whole_number_is_refused_with_its_formula() -> None:
    with pytest.raises(RuleError) as caught:
        linear(tick="0.0001", lot="0.001")
    assert str(caught.value) == (
        "multiplier: Expected a whole number from 1 to 9223372036854775807, was 1/10 = "
        "contract_value 1 x lot_size 0.001 x tick_size 0.0001 x 10^6"
    )


@pytest.mark.parametrize(("tick", "contract"), [("0.3", "100"), ("0.00000000001", "100000000")])
def test_an_inverse_multiplier_has_the_same_bounds(tick: str, contract: str) -> None:
    with pytest.raises(RuleError, match="multiplier: Expected a whole number"):
        inverse(tick, contract)


def test_steps_that_are_not_positive_are_all_named() -> None:
    with pytest.raises(RuleError) as caught:
        Scale(Decimal(0), Decimal(-1), USDT, contract_value=Decimal("NaN"))
    assert [finding.path for finding in caught.value.findings] == ["tick_size", "lot_size", "contract_value"]


def test_prices_and_sizes_have_the_decimals_of_their_step() -> None:
    assert linear().price_text(650_000) == "65000.0"
    assert linear().size_text(-250) == "-0.250"
    assert Scale(Decimal(5), Decimal("1E+1"), USDT).price_text(3) == "15"
    assert Scale(Decimal(5), Decimal("1E+1"), USDT).size_text(3) == "30"


def test_a_price_between_two_ticks_is_refused_or_rounded_as_asked() -> None:
    with pytest.raises(InputError, match=r"price: Expected a multiple of the tick size 0\.1, was '10\.05'"):
        linear().ticks_from_price("10.05", path="price")
    assert linear().ticks_from_price("10.05", Rounding.FLOOR) == 100
    assert linear().ticks_from_price("10.05", Rounding.CEIL) == 101
    assert linear().ticks_from_price("-10.05", Rounding.FLOOR) == -101


def test_a_size_between_two_lots_is_refused_or_rounded_as_asked() -> None:
    with pytest.raises(InputError, match=r"Expected a multiple of the lot size 0\.001, was '0\.0005'"):
        linear().lots_from_size("0.0005")
    assert linear().lots_from_size("-0.0005", Rounding.CEIL) == 0


@given(amounts, st.sampled_from(["0.1", "0.5", "0.25", "1", "10", "0.00001"]))
def test_prices_and_sizes_survive_the_way_to_text_and_back(steps: int, step: str) -> None:
    scale = Scale(Decimal(step), Decimal(step), Asset("X", 12))
    assert scale.ticks_from_price(scale.price_text(steps)) == steps
    assert scale.lots_from_size(scale.size_text(steps)) == steps


def test_public_names_exist() -> None:
    assert len(units.__all__) == len(set(units.__all__))
    assert all(hasattr(units, name) for name in units.__all__)
