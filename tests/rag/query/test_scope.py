"""Focus: what a question sets aside, and which of its entities it asks about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.decomposition import parts
from rag.query.entities import Entity
from rag.query.scope import asked_about, asking_clauses, asking_spans, pointed_at, without_asides

KEYS = {"湖山未来社区": 1, "湘湖未来社区": 2, "算力小镇": 3, "云栖小镇": 4, "湖山": 1}


def entities(text: str) -> list[Entity]:
    found, start = [], 0
    while start < len(text):
        name = next((name for name in KEYS if text.startswith(name, start)), None)
        if name:
            found.append(Entity(name, start, start + len(name), frozenset({KEYS[name]})))
        start += len(name) if name else 1
    return found


def names(found: list[Entity]) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("柯桥的亩均增加值涨了几倍？注意不是亩均税收", "柯桥的亩均增加值涨了几倍"),
        ("不是医药港，半山那个项目叫什么", "半山那个项目叫什么"),
        ("三江汇那458平方公里不算，湘湖三期多大", "湘湖三期多大"),
        ("问的是算力小镇、不是云栖小镇：占地多少", "问的是算力小镇 占地多少"),
        ("只问长河街道工业园，浦沿的不要：占地几亩", "只问长河街道工业园 占地几亩"),
    ],
)
def test_what_is_set_aside_is_left_out(question: str, left: str) -> None:
    assert " ".join(without_asides(question).translate(dict.fromkeys(map(ord, "，？：、"), " ")).split()) == left


@pytest.mark.parametrize(
    "question",
    [
        "不是说有补贴吗",
        "是不是产业社区",
        "占地多少",
        "不要钱的停车位有几个",
        "火炬产业社区不是省级的吗？",
        "",
        "不是医药港",
    ],
)
def test_a_question_that_sets_nothing_aside_stays(question: str) -> None:
    assert without_asides(question) == question


@given(st.text(max_size=60))
def test_places_in_the_question_stay(question: str) -> None:
    left = without_asides(question)
    assert len(left) == len(question)
    assert all(kept in (character, " ") for kept, character in zip(left, question, strict=True))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("湖山未来社区和湘湖未来社区不一样，湖山未来社区多大", ["湖山未来社区"]),
        ("不是云栖小镇，算力小镇占地多少", ["算力小镇"]),
        ("算力小镇也有园区，云栖小镇的园区叫什么", ["云栖小镇"]),
        ("算力小镇和云栖小镇哪个大", ["算力小镇", "云栖小镇"]),
        ("算力小镇多大？云栖小镇多大？", ["算力小镇", "云栖小镇"]),
        ("算力小镇", ["算力小镇"]),
    ],
)
def test_the_subjects_asked_about(question: str, asked: list[str]) -> None:
    assert names(asked_about(question, entities(question))) == asked


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("算力小镇和云栖小镇不是一个,后者哪年开建", "云栖小镇哪年开建"),
        ("算力小镇和云栖小镇是两回事吧,前者占地多少", "算力小镇占地多少"),
        ("算力小镇和某个园在两个区,前者占地多少", "算力小镇占地多少"),
        ("某个园和算力小镇在两个区,后者占地多少", "算力小镇占地多少"),
    ],
)
def test_the_former_and_the_latter(question: str, asked: str) -> None:
    assert [part.text for part in parts(question, entities(question))] == [asked]


def test_a_pointer_to_an_unknown_name_points_at_nothing() -> None:
    question = "某个园和算力小镇在两个区,前者占地多少"
    assert pointed_at(question, entities(question)) is None


def test_clauses_that_ask_nothing_fall_away_where_the_subject_is_named_again() -> None:
    question = "湖山未来社区和湘湖未来社区不一样,湖山的位置在哪"
    again = entities(question)[-1]
    assert asking_clauses(question, again).strip(" ,") == "湖山的位置在哪"
    first = entities(question)[0]
    assert asking_clauses(question, first) == question


def test_a_question_that_asks_two_things_has_two_parts() -> None:
    question = "算力小镇占地多少亩,由谁运营"
    first, second = parts(question, entities(question))
    assert (first.text, second.text) == ("算力小镇占地多少亩", "算力小镇 由谁运营")
    assert not first.alone
    assert not second.alone


def test_a_clause_that_tells_nothing_is_no_part() -> None:
    question = "上海有算力小镇吗,谁"
    assert parts(question, entities(question)) == []


def test_each_subject_with_a_question_of_its_own_is_looked_for_alone() -> None:
    question = "算力小镇哪天开园?云栖小镇又有多少企业"
    first, second = parts(question, entities(question))
    assert (first.entity, first.alone) == (entities(question)[0], True)
    assert (second.entity, second.alone) == (entities(question)[1], True)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("算力小镇占地多大、由谁运营", ["算力小镇占地多大", "由谁运营"]),
        ("运营方是谁和占地多少", ["运营方是谁", "占地多少"]),
        ("算力小镇和云栖小镇哪个大", ["算力小镇和云栖小镇哪个大"]),
        ("嵌入小镇型、融入园区型各是什么", ["嵌入小镇型、融入园区型各是什么"]),
    ],
)
def test_questions_joined_in_one_clause_are_told_apart(question: str, asked: list[str]) -> None:
    assert [question[slice(*span)] for span in asking_spans(question)] == asked
