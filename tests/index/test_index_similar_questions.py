"""Similar questions beside the documents: they lead where they should, last as they should, and are never quoted."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_index import WordEncoder, document_of, open_index, to_format_2

from corpus.document import Document, Section
from corpus.document import QuestionGroup as Written
from corpus.passage import split
from index import building
from index.errors import IndexUnusable
from index.lexical.tokeniser import Tokeniser
from index.passage_index import CATALOGUE, PassageIndex
from index.store import schema
from index.store.catalogue import Catalogue
from index.store.similar_questions import (
    LONGEST,
    MOST,
    MOST_PASSAGES,
    Place,
    SimilarQuestionRefused,
    clean_question,
    key_of,
    make_similar_question,
    spans_of,
)
from rag.content import similar_questions
from rag.content.similar_questions import NoSuchDocument
from rag.service import Service

AREA, GYM = "云台园占地300亩，位于西湖区。", "云台园的邻里中心设有健身房和餐厅。"


def two_sections(area: str = AREA, gym: str = GYM, heading: str = "配套", document_id: str = "yuntai") -> Document:
    """概况, then a section under the heading; each is one passage."""
    text = f"概况\n\n{area}\n\n{heading}\n\n{gym}"
    second = text.index(gym)
    sections = (Section(("概况",), 4, 4 + len(area)), Section((heading,), second, len(text)))
    return Document(document_id, "云台园", text, sections)


@pytest.fixture
def held(quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser) -> Iterator[PassageIndex]:
    with closing(open_index(quick_path, word_encoder, small_tokeniser)) as index:
        index.put([two_sections(), document_of("other", "别的文档说别的事。")])
        yield index


def asked(index: PassageIndex, document_id: str = "yuntai") -> list[tuple[str, ...]]:
    """Similar questions of each passage of a document, in order."""
    rows = index.snapshot.rows[index.snapshot.documents[document_id].key]
    return [found.passage.asked for _, found in sorted(index.passages(rows).items())]


def states(index: PassageIndex, document_id: str = "yuntai") -> list[str]:
    return [one.state for one in similar_questions.shown(index, index.snapshot, document_id)]


def refusal(index: PassageIndex, text: str, place: Place = (), document_id: str = "yuntai") -> str:
    with pytest.raises(SimilarQuestionRefused) as refused:
        similar_questions.add(index, document_id, text, place)
    return refused.value.reason


def test_a_question_that_failed_is_answered_at_once_and_no_more_once_it_is_taken_back(own_service: Service) -> None:
    question = "那个地方谁说了算"
    before = own_service.ask(question).answer
    assert before.status == "no_answer"
    document = own_service.index.document(own_service.index.snapshot.documents["jixiang"])
    at = document.text.index("𠮷祥集团运营")
    kept, generation = similar_questions.add(own_service.index, "jixiang", question, at)
    reply = own_service.ask(question)
    assert (reply.answer.status, reply.retrieval.generation) == ("answered", generation)
    assert "𠮷祥集团运营" in reply.answer.text
    assert reply.answer.citations[0].document_id == "jixiang"
    similar_questions.remove(own_service.index, "jixiang", [kept.similar.number])
    assert own_service.ask(question).answer.relevance == before.relevance
    assert own_service.index.verify() == []


def test_one_similar_question_does_not_hide_a_passage_from_other_questions(own_service: Service) -> None:
    question = "𠮷祥产业社区占地多少亩？"
    before = own_service.ask(question).answer
    similar_questions.add(own_service.index, "jixiang", "幕后的东家是哪一位", ("概况",))
    after = own_service.ask(question).answer
    assert (before.status, after.status, after.text) == ("answered", "answered", before.text)
    assert after.relevance >= before.relevance - 0.02


def test_what_is_asked_is_never_quoted_and_never_part_of_the_text(own_service: Service) -> None:
    index = own_service.index
    before = index.document(index.snapshot.documents["jixiang"])
    question = "哪个社区有紫色的恐龙雕像"
    similar_questions.add(index, "jixiang", question, ("概况",))
    reply = own_service.ask(question)
    assert reply.answer.status == "answered"
    assert "恐龙" not in reply.answer.text
    assert not any("恐龙" in one.found.passage.text for one in reply.retrieval.evidence)
    assert index.document(index.snapshot.documents["jixiang"]) == before
    assert index.snapshot.documents["jixiang"].content_hash == before.content_hash


def test_an_offset_leads_to_one_passage_and_a_heading_path_to_all_below_it(held: PassageIndex) -> None:
    document = two_sections()
    kept, _ = similar_questions.add(held, "yuntai", "能撸铁吗", document.text.index("健身"))
    assert (kept.similar.section, kept.similar.quote) == (("配套",), GYM)
    assert [document.text[start:end] for start, end in kept.spans] == [GYM]
    similar_questions.add(held, "yuntai", "多大", ("概况",))
    similar_questions.add(held, "yuntai", "云台园啥样", ())
    assert asked(held) == [("多大", "云台园啥样"), ("能撸铁吗", "云台园啥样")]
    assert asked(held, "other") == [()]
    nested = Document("n", "n", "一句话。二句话。", (Section(("甲", "乙"), 0, 4), Section(("甲", "丙"), 4, 8)))
    assert spans_of(make_similar_question(nested, "问甲", ("甲",), []), nested) == ((0, 4), (4, 8))
    assert spans_of(make_similar_question(nested, "问丙", ("甲", "丙"), []), nested) == ((4, 8),)


def test_the_indexes_know_what_a_index_built_anew_would_know(
    held: PassageIndex, quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    similar_questions.add(held, "yuntai", "能撸铁吗", ("配套",))
    tokens = small_tokeniser.grams("撸铁")
    (found,) = held.snapshot.lexical.search(tokens, "grams", 9)
    dense = held.snapshot.dense.search(word_encoder.encode(["健身房"])[0], 9)
    held.close()
    for path in (quick_path / "derived" / "lexical").iterdir():
        path.unlink()
    with closing(open_index(quick_path, word_encoder, small_tokeniser)) as again:
        assert [hit.row for hit in again.snapshot.lexical.search(tokens, "grams", 9)] == [found.row]
        assert again.snapshot.dense.search(word_encoder.encode(["健身房"])[0], 9) == dense
        assert states(again) == ["used"]


def test_nothing_is_encoded_again_and_other_documents_keep_their_rows(
    held: PassageIndex, word_encoder: WordEncoder
) -> None:
    encoded, other = word_encoder.encoded, held.snapshot.documents["other"].key
    rows = held.snapshot.rows[other]
    similar_questions.add(held, "yuntai", "能撸铁吗", ("配套",))
    assert word_encoder.encoded == encoded
    assert held.snapshot.rows[other] == rows
    assert list(held.snapshot.documents) == ["yuntai", "other"]


def test_a_reader_beside_the_writer_knows_it_when_it_opens(
    held: PassageIndex, quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    similar_questions.add(held, "yuntai", "能撸铁吗", ("配套",))
    with closing(open_index(quick_path, word_encoder, small_tokeniser, writable=False)) as reader:
        assert asked(reader) == [(), ("能撸铁吗",)]
        assert states(reader) == ["used"]


def test_questions_go_on_while_similar_questions_come_and_go(own_service: Service) -> None:
    replies: list[str] = []
    going = threading.Event()

    def ask() -> None:
        while not going.is_set():
            replies.append(own_service.ask("𠮷祥产业社区占地多少亩？").answer.status)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(8):
        kept, _ = similar_questions.add(own_service.index, "jixiang", f"第{number}次怎么问", ())
        similar_questions.remove(own_service.index, "jixiang", [kept.similar.number])
    going.set()
    for thread in threads:
        thread.join()
    assert set(replies) == {"answered"}
    assert own_service.index.verify() == []


# Survival


@pytest.mark.parametrize(
    ("after", "state", "leads"),
    [
        (two_sections(area="前面多了一句话。" + AREA), "used", [(), ("能撸铁吗",)]),  # the sentence moved
        (two_sections(gym="如今的健身房更大了。"), "used", [(), ("能撸铁吗",)]),  # it was rewritten: its section stays
        (two_sections(heading="设施"), "used", [(), ("能撸铁吗",)]),  # its heading was renamed: the sentence stays
        (two_sections(gym="如今更大了。", heading="设施"), "orphaned", [(), ()]),
    ],
)
def test_a_record_survives_when_its_document_is_replaced(
    held: PassageIndex, after: Document, state: str, leads: list[tuple[str, ...]]
) -> None:
    similar_questions.add(held, "yuntai", "能撸铁吗", two_sections().text.index("健身"))
    held.put([after])
    assert states(held) == [state]
    assert asked(held) == leads
    assert held.verify() == []
    held.put([two_sections()])
    assert asked(held) == [(), ("能撸铁吗",)]


def test_of_a_sentence_that_occurs_twice_the_nearest_is_meant() -> None:
    document = document_of("d", "有餐厅。" + "无关的话。" * 60 + "有餐厅。")
    similar = make_similar_question(document, "哪里吃饭", len(document.text) - 2, [])
    assert spans_of(similar, document) == ((len(document.text) - 4, len(document.text)),)


def test_a_document_that_a_person_deletes_takes_its_records_along(held: PassageIndex, quick_path: Path) -> None:
    similar_questions.add(held, "yuntai", "秘密的能撸铁吗", ())
    held.remove(["yuntai"])
    assert held.snapshot.similar_questions == {}
    held.put([two_sections()])
    assert asked(held) == [(), ()]
    assert held.verify() == []
    held.close()
    assert "秘密".encode() not in b"".join(path.read_bytes() for path in quick_path.glob("catalogue*"))


def test_builds_keep_records_and_a_bundled_document_that_comes_back_finds_its_own(
    quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    def built(bundle: list[Document], encoder: WordEncoder = word_encoder) -> list[str]:
        building.build(quick_path, encoder, small_tokeniser, bundle, lambda *_: None)
        with closing(open_index(quick_path, encoder, small_tokeniser)) as index:
            assert index.verify() == []
            return states(index)

    other = document_of("other", "别的文档说别的事。")
    built([two_sections(), other])
    with closing(open_index(quick_path, word_encoder, small_tokeniser)) as index:
        similar_questions.add(index, "yuntai", "能撸铁吗", ("配套",))
    assert built([two_sections(area=AREA + "新的一句。"), other]) == ["used"]
    assert built([other]) == ["orphaned"]
    assert built([two_sections(), other]) == ["used"]
    assert built([two_sections(), other], WordEncoder("otherwise", 48)) == ["used"]


def test_the_format_before_this_one_is_brought_up_by_a_writer(
    held: PassageIndex, quick_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    held.close()
    to_format_2(quick_path)
    with pytest.raises(IndexUnusable, match="bring it up"):
        Catalogue(quick_path / CATALOGUE, writable=False)
    with closing(open_index(quick_path, word_encoder, small_tokeniser)) as index:
        similar_questions.add(index, "yuntai", "能撸铁吗", ("配套",))
        assert index.verify() == []


# Damage


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM askings", "it holds 0 askings, the last change left 1"),
        ("UPDATE askings SET text = '能打球吗'", "a row fails its checksum"),
        ("UPDATE askings SET approved = 0", "a row fails its checksum"),
    ],
)
def test_verify_finds_records_that_were_touched(
    held: PassageIndex, quick_path: Path, statement: str, found: str
) -> None:
    similar_questions.add(held, "yuntai", "能撸铁吗", ("配套",))
    with closing(sqlite3.connect(quick_path / CATALOGUE)) as raw, raw:
        raw.execute(statement)
    assert any(found in problem for problem in held.verify())


def test_verify_finds_passages_that_are_asked_for_otherwise(held: PassageIndex, quick_path: Path) -> None:
    similar_questions.add(held, "yuntai", "能撸铁吗", ("配套",))
    (record,) = held.snapshot.similar_questions["yuntai"]
    row = (record.number, "yuntai", record.text, '["概况"]', record.quote, record.start, record.origin, 1)
    with closing(sqlite3.connect(quick_path / CATALOGUE)) as raw, raw:
        raw.execute("REPLACE INTO askings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", schema.seal(row))
    assert sum("not asked for" in problem for problem in held.verify()) == 2


# Refusals


def test_the_same_in_another_spelling_is_refused_where_it_leads_already(held: PassageIndex) -> None:
    similar_questions.add(held, "yuntai", "能健身嗎", ("配套",))
    assert refusal(held, "能健身吗？", ("配套",)) == "duplicate"
    assert refusal(held, " 能 健身吗", ()) == "duplicate"
    similar_questions.add(held, "yuntai", "能健身吗", ("概况",))
    similar_questions.add(held, "other", "能健身吗", ())
    written = document_of("w", "有健身房。", asked=(Written(0, 5, ("能健身吗",)),))
    held.put([written])
    assert refusal(held, "能健身嗎", (), "w") == "duplicate"
    assert held.snapshot.similar_questions.keys() == {"yuntai", "other"}


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", (), "text"),
        ("？！。", (), "text"),
        ("能健身\u200b吗", (), "text"),
        ("能健身\x00吗", (), "text"),
        ("能\ud800吗", (), "text"),
        ("问" * (LONGEST + 1), (), "too_long"),
        ("能健身吗", 10_000, "offset"),
        ("能健身吗", 0, "offset"),  # a heading
        ("能健身吗", ("不存在",), "section"),
        ("能健身吗", ("概况", "更深"), "section"),
    ],
)
def test_what_cannot_be_added(held: PassageIndex, text: str, place: Place, reason: str) -> None:
    generation = held.snapshot.generation
    assert refusal(held, text, place) == reason
    assert held.snapshot.generation == generation


def test_bounds(held: PassageIndex) -> None:
    held.put([document_of("long", "\n\n".join("这一段说的是很长的事情。" * 9 for _ in range(MOST_PASSAGES + 1)))])
    assert refusal(held, "能健身吗", (), "long") == "too_wide"
    similar_questions.add(held, "long", "能健身吗", 0)
    drafts = [similar_questions.Drafted(f"第{number}个问法", ()) for number in range(MOST + 3)]
    added = similar_questions.add_all(held, "yuntai", drafts, "operator")
    assert (len(added.kept), [one.reason for one in added.refused]) == (MOST, ["too_many"] * 3)
    with pytest.raises(NoSuchDocument):
        similar_questions.add(held, "nowhere", "能健身吗", ())


@given(st.text(max_size=60))
def test_cleaning_is_done_once_and_leaves_nothing_unseen(text: str) -> None:
    try:
        cleaned = clean_question(text)
    except SimilarQuestionRefused:
        return
    assert clean_question(cleaned) == cleaned
    assert cleaned.isprintable()
    assert key_of(cleaned)


@given(st.integers(0, 400), st.sampled_from(["", "前面多一句。", "前面多了整整两句话。再一句。"]))
def test_every_offset_leads_to_its_passage_or_is_refused(at: int, before: str) -> None:
    document = two_sections(area=AREA * 9)
    holding = [passage for passage in split(document) if passage.start <= at < passage.end]
    try:
        similar = make_similar_question(document, "随便问问", at, [])
    except SimilarQuestionRefused:
        assert not holding
        return
    ((start, end),) = spans_of(similar, document)
    assert holding[0].start <= start < end <= holding[0].end
    later = two_sections(area=before + AREA * 9)
    ((start, end),) = spans_of(similar, later)
    assert later.text[start:end] == similar.quote


# Proposals


def test_a_proposal_does_nothing_until_it_is_approved(held: PassageIndex) -> None:
    rows = held.snapshot.rows
    added = similar_questions.add_all(held, "yuntai", [similar_questions.Drafted("能撸铁吗", ("配套",))], "llm")
    assert held.snapshot.rows == rows
    assert (states(held), asked(held)) == (["proposed"], [(), ()])
    assert held.verify() == []
    approved, generation = similar_questions.approve(held, "yuntai", added.kept[0].similar.number)
    assert approved
    assert (approved.state, approved.similar.origin) == ("used", "llm")
    assert asked(held) == [(), ("能撸铁吗",)]
    assert similar_questions.approve(held, "yuntai", added.kept[0].similar.number)[1] == generation
    assert similar_questions.approve(held, "yuntai", 99)[0] is None
    assert held.verify() == []
