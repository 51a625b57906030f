"""The training recipe on tiny made-up data: each step by hand or against a slow obvious version, then the whole."""

import gzip
import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import Precompiled

from corpus.document import Document, QuestionGroup, Section
from corpus.lexicon import bundled_lexicon
from index.encoder.loading import load_encoder
from index.training.bags import Bags, make_bags
from index.training.charsmap import character_folds, folding_charsmap, write_charsmap
from index.training.contrast import Course, Lesson, also_right, draw, forget_shared
from index.training.figures import cut_shared, score
from index.training.neighbours import count_neighbours, strongest
from index.training.own_pairs import (
    TWINS,
    document_pairs,
    expression_groups,
    expression_pairs,
    torn_pairs,
    twin_pairs,
    wording_groups,
)
from index.training.recipe import OWN, Recipe, learn, parts_of
from index.training.rival import K1, B, bm25, character_bags, out_of_best
from index.training.sources import COLLECTIONS, Pair, fold, read_pairs
from index.training.storing import quantise, write_model
from index.training.vocabulary import make_tokenizer

WORDS = {"产业": 5.0, "社区": 4.0, "产业社区": 3.0, "企业": 2.0, "linkpark": 1.0}
CHARACTERS = {character: 1.0 for word in WORDS for character in word}


def bags_of(*texts: list[int]) -> Bags:
    lengths = [len(text) for text in texts]
    tokens = [token for text in texts for token in text]
    return Bags(np.array(tokens, np.int32), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def lists_of(bags: Bags) -> list[list[int]]:
    return [bags.tokens[start:end].tolist() for start, end in zip(bags.starts, bags.starts[1:], strict=False)]


def test_the_charsmap_folds_every_character_as_listed_and_no_other() -> None:
    folds = character_folds()
    normalizer = Precompiled(folding_charsmap())
    assert [key for key, folded in folds.items() if normalizer.normalize_str(key) != folded] == []
    others = [chr(code) for code in range(1, 0x30000) if not 0xD800 <= code < 0xE000 and chr(code) not in folds]
    assert [character for character in others if normalizer.normalize_str(character) != character] == []
    assert normalizer.normalize_str("產業社區，ＬｉｎｋＰａｒｋ㎡①") == "产业社区 linkparkm21"


@given(
    st.dictionaries(
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]), st.text("ab字", max_size=3), max_size=30
    )
)
def test_any_single_character_table_can_be_written(folds: dict[str, str]) -> None:
    normalizer = Precompiled(write_charsmap(folds))
    assert {key: normalizer.normalize_str(key) for key in folds} == folds


def test_the_likelier_words_win() -> None:
    tokenizer = make_tokenizer(WORDS, CHARACTERS, 200)
    # 产业社区 has 3 of 15 words, log(3/15) = -1.6; 产业 + 社区 have log(5/15) + log(4/15) = -2.4
    assert tokenizer.encode("LinkPark，產業社區企業").tokens == ["linkpark", "产业社区", "企业"]
    assert tokenizer.get_vocab()["[UNK]"] == 0


def test_unknown_characters_leave_the_bag() -> None:
    tokenizer = make_tokenizer(WORDS, CHARACTERS, 200)
    bags = make_bags(tokenizer, ["鑫产业鑫", "", "社区社区社区"], longest=2)
    numbers = tokenizer.get_vocab()
    assert lists_of(bags) == [[numbers["产业"]], [], [numbers["社区"]] * 2]


@given(st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=6), st.data())
def test_picked_bags_are_the_chosen_lists(texts: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=1, max_size=6))
    picked = bags_of(*texts).pick(np.array(rows, np.int64))
    assert lists_of(picked) == [texts[row] for row in rows]
    assert picked.rows().tolist() == [place for place, row in enumerate(rows) for _ in texts[row]]


def test_neighbours_are_counted_within_one_text_and_by_nearness() -> None:
    counts = count_neighbours(bags_of([1, 2, 3], [2, 1]), size=4, window=2).toarray()
    # 1-2 touch in both texts: 1 + 1; 2-3 touch once; 1-3 are two apart: 1/2
    assert counts.tolist() == [[0, 0, 0, 0], [0, 0, 2, 0.5], [0, 2, 0, 1], [0, 0.5, 1, 0]]


def test_the_strongest_directions_are_those_of_the_full_decomposition() -> None:
    half = np.random.default_rng(1).normal(size=(30, 4))
    matrix = half @ half.T
    found = strongest(sp.csr_matrix(matrix), 4, seed=0)
    np.testing.assert_allclose(found @ found.T, matrix, atol=1e-8)


def test_bm25_equals_the_formula_by_dictionary() -> None:
    passages = ["产业社区有企业", "社区食堂", "企业企业企业，多", "a1"]
    questions = ["社区企业", "食堂", "x", "企业企业"]

    def grams(text: str) -> Counter[str]:
        runs = text.replace("，", " ").split()
        return Counter([c for run in runs for c in run] + [run[i : i + 2] for run in runs for i in range(len(run) - 1)])

    mean = sum(grams(text).total() for text in passages) / len(passages)

    def expected(question: str, passage: str) -> float:
        held, total = grams(passage), 0.0
        for gram in grams(question):
            frequency = sum(gram in grams(text) for text in passages)
            rarity = math.log(1 + (len(passages) - frequency + 0.5) / (frequency + 0.5))
            total += rarity * held[gram] * (K1 + 1) / (held[gram] + K1 * (1 - B + B * held.total() / mean))
        return total

    scores = bm25(character_bags(questions), character_bags(passages))
    np.testing.assert_allclose(scores, [[expected(q, p) for p in passages] for q in questions], atol=1e-5)
    assert out_of_best(scores).max(axis=1) == pytest.approx([1, 1, 0, 1])


def test_only_shared_tokens_are_forgotten_and_never_all() -> None:
    questions, passages = bags_of([1, 2, 3], [1, 2], [5]), bags_of([2, 3, 4], [1, 2], [6])
    seen: Counter[int] = Counter()
    for seed in range(200):
        left = lists_of(forget_shared(questions, passages, 0.5, np.random.default_rng(seed)))
        assert 1 in left[0]
        assert left[1]
        assert left[2] == [5]
        seen[len(left[0])] += 1
    assert set(seen) == {1, 2, 3}
    assert lists_of(forget_shared(questions, passages, 0.0, np.random.default_rng(0))) == lists_of(questions)


def test_pairs_that_share_a_side_are_no_wrong_answers() -> None:
    twins = also_right(np.array([1, 1, 2]), np.array([7, 8, 8]))
    assert twins.tolist() == [[False, True, False], [True, False, True], [False, True, False]]


def test_an_epoch_draws_every_share_within_families() -> None:
    large = Lesson("law", 6, np.arange(20), np.arange(20) + 100)
    small = Lesson("own", 5, np.arange(2) + 50, np.arange(2) + 150)
    batches = list(draw([large, small], 3, np.random.default_rng(0)))
    drawn = [(int(q), int(p)) for questions, passages in batches for q, p in zip(questions, passages, strict=True)]
    assert all(p == q + 100 for q, p in drawn)
    assert sorted(Counter(q >= 50 for q, _ in drawn).items()) == [(False, 6), (True, 5)]
    assert len({q for q, _ in drawn if q < 50}) == 6
    assert all(len({q >= 50 for q in questions.tolist()}) == 1 for questions, _ in batches)


def test_a_word_is_made_of_its_characters() -> None:
    tokenizer = make_tokenizer(WORDS, CHARACTERS, 200)
    numbers, parts = tokenizer.get_vocab(), parts_of(tokenizer).to_dense().numpy()
    assert parts[numbers["产业"]][[numbers["产"], numbers["业"]]].tolist() == [0.5, 0.5]
    assert parts[numbers["产"]].sum() == 0
    assert parts[0].sum() == 0


def test_quantised_rows_are_within_half_a_step() -> None:
    table = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    table[3] = 0
    whole, scale = quantise(table)
    assert (np.abs(whole * scale[:, None] - table) <= scale[:, None] / 2 + 1e-7).all()
    assert not whole[3].any()


def test_the_figures_are_the_arithmetic() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1]], np.float32)
    figures = score(scores, [frozenset({0, 2}), frozenset({0})])
    # question 1 ranks 1, 2, 0: right ones at ranks 2 and 3; question 2 has its one at rank 1
    assert figures.mrr == pytest.approx((1 / 2 + 1) / 2)
    ideal = 1 + 1 / math.log2(3)
    assert figures.ndcg == pytest.approx(((1 / math.log2(3) + 1 / 2) / ideal + 1) / 2)
    assert (figures.first, figures.ten) == (0.5, 1.0)


def test_what_a_passage_repeats_is_cut_out_of_the_question() -> None:
    assert cut_shared("梦创社区有几家公司", "梦创社区有8000家企业") == "几家公司"


def document() -> Document:
    text = "概况\n梦创社区占地80亩。梦创社区有8000家企业。"
    return Document("d", "梦创社区", text, (Section(("概况",), 3, len(text)),), aliases=("夢創產業社區",))


def test_our_documents_are_asked_about_in_other_words() -> None:
    groups = [("占地", "多大"), ("企业", "公司"), ("地铁", "轻轨")]
    pairs = document_pairs([document()], groups, np.random.default_rng(1))
    first, second = "梦创社区占地80亩。", "梦创社区有8000家企业。"
    assert Pair("梦创产业社区", "梦创社区") in pairs
    assert Pair(first, second) in pairs
    assert {pair.passage for pair in pairs if pair.question.endswith("多大")} == {first}
    assert {pair.passage for pair in pairs if pair.question.endswith("公司")} == {second}
    assert not [pair for pair in pairs if pair.question.endswith("轻轨")]
    assert expression_pairs([("a", "b")]) == [Pair("a", "b"), Pair("b", "a")]


def test_a_sentence_is_torn_from_its_paragraph() -> None:
    one, other = "产业社区里有很多家做芯片和新药的企业。", "这里也有食堂、公寓和地铁站，走路就到。"
    pairs = torn_pairs([one + other, one, "短。" + other], np.random.default_rng(0))
    assert [pair in (Pair(one[:-1], other), Pair(other[:-1], one)) for pair in pairs] == [True]


def test_expressions_are_folded_groups_of_two_or_more() -> None:
    groups = expression_groups()
    assert len(groups) > 100
    assert all(
        len(group) == len(set(group)) >= 2 and all(fold(member) == member for member in group) for group in groups
    )


def test_the_lexicons_synonyms_are_learned_beside_the_expressions() -> None:
    groups, folded = wording_groups(), {tuple(map(fold, group)) for group in bundled_lexicon().groups}
    assert folded | set(expression_groups()) == set(groups)
    assert len(groups) == len(set(groups))


def test_similar_questions_for_one_paragraph_are_paired_with_each_other() -> None:
    ways = ("占地多少", "佔地多大", "有几亩", "面积？", "多大地方")
    asked = (QuestionGroup(3, 13, ways), QuestionGroup(13, len(document().text), ("有多少公司",)))
    pairs = twin_pairs([replace(document(), asked=asked)], np.random.default_rng(0))
    assert {pair.question for pair in pairs} == {fold(way) for way in ways}
    assert len(pairs) == len(set(pairs)) == TWINS * len(ways)
    assert all(pair.question != pair.passage and pair.passage in map(fold, ways) for pair in pairs)


def write_collections(folder: Path) -> None:
    """Two collections: questions about eight trades in one word, answers in another, and prose that joins them."""
    trades = ["茶叶", "丝绸", "芯片", "医药", "物流", "动漫", "金融", "旅游"]
    things = ["龙井", "织造", "晶圆", "疫苗", "快递", "影视", "基金", "景区"]
    (folder / "pairs").mkdir()
    (folder / "text").mkdir()
    rows = [{"q": f"什么是{a}", "p": f"这里有{b}。"} for a, b in zip(trades, things, strict=True)] * 4
    with gzip.open(folder / "pairs" / "csl.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with gzip.open(folder / "text" / "csl.txt.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(f"这里有{a}和{b}，那里没有。\n" for a, b in zip(trades, things, strict=True))


def test_the_whole_recipe_learns_repeats_itself_and_can_be_loaded(tmp_path: Path) -> None:
    write_collections(tmp_path)
    assert read_pairs(tmp_path, "csl")[1] == Pair("什么是丝绸", "这里有织造。")
    assert {collection.name for collection in COLLECTIONS} >= {"csl", "stard", "laws"}
    recipe = Recipe(size=120, dimension=8, own=dict.fromkeys(OWN, 16), course=Course(epochs=2, batch=16))
    (tokenizer, table), (_, again) = (learn(tmp_path, [document()], recipe) for _ in range(2))
    np.testing.assert_array_equal(table, again)
    write_model(tmp_path / "model", tokenizer, table)
    encoder = load_encoder(str(tmp_path / "model"))
    cosine = encoder.encode(["什么是茶叶", "什么是芯片"]) @ encoder.encode(["龙井", "晶圆"]).T
    assert cosine[0, 0] > cosine[0, 1]
    assert cosine[1, 1] > cosine[1, 0]
