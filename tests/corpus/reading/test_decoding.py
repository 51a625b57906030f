"""Bytes become text in the encoding they were written in, or are refused; nothing is ever replaced."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_texts import relaxed

from corpus.reading.decoding import UndecodableText, decode

SIMPLIFIED = "某社区占地80.1亩，集孵化、研发、生产与配套于一体。"
TRADITIONAL = "某社區佔地80.1畝，集孵化、研發、生產與配套於一體。"
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
KANA = "これは日本語の文章です。東京都の人口は約1400万人です。"


@pytest.mark.parametrize(
    ("text", "written", "encoding"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED + "𠮷", "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gbk", "gb18030"),
        ("滨江区、萧山区、余杭区", "gbk", "gb18030"),
        ("the park 占地80.1亩", "gbk", "gb18030"),
        ("plain ASCII", "ascii", "utf-8"),
        ("𠮷\ufffe\ue000", "utf-8", "utf-8"),
        ("", "utf-8", "utf-8"),
    ],
)
def test_encodings(text: str, written: str, encoding: str) -> None:
    decoded = decode(text.encode(written))
    assert (decoded.text, decoded.encoding) == (text, encoding)
    assert (decoded.confidence == 1) == (encoding == "utf-8")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    decoded = decode(mark + SIMPLIFIED.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.confidence) == (SIMPLIFIED, encoding, 1)
    with pytest.raises(UndecodableText, match=f"byte order mark says {encoding}"):
        decode(mark + b"\xff\xff\xff")


@pytest.mark.parametrize(
    "raw",
    [
        SIMPLIFIED.encode()[:-1],
        SIMPLIFIED.encode("utf-16-le"),
        KANA.encode("shift_jis"),
        KANA.encode("euc_jp"),
        "안녕하세요 산업단지".encode("euc_kr"),
        "Café à Zürich, naïve".encode("latin-1"),
        "Привет, это текст".encode("cp1251"),
        b"MZ\x90\x00\x03\x00",
        bytes(range(1, 256)),
        b"\xed\xa0\x80",  # half a surrogate pair, written as if it were a character
    ],
)
def test_what_cannot_be_read_surely_is_refused(raw: bytes) -> None:
    with pytest.raises(UndecodableText):
        decode(raw)


@relaxed
@given(st.binary())
def test_nothing_is_replaced(raw: bytes) -> None:
    try:
        decoded = decode(raw)
    except UndecodableText:
        return
    bare = next((raw[len(mark) :] for mark in MARKS if raw.startswith(mark)), raw)
    assert decoded.encoding == "big5" or decoded.text.encode(decoded.encoding) == bare


@relaxed
@given(st.text())
def test_utf8_comes_back(text: str) -> None:
    if "\x00" not in text:
        assert decode(text.encode()).text == text.removeprefix("\ufeff")
