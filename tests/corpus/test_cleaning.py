"""Cleaning removes what no reader sees, counts it, and changes nothing the second time."""

import time

import pytest
from hypothesis import example, given
from support_texts import relaxed, texts

from corpus.cleaning import clean, clean_line, shows_nothing, visible

SHY_AND_JOINERS = "a\u00adb\u200bc\u200dd\u2060e\ufe0f"


@pytest.mark.parametrize(
    ("text", "cleaned", "removed"),
    [
        ("甲\r\n乙\r丙\x85丁\u2028戊\u2029己\x0b庚\x0c辛\x1c壬", "甲\n乙\n丙\n丁\n戊\n己\n庚\n辛\n壬", {}),
        ("甲 \t\n乙\u3000\n", "甲\n乙", {}),
        ("\n\n甲\n\n\n\n乙\n\n", "甲\n\n乙", {}),
        ("    甲", "    甲", {}),
        ("甲\x00\x07\x1b[31m乙\x7f\x9b", "甲[31m乙", {"control": 5}),
        ("甲\u202e乙\u2066丙\u200f", "甲乙丙", {"bidirectional": 3}),
        ("甲\U000e0041\U000e007f乙", "甲乙", {"tag": 2}),
        ("\ufeff甲\ufeff乙", "甲乙", {"byte order mark": 2}),
        (SHY_AND_JOINERS, SHY_AND_JOINERS, {}),
        ("𠮷\ue000\ufffe\U000f0000", "𠮷\ue000\ufffe\U000f0000", {}),
        ("甲\u202e \n乙", "甲\n乙", {"bidirectional": 1}),
        ("\r\x00\n", "", {"control": 1}),
        ("", "", {}),
    ],
)
def test_worked_examples(text: str, cleaned: str, removed: dict[str, int]) -> None:
    result = clean(text)
    assert (result.text, result.removed) == (cleaned, removed)


@relaxed
@given(texts)
@example("\r\x00\n\x00 \u202e\n")
def test_clean_twice_is_clean_once(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once
    assert clean(once).removed == {}


@relaxed
@given(texts)
def test_what_is_seen_stays_in_its_order(text: str) -> None:
    assert "".join(clean(text).text.split()) == "".join(visible(text).split())


@relaxed
@given(texts)
def test_a_line_is_one_line(text: str) -> None:
    line = clean_line(text)
    assert line == " ".join(line.split()) == clean_line(line)
    assert clean(line).text == line


@pytest.mark.parametrize("text", ["", " \n\t\u3000", "\u200b\u200d", "\u0301\ufe0f", "\u00ad\u2060"])
def test_texts_that_show_nothing(text: str) -> None:
    assert shows_nothing(text)


@pytest.mark.parametrize("text", ["甲", "。", "7", " a ", "\ue000", "😀", "\U00031350"])
def test_texts_that_show_something(text: str) -> None:
    assert not shows_nothing(text)


@pytest.mark.parametrize(
    "text", [" " * 1_000_000 + "甲", "甲" + " \t" * 500_000 + "乙", "\n" * 1_000_000, " \n" * 500_000]
)
def test_a_megabyte_of_blanks_takes_no_time(text: str) -> None:
    start = time.process_time()
    clean(text)
    assert time.process_time() - start < 5
