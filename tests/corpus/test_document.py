"""A document keeps its promises: a safe id, storable text, spans within the text, dates and addresses that are such."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_texts import relaxed, texts

from corpus.document import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    Attribution,
    Disagreement,
    Document,
    InvalidDocument,
    QuestionGroup,
    Section,
    Source,
    id_from_name,
    is_address,
    is_date,
    require_id,
    unique,
)
from corpus.reading import Unreadable, read

# 0123456789…: 甲园占地80.1亩。(10) 甲园有企业120家。(20)
TEXT = "甲园占地80.1亩。甲园有企业120家。"
PAPER, SITE = Source("开园", "杭州日报", date="2023-01-03"), Source("走访", "萧山网")


def document(**changes: object) -> Document:
    whole = {"id": "jia", "title": "甲园", "text": TEXT, "sections": (Section((), 0, len(TEXT)),)}
    return Document(**(whole | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("document_id", ["a", "7", "linkpark", "甲园", "a.b_c~1-d", "é1", "𠮷", "a" * 128])
def test_an_id_is_a_letter_or_digit_and_then_a_few_signs(document_id: str) -> None:
    assert require_id(document_id) == document_id


@pytest.mark.parametrize(
    "document_id", ["", "_a", "-a", ".a", "~a", "a b", "a/b", "..", "a\n", "a:1", "a\x00", "a\ud800", "“甲”", "a" * 129]
)
def test_other_ids_are_refused(document_id: str) -> None:
    with pytest.raises(InvalidDocument, match="cannot be a document id"):
        require_id(document_id)


@pytest.mark.parametrize(
    ("name", "document_id"),
    [
        ("甲园.md", "甲园"),
        ("folder/sub/甲园 概况.md", "甲园-概况"),
        ("C:\\texts\\report.v2.txt", "report.v2"),
        ("../../etc/passwd", "passwd"),
        (".md", "md"),
        ("《甲园》（2021）.txt", "甲园-2021"),
        ("…", "document-b4935894c8ce"),
    ],
)
def test_a_file_name_gives_an_id(name: str, document_id: str) -> None:
    assert id_from_name(name) == document_id


@relaxed
@given(st.text(alphabet=st.characters()))
def test_every_file_name_gives_an_id(name: str) -> None:
    assert require_id(id_from_name(name))


@pytest.mark.parametrize("text", ["2021", "2021-02", "2021-02-28", "2024-02-29"])
def test_dates(text: str) -> None:
    assert is_date(text)
    assert Source("题", date=text).date == text


@pytest.mark.parametrize(
    "text", ["21", "2021-2", "2021-13", "2021-02-30", "2023-02-29", "２０２１", "2021-02-28\n", "2021/1"]
)
def test_other_dates_are_refused(text: str) -> None:
    assert not is_date(text)
    with pytest.raises(InvalidDocument, match="is not a date"):
        Source("题", date=text)


@pytest.mark.parametrize(
    "address", ["http://a.cn", "https://a.cn:8080/路径?x=1&y=2#z", "https://例子.中国/", "http://[::1]/", "HTTP://A.CN"]
)
def test_addresses(address: str) -> None:
    assert is_address(address)
    assert Source("题", url=address).url == address


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.cn/x",
        "a.cn",
        "http://",
        "http://a@b.cn/",
        "http://u:p@b.cn/",
        "http://a b.cn/",
        "http://a.cn/\n",
        "http://a.cn/\u202etxt",
        'http://a.cn/"onclick="x',
        "http://a.cn\\@b.cn/",
        "http://[::1",
        "http://a.cn:99999/",
        "http://a.cn/" + "x" * LONGEST_ADDRESS,
    ],
)
def test_other_addresses_are_refused_and_not_repeated(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(InvalidDocument) as refused:
        Source("题", url=address)
    assert address not in str(refused.value)


@pytest.mark.parametrize("name", ["title", "publisher", "author", "date_note"])
def test_a_source_is_made_of_short_storable_texts(name: str) -> None:
    for wrong in ("\ud800", "\x00", "长" * (LONGEST_NAME + 1)):
        with pytest.raises(InvalidDocument, match=f"source {name}"):
            Source(**({"title": "题"} | {name: wrong}))
    assert Source(**({"title": "题"} | {name: "长" * LONGEST_NAME}))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "甲\ud800"},
        {"text": TEXT + "\udfff"},
        {"text": TEXT + "\x00"},
        {"kind": "\ud800"},
        {"aliases": ("甲", "\ud83d")},
        {"districts": ("\x00",)},
        {"related": ("\ud800",)},
        {"disagreements": (Disagreement("\ud800", ((0, 10), (10, 20))),)},
        {"title": "长" * (LONGEST_NAME + 1)},
        {"aliases": ("长" * (LONGEST_NAME + 1),)},
        {"text": " \n\t\u3000"},
        {"sections": (Section((), 10, 20), Section((), 0, 10))},
        {"sections": (Section((), 0, 12), Section((), 10, 20))},
        {"sections": (Section((), 0, len(TEXT) + 1),)},
        {"sections": (Section((), 5, 4),)},
        {"attributions": (Attribution(0, 10, ("nobody",)),)},
        {"attributions": (Attribution(-1, 10, ()),)},
        {"attributions": (Attribution(5, 5, ()),)},
        {"attributions": (Attribution(0, len(TEXT) + 1, ()),)},
        {"disagreements": (Disagreement("企业数", ((0, 10), (10, 99))),)},
        {"asked": (QuestionGroup(0, 10, ("\ud800",)),)},
        {"asked": (QuestionGroup(0, 99, ("甲？",)),)},
        {"asked": (QuestionGroup(10, 20, ("乙？",)), QuestionGroup(0, 10, ("甲？",)))},
        {"pages": (0, 9, 4)},
        {"pages": (0, 99)},
        {"id": "a b"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_cannot_be_kept_is_refused_with_its_place(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidDocument):
        document(**changes)


@pytest.mark.parametrize(("character", "what"), [("\x00", "a NUL character"), ("\udc00", "half of a surrogate pair")])
def test_what_cannot_be_stored_is_named(character: str, what: str) -> None:
    with pytest.raises(InvalidDocument, match=f"jia: the text holds {what}"):
        document(text=TEXT + character)


def test_sources_of_a_span_are_those_of_the_statements_that_it_touches() -> None:
    told = document(
        sources={"paper": PAPER, "site": SITE},
        attributions=(Attribution(0, 10, ("paper",)), Attribution(10, 20, ("paper", "site"))),
    )
    assert told.text[0:10] == "甲园占地80.1亩。"
    assert told.sources_of(0, 10) == (PAPER,)
    assert told.sources_of(10, 20) == (PAPER, SITE)
    assert told.sources_of(9, 11) == (PAPER, SITE)
    assert told.sources_of(4, 4 + 1) == (PAPER,)


def test_a_document_that_attributes_nothing_stands_behind_its_sources_as_a_whole() -> None:
    assert document(sources={"paper": PAPER, "site": SITE}).sources_of(3, 4) == (PAPER, SITE)
    assert document().sources_of(3, 4) == ()


def test_an_unattributed_statement_has_no_source() -> None:
    told = document(sources={"paper": PAPER}, attributions=(Attribution(0, 10, ("paper",)),))
    assert told.sources_of(10, 20) == ()


@pytest.mark.parametrize(
    ("start", "end", "questions"),
    [(0, 10, ("甲？", "多大？")), (9, 11, ("甲？", "多大？", "几家？")), (10, 20, ("几家？", "多大？")), (20, 21, ())],
)
def test_similar_questions_are_those_of_the_paragraphs_that_a_span_touches(
    start: int, end: int, questions: tuple[str, ...]
) -> None:
    asked = (QuestionGroup(0, 10, ("甲？", "多大？")), QuestionGroup(10, 20, ("几家？", "多大？")))
    assert document(asked=asked).asked_of(start, end) == questions


@pytest.mark.parametrize(("offset", "page"), [(0, 1), (9, 1), (10, 2), (19, 2)])
def test_pages_count_from_one(offset: int, page: int) -> None:
    assert document(pages=(0, 10)).page_of(offset) == page
    assert document().page_of(offset) is None


def test_the_content_hash_covers_everything_but_the_id() -> None:
    one = document()
    assert one.content_hash == document(id="yi").content_hash
    others = [
        document(title="乙园"),
        document(text=TEXT + "。"),
        document(aliases=("甲",)),
        document(sources={"paper": PAPER}),
        document(sections=(Section(("概况",), 0, len(TEXT)),)),
        document(related=("yi",)),
        document(parent="yi"),
        document(pages=(0,)),
        document(asked=(QuestionGroup(0, 10, ("甲？",)),)),
    ]
    assert len({one.content_hash, *(other.content_hash for other in others)}) == len(others) + 1
    assert replace(one).content_hash == one.content_hash


@relaxed
@given(texts)
def test_a_record_gives_the_same_document_back(text: str) -> None:
    try:
        (first, *_) = read(text.encode(), "x", media_type="text/markdown").documents
    except (InvalidDocument, Unreadable):
        return
    again = Document.from_record(json.loads(json.dumps(first.to_record())))
    assert again == first
    assert again.content_hash == first.content_hash


def test_unique_keeps_the_order_and_drops_what_is_empty() -> None:
    assert unique(["乙", "", "甲", "乙"]) == ("乙", "甲")
