"""Dates as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import is_date
from corpus.reading.dates import dated, iso_date


@pytest.mark.parametrize(
    ("text", "date", "note"),
    [
        ("2021-03-04", "2021-03-04", ""),
        ("2021-03", "2021-03", ""),
        ("2021", "2021", ""),
        ("2021年", "2021", ""),
        ("2021年3月4日", "2021-03-04", ""),
        ("2021/3/4", "2021-03-04", ""),
        ("2021.3.4", "2021-03-04", ""),
        ("2021年3月", "2021-03", ""),
        ("2021-03-04T10:00:00Z", "2021-03-04", ""),
        ("2021年3月报道", "2021-03", "2021年3月报道"),
        ("发布于 2021-03-04", "2021-03-04", "发布于 2021-03-04"),
        ("约2024年", "", "约2024年"),
        ("日期未标明", "", "日期未标明"),
        ("2021-13-45", "", "2021-13-45"),
        ("2021-02-30", "", "2021-02-30"),
        ("", "", ""),
    ],
)
def test_dates_and_notes(text: str, date: str, note: str) -> None:
    assert iso_date(text) == date
    assert dated(text) == (date, note)


@given(st.text(alphabet="0123456789-/.年月日 :T约报道", max_size=20))
def test_what_is_found_is_a_date_and_nothing_is_lost(text: str) -> None:
    date, note = dated(text)
    assert not date or is_date(date)
    assert date or note == text
