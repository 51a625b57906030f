"""Facts about the bundled knowledge base: counts, names, sources, and chosen statements word for word."""

from collections import Counter

import pytest

from corpus.bundled import bundled_documents, bundled_texts
from corpus.checking import check
from corpus.document import Document
from corpus.folding import fold
from corpus.passage import split
from corpus.sentences import LONGEST, sentence_spans

SHARED_NAMES: frozenset[str] = frozenset()  # folded names that two documents may bear


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    listed = list(bundled_documents())
    assert [document.id for document in listed] == sorted((one.id for one in listed), key="{}.md".format)
    return {document.id: document for document in listed}


def test_there_are_146_documents(documents: dict[str, Document]) -> None:
    assert len(documents) == 146
    assert set(documents) == set(bundled_texts())
    assert next(iter(documents)) == "baimahu"
    assert list(documents)[-1] == "zj-xiaowei-yuan"


def test_kinds(documents: dict[str, Document]) -> None:
    assert Counter(document.kind for document in documents.values()) == {
        "case": 39,
        "park": 22,
        "town": 20,
        "policy": 18,
        "concept": 17,
        "community": 16,
        "city": 9,
        "operator": 5,
    }


def test_the_checks_find_nothing(documents: dict[str, Document]) -> None:
    assert check(documents.values(), bundled_texts()) == []


def test_every_sentence_has_its_sources(documents: dict[str, Document]) -> None:
    sentences = 0
    for document in documents.values():
        for section in document.sections:
            for start, end in sentence_spans(document.text[section.start : section.end]):
                sentences += 1
                assert document.sources_of(section.start + start, section.start + end)
    assert sentences == sum(len(document.attributions) for document in documents.values()) > 1100


def test_an_attribution_is_one_whole_sentence(documents: dict[str, Document]) -> None:
    for document in documents.values():
        spans = set(sentence_spans(document.text))
        assert {(one.start, one.end) for one in document.attributions} <= spans


def test_every_source_is_used_and_can_be_visited(documents: dict[str, Document]) -> None:
    for document in documents.values():
        used = {key for one in document.attributions for key in one.sources}
        assert used == set(document.sources)
        assert all(source.title and source.publisher for source in document.sources.values())
        assert all(source.url.startswith(("http://", "https://")) for source in document.sources.values())


def test_statements_that_disagree_stand_in_one_document_with_different_words(documents: dict[str, Document]) -> None:
    groups = [(document, one) for document in documents.values() for one in document.disagreements]
    assert len(groups) == 21
    for document, group in groups:
        said = {document.text[start:end] for start, end in group.spans}
        assert len(said) == len(group.spans) >= 2
        assert all(document.sources_of(*span) for span in group.spans)


def test_similar_questions_are_never_a_part_of_the_text(documents: dict[str, Document]) -> None:
    questions = [question for document in documents.values() for one in document.asked for question in one.questions]
    assert len(questions) > 8000
    for document in documents.values():
        assert document.asked
        assert "相似问" not in document.text
        assert all(document.text[one.start : one.end].endswith("。") for one in document.asked)


@pytest.mark.parametrize(
    ("document_id", "asking", "said"),
    [
        ("yuhuangshannan", "玉皇山南 累计税收", "累计税收超过200亿元"),
        ("mengxiang-xiaozhen", "先锋营拿了优胜有啥奖励", "最高100万元的风险池贷款"),
        ("yunqi-xiaozhen", "云栖小镇2016年3月底入驻数", "截至3月底入驻企业有360多家"),
        ("linkpark", "启尔机电在哪个园区", "已聚集启尔机电"),
        ("qiantang-gysl", "沃镭工业园的货梯能吊多重", "货梯承重8吨"),
    ],
)
def test_a_similar_question_stands_by_the_paragraph_that_answers_it(
    documents: dict[str, Document], document_id: str, asking: str, said: str
) -> None:
    document = documents[document_id]
    (place,) = [one for one in document.asked if asking in one.questions]
    assert said in document.text[place.start : place.end]


def test_related_documents_exist(documents: dict[str, Document]) -> None:
    for document in documents.values():
        assert document.related
        assert set(document.related) <= set(documents) - {document.id}


def test_no_name_is_borne_by_two_documents(documents: dict[str, Document]) -> None:
    bearers: dict[str, set[str]] = {}
    for document in documents.values():
        for name in (document.title, *document.aliases):
            bearers.setdefault(fold(name).text, set()).add(document.id)
    assert {name for name, ids in bearers.items() if len(ids) > 1} <= SHARED_NAMES


def test_passages_are_exact_and_short(documents: dict[str, Document]) -> None:
    for document in documents.values():
        for passage in split(document):
            assert document.text[passage.start : passage.end] == passage.text
            assert len(passage.text) <= LONGEST
            assert passage.section


@pytest.mark.parametrize(
    ("document_id", "statement", "title"),
    [
        (
            "baimahu",
            "白马湖生态创意城是滨江区的文化创意园区，2017年10月获得首批国家级文化产业示范园区创建资格，"
            "2020年12月25日被正式命名为国家级文化产业示范园区。",
            "白马湖生态创意城词条",
        ),
        (
            "linkpark",
            "linkpark产业社区的占地面积为80.1亩，孵化、研发、生产和配套都安排在同一空间内。",
            "杭州打造产业社区的实践探索及对策建议",
        ),
        (
            "chanye-shequ",
            "杭州的产业社区分为嵌入小镇型、小微园区提升型、融入园区型三类。",
            "杭州打造产业社区的实践探索及对策建议",
        ),
        ("mengchuang-shequ", "梦创社区面积1.4平方公里，内有62个园区、95幢楼宇。", "梦创社区：零户籍产业社区报道"),
        (
            "yunhe-wanke",
            "运河万科中心保留了汽车销售4S店，并围绕汽车布局了电商、共享出行、金融和后市场四大产业。",
            "杭州打造产业社区的实践探索及对策建议",
        ),
        (
            "qiantang-linli",
            "临江产业邻里中心是钱塘区临江街道纬五路上面向产业工人的住宿与生活配套项目，总投资约11亿元，"
            "共有3016套精装公寓，2025年4月前投用。",
            "3016套精装公寓暖人心 托起产业工人“安居梦”",
        ),
        (
            "zj-xiaowei-yuan",
            "浙江小微企业园的运行数据，要由运营管理机构通过数字化管理平台园区端及时报送。",
            "关于公布第九批审核认定小微企业园名单的通知",
        ),
    ],
)
def test_chosen_statements(documents: dict[str, Document], document_id: str, statement: str, title: str) -> None:
    document = documents[document_id]
    start = document.text.index(statement)
    assert (start, start + len(statement)) in {(one.start, one.end) for one in document.attributions}
    assert [source.title for source in document.sources_of(start, start + len(statement))] == [title]


def test_a_chosen_disagreement(documents: dict[str, Document]) -> None:
    document = documents["mengchuang-shequ"]
    (group,) = [one for one in document.disagreements if one.topic == "梦创社区企业数"]
    said = [document.text[start:end] for start, end in group.spans]
    assert ["8000家" in said[0], "6000多家" in said[1]] == [True, True]
