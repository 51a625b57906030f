"""Comparisons: the question is asked of each entity alone, and each one's best passage comes first."""

from dataclasses import dataclass

from rag.query.decomposition import before_parts, merged, parts
from rag.query.entities import Entity


@dataclass(frozen=True)
class Found:
    row: int
    place: float
    relevance: float = 0.0


def entity(name: str, start: int, *documents: int) -> Entity:
    return Entity(name, start, start + len(name), frozenset(documents))


def test_each_part_leaves_out_the_other_subject() -> None:
    folded = "甲小镇和乙社区哪个大"
    found = parts(folded, [entity("甲小镇", 0, 1), entity("乙社区", 4, 2)])
    assert [part.text for part in found] == ["甲小镇    哪个大", "    乙社区哪个大"]


def test_one_subject_or_two_names_of_one_subject_are_no_comparison() -> None:
    assert parts("甲小镇", [entity("甲小镇", 0, 1)]) == []
    assert parts("甲小镇和甲街", [entity("甲小镇", 0, 1), entity("甲街", 4, 1)]) == []


def test_a_name_before_another_says_whose_it_is() -> None:
    assert parts("甲小镇的乙场景是什么", [entity("甲小镇", 0, 1), entity("乙场景", 4, 2)]) == []
    assert parts("甲小镇乙场景是什么", [entity("甲小镇", 0, 1), entity("乙场景", 3, 2)]) == []
    assert len(parts("甲小镇 乙社区 面积", [entity("甲小镇", 0, 1), entity("乙社区", 4, 2)])) == 2


def test_a_long_list_is_searched_as_a_whole() -> None:
    assert parts("甲乙丙丁戊", [entity(name, at, at) for at, name in enumerate("甲乙丙丁戊")]) == []


def test_subjects_take_turns_best_first_and_every_passage_stands_once() -> None:
    first, second = [Found(1, 0.5), Found(2, 0.4)], [Found(3, 0.9)]
    order = merged([first, second], [Found(2, 0.8), Found(4, 0.7)])
    assert [one.row for one in order] == [3, 1, 2, 4]


def test_a_sentence_that_one_passage_says_as_a_whole_is_no_comparison() -> None:
    of_parts, whole = [[Found(1, 0.5, 0.5)], [Found(3, 0.9, 0.9)]], [Found(4, 0.1, 0.95), Found(2, 0.0, 0.94)]
    assert before_parts("甲小镇和乙社区都在城北。", of_parts, whole) == whole[:1]
    assert before_parts("甲小镇和乙社区哪个大", of_parts, whole) == []
    assert before_parts("甲小镇和乙社区都在城北。", [[Found(1, 0.5, 0.96)]], whole) == []


def test_a_sentence_that_tells_of_the_former_and_the_latter_is_searched_as_a_whole() -> None:
    told = "甲小镇和乙社区不同：前者在城北，后者在城南。"
    assert all(part.text.strip() for part in parts(told, [entity("甲小镇", 0, 1), entity("乙社区", 4, 2)]))


def test_a_long_story_before_the_question_is_left_out() -> None:
    story = "我有一家四十几个人的厂,去年搬来,房租很贵,朋友说那边不错," * 3
    folded = story + "甲小镇占地多少亩"
    (part,) = parts(folded, [entity("甲小镇", len(story), 1)])
    assert part.text == "甲小镇占地多少亩"
    assert parts("据说不错,甲小镇占地多少亩", [entity("甲小镇", 5, 1)]) == []
