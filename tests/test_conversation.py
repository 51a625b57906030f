"""Follow-up questions made whole from the turns before them, without an LLM."""

import pytest

from index.catalogue import DocumentEntry
from rag.conversation import named, resolve
from rag.subjects import Subjects


def entry(key: int, title: str, *aliases: str) -> DocumentEntry:
    return DocumentEntry(
        key=key,
        id=f"d{key}",
        title=title,
        parent=None,
        origin="user",
        kind="",
        districts=(),
        aliases=aliases,
        date="",
        characters=1,
        content_hash="",
        generation=1,
    )


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects([entry(1, "linkpark产业社区", "linkpark"), entry(2, "运河万科中心"), entry(3, "𠮷祥科技园")])


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
    ],
)
def test_a_question_that_leans_on_the_last_gets_its_subject(subjects: Subjects, question: str, whole: str) -> None:
    assert resolve(question, FIRST, subjects) == whole


@pytest.mark.parametrize(
    "question",
    [
        "运河万科中心占地多少？",
        "那运河万科中心呢？",
        "Linkpark 有多少企业？",
        "杭州市的产业社区一共有多少家企业入驻？",
        "浙江省其它的特色小镇一共有多少个？",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(subjects: Subjects, question: str) -> None:
    assert resolve(question, FIRST, subjects) == question


def test_the_latest_subject_counts(subjects: Subjects) -> None:
    turns = [*FIRST, "运河万科中心在哪个区？", "它由谁运营？"]
    assert resolve("占地多少亩？", turns, subjects) == "运河万科中心占地多少亩？"


def test_without_earlier_turns_or_a_subject_in_them_nothing_changes(subjects: Subjects) -> None:
    assert resolve("那它占地多少？", [], subjects) == "那它占地多少？"
    assert resolve("那它占地多少？", ["今天天气怎么样？"], subjects) == "那它占地多少？"


def test_the_name_is_taken_as_the_user_wrote_it(subjects: Subjects) -> None:
    assert named("請問ＬｉｎｋＰａｒｋ產業社區在哪", subjects) == "ＬｉｎｋＰａｒｋ產業社區"
    assert resolve("它呢？", ["請問𠮷祥科技園在哪"], subjects).startswith("𠮷祥科技園")


def test_signs_of_patterns_in_a_name_are_only_signs() -> None:
    odd = Subjects([entry(1, r"甲乙丙\1科技园")])
    assert resolve("它在哪？", [r"甲乙丙\1科技园好吗？"], odd) == r"甲乙丙\1科技园在哪？"
