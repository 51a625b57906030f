"""The lexicon: what its files may hold, what is wrong with a line, and facts about the one that ships."""

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.bundled import bundled_documents
from corpus.folding import fold
from corpus.lexicon import LONGEST, Lexicon, LexiconInvalid, bundled_lexicon, make_lexicon, parse_lexicon
from index.lexical.tokeniser import Tokeniser

TEXTS = st.text(st.sampled_from("房租金健身占地多大m0 #，a\x07"), max_size=6)


@pytest.fixture(scope="module")
def prose() -> str:
    return "\n".join(fold(document.text).text for document in bundled_documents())


def test_words_are_folded_and_sorted_and_comments_are_left_out() -> None:
    lexicon = parse_lexicon("# names\n運河萬科\n\n产业社区 # common\n产业社区\n")
    assert lexicon.words == ("产业社区", "运河万科")
    assert lexicon.groups == ()


def test_groups_keep_their_order_and_every_member_once() -> None:
    lexicon = parse_lexicon("", "租金 房租 租金\n健身 健身房 鍛煉 # sport\n")
    assert lexicon.groups == (("租金", "房租"), ("健身", "健身房", "锻炼"))


@pytest.mark.parametrize(
    ("words", "synonyms", "message"),
    [
        ("产业社区\n园", "", "words.txt, line 2: 园 has not 2 to 24 characters"),
        ("园" * 25, "", f"words.txt, line 1: {'园' * 25} has not 2 to 24"),
        ("# x\n\nlinkpark产业社区", "", "words.txt, line 3: linkpark产业社区 holds more than Chinese characters"),
        ("九大 场景", "", "words.txt, line 1: 九大 场景 holds more"),  # folded: 9大场景
        ("", "租金 房租\n健身", "synonyms.txt, line 2: 健身 has not 2 to 50 different members"),
        ("", "租金 租金", "synonyms.txt, line 1: 租金 租金 has not 2 to 50 different"),
        ("", "租金 租", "synonyms.txt, line 1: 租 has not 2 to 24 characters"),
        ("", "租金 ——", "synonyms.txt, line 1: —— holds no letter"),
    ],
)
def test_an_error_names_file_and_line(words: str, synonyms: str, message: str) -> None:
    with pytest.raises(LexiconInvalid) as caught:
        parse_lexicon(words, synonyms)
    assert str(caught.value).startswith(message)


def test_an_error_of_entries_says_which_one() -> None:
    with pytest.raises(LexiconInvalid, match="given, group 2") as caught:
        make_lexicon(["产业社区"], [["租金", "房租"], ["租金", "\x07房租"]], "given")
    assert (caught.value.part, caught.value.number, caught.value.code) == ("synonyms", 1, "signs")
    assert "\x07" not in str(caught.value)


@given(st.lists(TEXTS, max_size=3), st.lists(st.lists(TEXTS, max_size=3), max_size=3))
def test_whatever_is_kept_is_kept_again_unchanged(words: list[str], groups: list[list[str]]) -> None:
    try:
        lexicon = make_lexicon(words, groups)
    except LexiconInvalid:
        return
    assert make_lexicon(lexicon.words, lexicon.groups) == lexicon


def test_the_fingerprint_of_tokens_knows_words_only() -> None:
    plain, widened = Lexicon(("产业社区",)), Lexicon(("产业社区",), (("租金", "房租"),))
    assert plain.fingerprint == widened.fingerprint
    assert plain.synonyms_fingerprint != widened.synonyms_fingerprint
    assert plain.fingerprint != Lexicon(("产业园区",)).fingerprint


def test_more_is_added_once_and_its_groups_come_first() -> None:
    known = Lexicon(("产业社区", "视谷"), (("租金", "房租"),))
    more = Lexicon(("云栖小镇", "视谷"), (("健身", "锻炼"), ("租金", "房租")))
    assert known.with_more(more) == Lexicon(("云栖小镇", "产业社区", "视谷"), (("健身", "锻炼"), ("租金", "房租")))


def test_the_bundled_lexicon_has_several_hundred_of_both() -> None:
    lexicon = bundled_lexicon()
    assert len(lexicon.words) >= 400
    assert len(lexicon.groups) >= 500
    assert all(len(member) <= LONGEST for group in lexicon.groups for member in group)


def test_every_bundled_word_is_one_that_the_dictionary_cuts_and_the_lexicon_keeps() -> None:
    general, domain = jieba.Tokenizer(), Tokeniser(bundled_lexicon())
    for word in bundled_lexicon().words:
        assert word not in general.cut_for_search(word, HMM=False)
        assert word in domain.words(word)


def test_no_bundled_word_hides_a_longer_one_from_search() -> None:
    """The search cut shows two and three characters inside a word, but never four."""
    words = bundled_lexicon().words
    assert [(word, inner) for word in words for inner in words if len(inner) > 3 and inner in word != inner] == [
        ("创新型产业用地", "新型产业用地")
    ]


def test_the_first_member_is_the_documents_word(prose: str) -> None:
    """Where the documents use any member of a group, its first is one of them."""
    for group in bundled_lexicon().groups:
        assert group[0] in prose or not any(member in prose for member in group), group


@pytest.mark.parametrize(
    ("official", "everyday"),
    [
        ("租金", "房租"),
        ("占地", "地盘"),
        ("占地", "几亩"),
        ("占地", "多大"),
        ("入驻", "搬进"),
        ("补贴", "奖补"),
        ("运营方", "谁在管"),
        ("运营方", "打理"),
        ("成立", "揭牌"),
        ("上市企业", "股票上市"),
        ("员工", "上班的人"),
        ("开工", "奠基"),
        ("建成", "完工"),
        ("投资", "砸钱"),
        ("孵化器", "创业空间"),
        ("健身房", "锻炼"),
    ],
)
def test_everyday_wordings_meet_official_ones(official: str, everyday: str) -> None:
    assert any({official, everyday} <= set(group) for group in bundled_lexicon().groups)
