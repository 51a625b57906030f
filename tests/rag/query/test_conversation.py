"""Follow-up questions made whole from the turns before them, without an LLM."""

import pytest

from corpus.folding import fold
from corpus.lexicon import bundled_lexicon
from index.lexical.bm25 import LexicalEntry, LexicalIndex, Tokens
from index.lexical.tokeniser import Tokeniser
from index.store.catalogue import DocumentEntry
from rag.query.conversation import named, resolve
from rag.query.entities import Gazetteer
from rag.query.expansion import Thesaurus
from rag.query.follow_up import FollowUpContext

TEXTS = {
    1: "linkpark产业社区位于临安区青山湖街道，占地80.1亩，有服务中心。其中青梧区建筑面积2万平方米。",
    2: "运河万科中心位于拱墅区，由万科运营，有停车位。",
    3: "𠮷祥科技园的容积率是2.5。",
    4: "华东医药在半山街道的项目投资20亿元。",
}


def entry(key: int, title: str, *aliases: str, districts: tuple[str, ...] = ()) -> DocumentEntry:
    return DocumentEntry(
        key=key,
        id=f"d{key}",
        title=title,
        parent=None,
        origin="user",
        kind="",
        districts=districts,
        aliases=aliases,
        date="",
        characters=1,
        content_hash="",
        generation=1,
    )


def ground_of(*entries: DocumentEntry) -> FollowUpContext:
    """What these documents and the bundled lexicon hold, without an index on disk."""
    lexicon = bundled_lexicon()
    tokeniser = Tokeniser(lexicon)
    held = []
    for one in entries:
        texts = [fold(text).text for text in (one.title, TEXTS.get(one.key, ""))]
        fields = (" ".join(cut(text)) for text in texts for cut in (tokeniser.words, tokeniser.grams))
        held.append(LexicalEntry(one.key, one.id, Tokens(*fields)))
    lexical = LexicalIndex.in_memory().change([], held)
    return FollowUpContext(Gazetteer(entries), entries, lexical, tokeniser, Thesaurus(lexicon))


@pytest.fixture(scope="module")
def ground() -> FollowUpContext:
    return ground_of(
        entry(1, "linkpark产业社区", "linkpark", districts=("临安区",)),
        entry(2, "运河万科中心", districts=("拱墅区",)),
        entry(3, "𠮷祥科技园"),
        entry(4, "半山生物医药智造项目"),
    )


FIRST = ["linkpark产业社区在哪里？"]


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("那它占地多少？", "linkpark产业社区占地多少？"),
        ("它有多少企业？", "linkpark产业社区有多少企业？"),
        ("占地多少亩？", "linkpark产业社区占地多少亩？"),
        ("那么规模呢？", "linkpark产业社区规模呢？"),
        ("该产业社区由谁运营？", "linkpark产业社区由谁运营？"),
        ("这个园区里一共有多少家上市企业和高新技术企业？", "linkpark产业社区里一共有多少家上市企业和高新技术企业？"),
        ("那里有地铁吗？", "linkpark产业社区有地铁吗？"),
        ("那边有食堂吗？", "linkpark产业社区有食堂吗？"),
        ("那个园区占地多少？", "linkpark产业社区占地多少？"),
        ("那家公司是哪年成立的？", "linkpark产业社区是哪年成立的？"),
        ("它们分别是哪年建成的？", "linkpark产业社区分别是哪年建成的？"),
        ("还有，开园是哪一年？", "linkpark产业社区开园是哪一年？"),
        ("那年的产值是多少？", "linkpark产业社区那年的产值是多少？"),
        ("那条街有多长？", "linkpark产业社区那条街有多长？"),
        ("青梧区呢？", "linkpark产业社区青梧区呢？"),
        ("青梧区那边有停车位吗？", "linkpark产业社区青梧区那边有停车位吗？"),
        ("有游泳池吗？", "linkpark产业社区有游泳池吗？"),
        ("看一场戏多少钱？", "linkpark产业社区看一场戏多少钱？"),
        ("坐地铁到哪站下？", "linkpark产业社区坐地铁到哪站下？"),
        ("规划住几万人？", "linkpark产业社区规划住几万人？"),
        ("东西南北到哪几条路？", "linkpark产业社区东西南北到哪几条路？"),
        ("运营方系边个？", "linkpark产业社区运营方系边个？"),
        ("容积率呢？", "linkpark产业社区容积率呢？"),
        ("建成后它能停多少辆车？", "建成后linkpark产业社区能停多少辆车？"),
    ],
)
def test_a_question_that_leans_on_the_last_gets_its_subject(ground: FollowUpContext, question: str, whole: str) -> None:
    assert resolve(question, FIRST, ground) == whole


@pytest.mark.parametrize(
    "question",
    [
        "运河万科中心占地多少？",
        "那运河万科中心呢？",
        "Linkpark 有多少企业？",
        "杭州市的产业社区一共有多少家企业入驻？",
        "浙江省其它的特色小镇一共有多少个？",
        "华东医药在半山那个项目是哪一天破土动工的啊",
        "在半山街道的那个项目投资多少？",
        "珠穆朗玛峰的海拔是多少",
        "沃雷有多少家企业？",
        "拱墅区的产值是多少？",
        "拱墅有多少家企业？",
        "万科是哪年成立的？",
        "那万科是哪年成立的？",
        "谢谢，再见！",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(ground: FollowUpContext, question: str) -> None:
    assert resolve(question, FIRST, ground) == question


def test_the_latest_subject_counts(ground: FollowUpContext) -> None:
    turns = [*FIRST, "运河万科中心在哪个区？", "它由谁运营？"]
    assert resolve("占地多少亩？", turns, ground) == "运河万科中心占地多少亩？"


def test_without_earlier_turns_or_a_subject_in_them_nothing_changes(ground: FollowUpContext) -> None:
    assert resolve("那它占地多少？", [], ground) == "那它占地多少？"
    assert resolve("那它占地多少？", ["今天天气怎么样？"], ground) == "那它占地多少？"


def test_the_name_is_taken_as_the_user_wrote_it(ground: FollowUpContext) -> None:
    assert named("請問ＬｉｎｋＰａｒｋ產業社區在哪", ground.gazetteer) == "ＬｉｎｋＰａｒｋ產業社區"
    assert resolve("它呢？", ["請問𠮷祥科技園在哪"], ground).startswith("𠮷祥科技園")


def test_signs_of_patterns_in_a_name_are_only_signs() -> None:
    odd = ground_of(entry(1, r"甲乙丙\1科技园"))
    assert resolve("它在哪？", [r"甲乙丙\1科技园好吗？"], odd) == r"甲乙丙\1科技园在哪？"
