"""Reading one numeral: every number reads back, and what has no one value is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.numerals import read, read_fraction, read_serial


@given(st.integers(1, 10**13))
def test_a_number_written_in_chinese_reads_back(value: int) -> None:
    assert read(in_chinese(value)) == str(value)


def in_chinese(value: int) -> str:
    """The schoolbook spelling, digit by digit: 10305 is 一万零三百零五."""
    for place, size in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        if value >= size:
            above, below = divmod(value, size)
            gap = "零" if 0 < below < size // 10 else ""
            return in_chinese(above) + place + gap + (in_chinese(below) if below else "")
    return "零一二三四五六七八九"[value]


@pytest.mark.parametrize(
    "numeral", ["", "零", "百万", "万", "三四", "三四十", "一百一百", "一亿亿", "20百", "万万", "一万五"]
)
def test_what_has_no_one_value_is_not_read(numeral: str) -> None:
    assert read(numeral) is None


@pytest.mark.parametrize(
    ("numeral", "year", "digits"),
    [("二〇二一", False, "2021"), ("一八四八", True, "1848"), ("一八四八", False, None), ("零零七", False, None)],
)
def test_serial_digits_are_years_or_hold_a_zero(numeral: str, year: bool, digits: str | None) -> None:
    assert read_serial(numeral, year) == digits


@pytest.mark.parametrize(
    ("whole", "fraction", "places", "digits"),
    [
        ("三", "五", "", "3.5"),
        ("零", "〇五", "", "0.05"),
        ("三", "五零", "", "3.5"),
        ("一", "二五", "万亿", "1250000000000"),
    ],
)
def test_a_point_moves_with_the_places(whole: str, fraction: str, places: str, digits: str) -> None:
    assert read_fraction(whole, fraction, places) == digits


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 31])
def test_thirty_digits_are_the_most_that_is_read(digits: str) -> None:
    assert read(digits) == (digits if len(digits) == 30 else None)
