"""Other wordings of a question: the longest at each place, none inside names or numbers, in linear time."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.folding import fold
from corpus.lexicon import Lexicon, bundled_lexicon, make_lexicon
from rag.query.expansion import Kin, OtherWording, Thesaurus, kin_of

THESAURUS = Thesaurus(
    make_lexicon(
        [],
        [
            ["健身", "健身房", "锻炼"],
            ["占地", "多大"],
            ["面积", "多大"],
            ["企业", "公司"],
            ["上市企业", "上市公司", "股票上市"],
            ["每年", "1年"],
            ["新型用地", "m0"],
        ],
    )
)


def test_the_longest_member_wins_and_members_do_not_overlap() -> None:
    assert THESAURUS.wordings("健身房和上市公司") == [
        OtherWording("健身房", 0, 3, ("健身", "锻炼")),
        OtherWording("上市公司", 4, 8, ("上市企业", "股票上市")),
    ]


def test_a_member_of_two_groups_brings_both() -> None:
    assert THESAURUS.wordings("有多大")[0].others == ("占地", "面积")


def test_nothing_inside_a_name_is_reworded() -> None:
    question = "企业债公司的企业"
    assert [w.start for w in THESAURUS.wordings(question, [(0, 3)])] == [3, 6]
    assert [w.start for w in THESAURUS.wordings(question, [(1, 4)])] == [6]  # 企业 and 公司 touch the name
    assert THESAURUS.wordings(question, [(0, 99)]) == []


def test_no_number_and_no_latin_word_is_cut() -> None:
    assert THESAURUS.wordings("2021年") == []
    assert THESAURUS.wordings("m03") == []
    assert THESAURUS.wordings("3.1年") == []
    assert [w.text for w in THESAURUS.wordings("什么是m0.")] == ["m0"]
    assert [w.text for w in THESAURUS.wordings("m0地1年")] == ["m0", "1年"]


def test_in_tokens_a_wording_keeps_what_the_question_says_of_it() -> None:
    """Here every character is a token; 大 of 有多大 was taken out of the question as an asking word."""
    found = THESAURUS.wordings("健身房有多大")
    assert kin_of(found, frozenset("身房有"), frozenset) == [
        Kin(frozenset("身房"), (frozenset("健身"), frozenset("锻炼"))),
    ]


def test_without_groups_there_is_nothing() -> None:
    assert Thesaurus(Lexicon(())).wordings("健身房有多大") == []
    assert THESAURUS.wordings("") == []


@pytest.mark.parametrize(
    ("question", "official"),
    [
        ("园区里能锻炼的地方", "健身房"),
        ("那边的房租贵不贵", "租金"),
        ("万向社区地盘有多少", "占地"),
        ("谁在管那个园子", "运营方"),
        ("砸钱最多的是谁", "投资"),
        ("哪年奠基的", "开工"),
        ("上班的人有多少", "员工"),
    ],
)
def test_everyday_questions_reach_the_documents_word(question: str, official: str) -> None:
    wordings = Thesaurus(bundled_lexicon()).wordings(fold(question).text)
    assert official in {other for wording in wordings for other in wording.others}


@given(st.text(st.sampled_from("健身房多大占地企业公司上市12年m0 ，")), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_wordings_are_disjoint_slices_in_order(question: str, name: tuple[int, int]) -> None:
    found = THESAURUS.wordings(question, [name])
    assert all(question[one.start : one.end] == one.text and one.others for one in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(one.end <= name[0] or one.start >= name[1] for one in found if name[0] < name[1])


def test_the_number_of_groups_does_not_slow_a_question_down() -> None:
    question = "园区里有多大的健身房给上班的人锻炼" * 20
    many = [[f"甲{chr(0x4E00 + i)}乙{chr(0x4E00 + j)}", f"丙{chr(0x4E00 + i)}"] for i in range(200) for j in range(100)]
    small, large = (Thesaurus(Lexicon((), tuple(map(tuple, some)))) for some in (many[:100], many))
    assert _seconds(large, question) < 5 * _seconds(small, question) + 0.005


def _seconds(thesaurus: Thesaurus, question: str) -> float:
    """The best of five."""
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        thesaurus.wordings(question)
        spent.append(time.perf_counter() - start)
    return min(spent)
