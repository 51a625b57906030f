"""EPUB: chapters in the order of the spine, with the book's own names for them."""

import pytest
from support_formats import epub_of

from corpus.reading import Unreadable, read

PROSE = "<p>甲园占地80.1亩，由某某公司运营。</p>"
NCX = (
    '<!DOCTYPE ncx PUBLIC "x" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>第二章 规模</text></navLabel>'
    '<content src="b.xhtml#x"/></navPoint></navMap></ncx>'
)


def test_chapters_follow_the_spine() -> None:
    chapters = {"a.xhtml": f"<h1>第一章</h1>{PROSE}", "b.xhtml": "<h1>第二章</h1><p>门禁卡补办收费二十元。</p>"}
    spine = '<itemref idref="c1"/><itemref idref="c0"/><itemref idref="c0"/>'
    reading = read(epub_of(chapters, spine=spine), name="手册.epub")
    (one,) = reading.documents
    assert [section.path for section in one.sections] == [("第二章",), ("第一章",)]
    assert one.text.count("80.1亩") == 1
    source = one.sources["document"]
    assert (one.title, source.author, source.date) == ("园区手册", "甲方", "2024-05-06")
    assert reading.report.format == "epub"


def test_a_chapter_without_a_heading_has_that_of_the_contents() -> None:
    raw = epub_of({"a.xhtml": f"<h1>前言</h1>{PROSE}", "b.xhtml": PROSE}, {"O/toc.ncx": NCX})
    assert [section.path for section in read(raw, name="a.epub").documents[0].sections] == [("前言",), ("第二章 规模",)]


def test_pages_without_text_and_chapters_that_are_missing_are_told() -> None:
    raw = epub_of({"cover.xhtml": '<img src="x.png"/>', "a.xhtml": PROSE}, spine=(
        '<itemref idref="c0"/><itemref idref="c1"/><itemref idref="nothing"/>'
    ))  # fmt: skip
    reading = read(raw, name="a.epub")
    assert reading.report.dropped == ("page without text: O/cover.xhtml",)


def test_what_is_protected_is_refused() -> None:
    rights = (
        '<encryption xmlns="x"><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    )
    with pytest.raises(Unreadable, match="digital rights management"):
        read(epub_of({"a.xhtml": PROSE}, {"META-INF/encryption.xml": rights}), name="a.epub")


def test_obfuscated_fonts_do_no_harm() -> None:
    fonts = '<encryption xmlns="x"><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></encryption>'
    assert (
        "80.1亩"
        in read(epub_of({"a.xhtml": PROSE}, {"META-INF/encryption.xml": fonts}), name="a.epub").documents[0].text
    )
