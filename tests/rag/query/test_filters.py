"""Filters: one meaning of kind, district, id, origin, dates and words of names, wherever they are written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.store.catalogue import DocumentEntry
from rag.query.filters import FILTERS, FilterInvalid, passing


def entry(date: str = "", **more: Any) -> DocumentEntry:
    plain = {
        "key": 1,
        "id": "wulianwang",
        "title": "物联网产业社区",
        "parent": None,
        "origin": "bundled",
        "kind": "community",
        "districts": ("滨江区", "萧山区"),
        "aliases": ("物联网街", "IoT Street"),
        "characters": 10,
        "content_hash": "",
        "generation": 1,
    }
    return DocumentEntry(**{**plain, "date": date, **more})


@pytest.mark.parametrize(
    ("date", "only", "expected"),
    [
        ("2023-05-17", {"from": ["2023-05-17"], "to": ["2023-05-17"]}, True),
        ("2023-05-17", {"from": ["2023-05-18"]}, False),
        ("2023-05-17", {"to": ["2023-05-16"]}, False),
        ("2023-05-17", {"to": ["2023-05"]}, True),
        ("2023-05-31", {"to": ["2023-04"]}, False),
        ("2023-05-17", {"from": ["2023"], "to": ["2023"]}, True),
        ("2024-02-29", {"to": ["2024-02"]}, True),
        ("2023", {"from": ["2023-12-31"]}, True),
        ("2023", {"to": ["2023-01-01"]}, True),
        ("2023", {"from": ["2024-01-01"]}, False),
        ("2023-05", {"from": ["2023-06"]}, False),
        ("2023-05", {"from": ["2023-05-31"]}, True),
        ("", {"from": ["0001"]}, False),
        ("", {"to": ["9999"]}, False),
        ("", {"kind": ["community"]}, True),
    ],
)
def test_dates_are_compared_as_far_as_they_are_known(date: str, only: dict[str, list[str]], expected: bool) -> None:
    assert passing(only)(entry(date)) is expected


DAYS = st.dates().map(lambda day: day.isoformat())
DATES = st.builds(lambda day, length: day[:length], DAYS, st.sampled_from((4, 7, 10)))


@given(DATES, DATES, DATES)
def test_a_document_passes_if_some_day_of_its_date_lies_in_the_range(date: str, since: str, until: str) -> None:
    def days(written: str) -> tuple[str, str]:
        return written + "0000-01-01"[len(written) :], written + "9999-99-99"[len(written) :]

    only = {"from": [since], "to": [until]}
    if days(until)[1] < days(since)[0]:
        with pytest.raises(FilterInvalid, match="before from"):
            passing(only)
    else:
        assert passing(only)(entry(date)) is (days(date)[1] >= days(since)[0] and days(date)[0] <= days(until)[1])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("物联网", True),
        ("物聯網", True),
        ("ＩＯＴ", True),
        ("iot street", True),
        ("街 社区", True),
        ("物联网　街", True),
        ("物联网 云栖", False),
        ("wulianwang", False),
        ("", True),
        ("\u200b", True),
    ],
)
def test_every_word_must_stand_in_a_name(words: str, expected: bool) -> None:
    assert passing({"q": [words]})(entry()) is expected


def test_of_several_values_one_must_fit_and_every_field_must() -> None:
    assert passing({"district": ["西湖区", "萧山区"], "kind": ["community"]})(entry())
    assert not passing({"district": ["萧山区"], "kind": ["park"]})(entry())
    assert not passing({"id": []})(entry())
    assert passing({})(entry())


@pytest.mark.parametrize(
    ("only", "field", "code"),
    [
        ({"colour": ["red"]}, "colour", "unknown"),
        ({"from": ["2023", "2024"]}, "from", "several"),
        ({"q": []}, "q", "several"),
        ({"from": ["2024-13-40"]}, "from", "date"),
        ({"to": ["2023-02-29"]}, "to", "date"),
        ({"to": ["去年"]}, "to", "date"),
        ({"to": [""]}, "to", "date"),
        ({"from": ["2024"], "to": ["2023-12-31"]}, "to", "order"),
    ],
)
def test_filters_that_mean_nothing_are_refused(only: dict[str, list[str]], field: str, code: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        passing(only)
    assert (refused.value.field, refused.value.code) == (field, code)


def test_the_refusal_names_what_is_known() -> None:
    with pytest.raises(FilterInvalid, match=", ".join(FILTERS)):
        passing({"colour": ["red"]})
