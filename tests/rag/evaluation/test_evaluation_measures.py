"""ExtractedFeatures: each with its arithmetic written out, and rankings against pytrec_eval itself."""

import math
import random
from typing import Any

import pytest
import pytrec_eval

from rag.evaluation.answer_keys import covers, fold_key, hit_rank, unmarked
from rag.evaluation.case import Case
from rag.evaluation.outcome import FoundPassage, Outcome, Quote, Result
from rag.evaluation.ranking import MEASURES, judge
from rag.evaluation.refusal import (
    Judged,
    auroc,
    brier,
    calibration,
    calibration_error,
    coverage_at,
    refused_share,
    risk_coverage,
    threshold_for,
)
from rag.evaluation.scoring import score
from rag.evaluation.significance import PERMUTATIONS, bootstrap_interval, randomisation_test
from rag.evaluation.summary import latencies, summarise


def result(case: Case, *texts: str, status: Any = "answered", **fields: Any) -> Result:
    passages = tuple(FoundPassage(f"d{number}", text, 0.5) for number, text in enumerate(texts, start=1))
    return Result("s", "hybrid", case, Outcome(status, case.question, passages, **fields), 1.0)


def scores(one: Result) -> dict[str, float]:
    return score([one])[0].scores


# Keys


def test_keys_meet_across_width_script_case_and_white_space() -> None:
    assert fold_key("佔地 ８０．１\n畝 LinkPark") == "占地80.1亩linkpark"
    assert covers([["80.1亩"], ["LINKPARK", "临安"]], ["ｌｉｎｋｐａｒｋ佔地80.1 畝"])
    assert not covers([["80.1亩"], ["临安"]], ["linkpark占地80.1亩"])


def test_scoring_does_not_convert_numbers_as_search_does() -> None:
    assert not covers([["10000"]], ["1万"])


def test_a_passage_hits_alone_but_for_spread_answers_the_first_ones_count_together() -> None:
    passages = ["没有", "甲占地10亩", "乙占地20亩", "10亩和20亩"]
    both = (("10亩",), ("20亩",))
    assert hit_rank(Case("1", "?", "direct", both), passages) == 4
    assert hit_rank(Case("1", "?", "multi", both), passages) == 3
    assert hit_rank(Case("1", "?", "disagree", both), passages[:2]) is None


def test_an_answer_counts_without_its_marks_and_only_up_to_300_code_points() -> None:
    assert unmarked("占地[1]80亩。[2][3]") == "占地80亩。"
    assert covers([["𠮷"]], [unmarked("一" * 299 + "[1]𠮷")])
    assert not covers([["𠮷"]], [unmarked("一" * 300 + "𠮷")])


# Rankings


def test_ranking_measures_are_their_arithmetic() -> None:
    found = judge({"q": {"a": 1, "b": 2, "c": 0}}, {"q": ["x", "b", "c"]})["q"]
    ideal = 2 / math.log2(1 + 1) + 1 / math.log2(2 + 1)
    assert found["nDCG@10"] == pytest.approx(2 / math.log2(2 + 1) / ideal)
    assert found["RR@10"] == 1 / 2
    assert found["R@5"] == found["R@10"] == 1 / 2
    assert (found["Success@1"], found["Success@5"]) == (0, 1)


def test_a_document_below_rank_ten_is_not_found() -> None:
    found = judge({"q": {"a": 1}}, {"q": [*"0123456789", "a"]})["q"]
    assert set(found.values()) == {0.0}


def test_silence_counts_as_zero_and_unjudged_questions_are_left_out() -> None:
    found = judge({"said": {"a": 1}, "silent": {"a": 1}, "unjudged": {"a": 0}}, {"said": ["a"], "other": ["a"]})
    assert set(found) == {"said", "silent"}
    assert found["silent"] == dict.fromkeys(MEASURES, 0.0)
    assert found["said"] == dict.fromkeys(MEASURES, 1.0)


def test_rankings_agree_with_pytrec_eval() -> None:
    chance = random.Random(7)
    documents = [f"d{number}" for number in range(40)]
    grades = [{name: chance.randint(0, 3) for name in chance.sample(documents, 6)} | {"d0": 1} for _ in range(60)]
    qrels = {f"q{number}": judged for number, judged in enumerate(grades)}
    rankings = {name: chance.sample(documents, chance.randint(0, 30)) for name in qrels}
    names = {"nDCG@10": "ndcg_cut_10", "R@5": "recall_5", "R@10": "recall_10"}
    names |= {f"Success@{k}": f"success_{k}" for k in (1, 5, 10)}
    runs = {name: {d: 1.0 / rank for rank, d in enumerate(held, 1)} for name, held in rankings.items()}
    expected = pytrec_eval.RelevanceEvaluator(qrels, set(names.values())).evaluate(runs)
    found = judge(qrels, rankings)
    for name in qrels:
        for ours, theirs in names.items():
            assert found[name][ours] == pytest.approx(expected.get(name, {}).get(theirs, 0.0)), (name, ours)


# One question


def test_passages_and_answers_are_scored_by_their_keys() -> None:
    case = Case("1", "?", answers=(("80亩",), ("2019",)))
    found = scores(result(case, "80亩", "80亩，2019年", answer="80亩[1]2019[2]"))
    assert (found["hit@1"], found["hit@5"], found["answer hit"]) == (0, 1, 1)


def test_a_refused_answerable_question_is_a_miss_of_answer_and_citations() -> None:
    found = scores(result(Case("1", "?", answers=(("甲",),)), "甲", status="no_answer"))
    assert found == {"hit@1": 1, "hit@5": 1, "answer hit": 0, "citation precision": 0, "citation recall": 0}


def test_citations_must_be_verbatim_and_hold_a_key() -> None:
    case = Case("1", "?", answers=(("甲",), ("乙",)))
    quotes = (Quote("d", 0, 2, "甲是", True), Quote("d", 2, 4, "无关", True), Quote("d", 4, 6, "乙是", False))
    found = scores(result(case, answer="甲是", quotes=quotes))
    assert found["citation precision"] == pytest.approx(1 / 3)  # 甲 of three; 乙 is not what the document says
    assert found["citation recall"] == 1 / 2


def test_an_unanswerable_question_is_right_when_refused() -> None:
    case = Case("1", "?", "unanswerable_near", answerable=False)
    assert scores(result(case, status="no_answer")) == {"refused": 1}
    assert scores(result(case, answer="甲")) == {"refused": 0}


def test_a_failed_question_counts_zero_everywhere() -> None:
    case = Case("1", "?", answers=(("甲",),), relevant={"d1": 1}, stranger="别的？")
    right = result(Case("2", "?", answers=(("甲",),)), "甲", answer="甲")
    failed = score([right, result(case, status="failed", error="x")])[1].scores
    assert set(failed.values()) == {0.0}
    assert {"hit@1", "answer hit", "nDCG@10", "unchanged"} <= set(failed)


def test_a_system_that_only_searches_is_not_blamed_for_not_answering() -> None:
    case = Case("1", "?", answers=(("甲",),), stranger="别的？")
    assert scores(result(case, "甲", status="found")) == {"hit@1": 1, "hit@5": 1}


def test_a_question_that_stands_alone_must_be_left_alone() -> None:
    case = Case("1", "甲占地多少？", answers=(("甲",),), stranger="乙在哪？")
    assert scores(result(case, alone="甲占地多少？"))["unchanged"] == 1
    assert scores(result(case, alone="乙甲占地多少？"))["unchanged"] == 0


# Refusal


def test_auroc_counts_pairs_and_ties_half() -> None:
    # .9 and .8 beat both; .3 loses to .5 and ties with .3
    assert auroc([0.9, 0.8, 0.3], [0.5, 0.3]) == (2 + 2 + 0.5) / 6
    assert auroc([], [0.5]) is None


def test_the_threshold_refuses_no_more_than_the_share() -> None:
    answerable = [number / 100 for number in range(40)]
    threshold = threshold_for(answerable, 0.05)
    assert threshold == 0.02
    assert refused_share(answerable, threshold) == 2 / 40
    assert refused_share([0.01, 0.019, 0.02, 0.5], threshold) == 2 / 4
    assert refused_share([], threshold) is None


def test_risk_and_coverage_never_part_equal_relevances() -> None:
    judged = [Judged(r, right, True, "k") for r, right in ((0.9, True), (0.8, False), (0.8, True), (0.1, False))]
    points = [(point.threshold, point.coverage, point.risk) for point in risk_coverage(judged)]
    assert points == [(0.9, 1 / 4, 0), (0.8, 3 / 4, 1 / 3), (0.1, 1, 2 / 4)]
    assert coverage_at(risk_coverage(judged), 0.05) == 1 / 4
    assert coverage_at(risk_coverage(judged), 0.4) == 3 / 4
    assert coverage_at(risk_coverage(judged[1:2]), 0.05) == 0


def test_calibration_compares_relevance_with_what_came_true() -> None:
    judged = [Judged(r, right, True, "k") for r, right in ((0.95, True), (0.91, False), (0.05, False))]
    low, high = calibration(judged)
    assert (low.count, low.relevance, low.right) == (1, 0.05, 0)
    assert (high.count, high.relevance, high.right) == (2, pytest.approx(0.93), 0.5)
    assert calibration_error([low, high]) == pytest.approx((1 * 0.05 + 2 * 0.43) / 3)
    assert brier(judged) == pytest.approx((0.05**2 + 0.91**2 + 0.05**2) / 3)
    assert [one.count for one in calibration([Judged(1.0, True, True, "k")])] == [1]


# Summary


def test_latencies_are_nearest_ranks() -> None:
    assert latencies(list(range(100, 0, -1))) == {"p50": 50, "p90": 90, "p99": 99, "mean": 50.5}
    assert latencies([3.0]) == {"p50": 3, "p90": 3, "p99": 3, "mean": 3}


def test_a_summary_holds_means_kinds_ranks_and_refusal() -> None:
    direct, other = Case("1", "?", "direct", (("甲",),)), Case("2", "?", "noisy", (("甲",),))
    near = Case("3", "?", "unanswerable_near", answerable=False)
    quote = Quote("d1", 0, 1, "甲", True)
    held = [
        result(direct, "甲", answer="甲", relevance=0.9, quotes=(quote,)),
        result(other, "乙", "甲", answer="乙", relevance=0.6),
        result(near, "丙", status="no_answer", relevance=0.2),
    ]
    found = summarise(score(held))
    assert (found.measures["hit@1"].mean, found.measures["hit@1"].n) == (0.5, 2)
    assert found.by_kind["noisy"]["hit@5"].mean == 1
    assert found.ranks == {1: 1, 2: 1}
    assert found.quotes == {"citations": 1, "exact": 1}
    assert found.refusal is not None
    assert found.refusal.auroc == {"all": 1.0, "unanswerable_near": 1.0}
    assert found.refusal.refused == {"answerable": 0.0, "unanswerable_near": 1.0}
    assert found.refusal.coverage["0.05"] == pytest.approx(1 / 3)  # .9 is right, .6 has its answer second


# Significance


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1, 1, 1], 2 / 8),  # only +++ and --- are as extreme
        ([1, 1, -1], 8 / 8),  # |sum| is 1 or 3, never below 1
        ([2, 1, 0, 0], 2 / 4),  # zeros tell nothing: 3, 1, -1, -3
        ([0, 0], 1.0),
        ([], 1.0),
        ([1] * 10, 2 / 1024),
    ],
)
def test_few_differences_are_tested_exactly(differences: list[float], p: float) -> None:
    assert randomisation_test(differences) == p


def test_many_differences_are_tested_by_chance_with_a_fixed_seed() -> None:
    assert randomisation_test([1.0] * 40) == 1 / (1 + PERMUTATIONS)
    balanced = [1.0] * 30 + [-1.0] * 26
    p = randomisation_test(balanced)
    # of 56 fair coins the sum is at least 4 away from 0 with probability .689
    exact = sum(math.comb(56, heads) for heads in range(57) if abs(2 * heads - 56) >= 4) / 2**56
    assert p == pytest.approx(exact, abs=0.015)
    assert randomisation_test(balanced) == p
    assert randomisation_test([-one for one in balanced]) == pytest.approx(p, abs=0.015)


def test_the_bootstrap_interval_is_that_of_the_mean() -> None:
    low, high = bootstrap_interval([0.0, 1.0] * 50)
    assert (low, high) == (pytest.approx(0.5 - 1.96 * 0.05, abs=0.015), pytest.approx(0.5 + 1.96 * 0.05, abs=0.015))
    assert bootstrap_interval([0.0, 1.0] * 50) == (low, high)
    assert bootstrap_interval([0.7] * 9) == (0.7, 0.7)
    assert bootstrap_interval([]) == (0, 0)
