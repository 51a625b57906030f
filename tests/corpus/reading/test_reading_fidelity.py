"""Fidelity: of files made by other programs every character is kept, in order, and every offset is true."""

from pathlib import Path

import pytest
from support_fidelity import (
    SAMPLES,
    TITLE,
    WRITTEN,
    Sample,
    kept_share,
    printed_by_chromium,
    squeezed,
    told,
    true_offsets,
)

from corpus.document import Document
from corpus.passage import split
from corpus.reading import read


def check(sample: Sample, document: Document) -> None:
    """Every character, in order; sections and passages slice the text and hold all of it but the headings."""
    wanted, found = told(sample, document)
    assert found == wanted
    true, all_of_them = true_offsets(document)
    assert true == all_of_them > 0
    covered = "".join(passage.text for passage in split(document))
    headings = "".join(section.path[-1] for section in document.sections if section.path)
    assert len(squeezed(covered + headings)) >= len(squeezed(document.text).removeprefix(squeezed(TITLE)))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_character_is_kept_in_order(sample: Sample) -> None:
    if sample.name == "reportlab.pdf":
        pytest.importorskip("reportlab", reason="reportlab writes the file")
    if sample.name == "python-docx.docx":
        pytest.importorskip("docx", reason="python-docx writes the file")
    (one,) = read(sample.make(), name=sample.name).documents
    check(sample, one)


def test_pages_and_furniture_of_a_printed_file() -> None:
    reading = read((WRITTEN / "pages.pdf").read_bytes(), name="pages.pdf")
    (one,) = reading.documents
    assert one.title == TITLE
    assert {passage.page for passage in split(one)} == {1, 2, 3}
    assert reading.report.dropped == ("page furniture: 某某研究院内部资料 (×3)", "page furniture: — # — (×3)")


def test_pdf_printed_by_a_browser(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="chromium prints the file")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("Debian's chromium is not installed")
    sample = printed_by_chromium(tmp_path)
    (one,) = read(sample.make(), name=sample.name).documents
    check(sample, one)
    assert one.title == TITLE
    assert len(one.pages) > 1


def test_the_share_counts_what_is_missing_and_what_is_too_much() -> None:
    assert kept_share("甲乙丙丁", "甲乙丁") == 3 / 4
    assert kept_share("甲乙丁", "甲乙丙丁") == 3 / 4
    assert kept_share("甲乙", "乙甲") == 1 / 2


def test_the_written_files_are_small() -> None:
    assert all(path.stat().st_size < 60 * 1024 for path in WRITTEN.iterdir())
