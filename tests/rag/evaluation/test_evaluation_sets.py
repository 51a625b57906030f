"""Question sets of every form become cases; a bad row is named by file and line, and the others are kept."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rag.evaluation.case import Case, QuestionSet, UnreadableSet
from rag.evaluation.haystack import read_haystack
from rag.evaluation.question_sets import read_set
from rag.evaluation.session import read_sets
from rag.evaluation.temporary import document_of, inner_id, outer_ids
from rag.evaluation.trec import read_run, run_lines


def jsonl(path: Path, *rows: Any) -> Path:
    content = "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


def problems(question_set: QuestionSet) -> list[str]:
    return [str(problem) for problem in question_set.problems]


def test_our_questions_have_groups_of_alternatives_and_judged_subjects(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "own.jsonl",
        {"id": "a", "kind": "direct", "q": "多大？", "answers": [["80亩", "80 亩"], ["2019"]], "subjects": ["park"]},
        {"id": "b", "kind": "unanswerable_near", "q": "房租多少？", "answers": [], "subjects": ["park"]},
    )
    first, second = read_set(path).cases
    assert first.answers == (("80亩", "80 亩"), ("2019",))
    assert (first.kind, first.relevant, first.answerable) == ("direct", {"park": 1}, True)
    assert (second.relevant, second.answerable) == ({}, False)


def test_a_flat_list_of_answers_is_one_group_and_pids_make_a_question_answerable(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "flat.jsonl",
        {"id": 1, "q": "谁？", "answers": ["甲", "乙"]},
        {"id": 2, "q": "哪条？", "answers": [], "pid": "p1", "pids": ["p1", "p2"]},
    )
    first, second = read_set(path).cases
    assert (first.id, first.answers) == ("1", (("甲", "乙"),))
    assert (second.answerable, second.relevant) == (True, {"p1": 1, "p2": 1})


def test_turns_of_a_dialogue_know_the_questions_before_them(tmp_path: Path) -> None:
    turns = [
        {"q": "火炬社区在哪？", "answers": [["浦沿"]]},
        {"q": "多大？", "answers": [["1.5"]]},
        {"q": "房租呢？", "answers": []},
    ]
    cases = read_set(jsonl(tmp_path / "talk.jsonl", {"id": "d", "turns": turns})).cases
    assert [case.id for case in cases] == ["d.1", "d.2", "d.3"]
    assert [case.kind for case in cases] == ["first_turn", "follow_up", "unanswerable_follow_up"]
    assert cases[2].earlier == ("火炬社区在哪？", "多大？")


def test_questions_that_stand_alone_get_a_question_about_something_else_to_stand_beside(tmp_path: Path) -> None:
    rows = [
        {"id": name, "q": f"{name}？", "answers": [["1"]], "subjects": [subject]}
        for name, subject in (("a", "x"), ("b", "x"), ("c", "y"))
    ]
    cases = read_set(jsonl(tmp_path / "own.jsonl", *rows)).cases
    assert [case.stranger for case in cases[:2]] == ["c？", "c？"]  # never one about the same documents
    assert cases[2].stranger in {"a？", "b？"}
    assert read_set(tmp_path / "own.jsonl").cases == cases  # drawn alike each time


def test_passages_beside_the_questions_come_along_packed_or_not(tmp_path: Path) -> None:
    passages = {"id": "p1", "title": "题", "text": "文。"}, {"id": "p2", "text": "另一篇。"}
    jsonl(tmp_path / "s_passages.jsonl.gz", *passages)
    path = jsonl(
        tmp_path / "s_questions.jsonl.gz",
        {"id": "1", "q": "甲？", "answers": ["文"], "pid": "p1"},
        {"id": "2", "q": "乙？", "answers": ["文"], "pid": "p9"},
    )
    found = read_set(path)
    assert (found.name, [row.id for row in found.texts]) == ("s", ["p1", "p2"])
    assert [case.id for case in found.cases] == ["1"]
    assert found.cases[0].stranger == ""
    assert problems(found) == ["s_questions.jsonl.gz:2: there is no passage p9"]


def test_bad_rows_are_named_and_the_others_kept(tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "mixed.jsonl",
        {"id": "1", "q": "好？", "answers": [["甲"]]},
        "{no json",
        {"id": "2", "answers": [["甲"]]},
        {"id": "3", "q": "  ", "answers": [["甲"]]},
        "",
        {"id": "1", "q": "又？", "answers": [["甲"]]},
        {"id": "4", "q": "甲？", "answers": [["甲"], "乙"]},
        '{"id": "5", "q": "\\ud83d？", "answers": []}',
        "[1]",
    )
    path.write_bytes(path.read_bytes() + b'{"id": "6", "q": "\xff"}\n{"id": "7", "q": "end", "answers": []}')
    found = read_set(path)
    assert [case.id for case in found.cases] == ["1", "7"]
    assert [problem.line for problem in found.problems] == [2, 3, 4, 6, 7, 8, 9, 10]
    assert problems(found)[1] == "mixed.jsonl:3: the field 'q' is missing"
    assert problems(found)[3] == "mixed.jsonl:6: the id 1 is used twice"


def test_a_beir_folder_takes_the_judged_queries_and_leaves_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    texts = {"_id": "d 1", "title": "T", "text": "甲。"}, {"_id": "d2", "title": "只有题目", "text": ""}
    jsonl(folder / "corpus.jsonl", *texts)
    jsonl(folder / "queries.jsonl", *({"_id": name, "text": f"{name}？"} for name in ("q1", "q2", "q3")))
    (folder / "qrels").mkdir()
    rows = ["query-id\tcorpus-id\tscore", "q1\td 1\t2", "q1\td2\t0", "q2\td2\t0", "q3\td2\tmany"]
    (folder / "qrels" / "test.tsv").write_text("\n".join(rows), encoding="utf-8")
    found = read_set(folder)
    assert found.name == "tiny"
    assert found.cases == (Case("q1", "q1？", relevant={"d 1": 2, "d2": 0}),)
    assert [(row.id, row.text) for row in found.texts] == [("d 1", "甲。"), ("d2", "只有题目")]
    assert problems(found) == ["test.tsv:5: the grade 'many' is no whole number"]


SGML = "<top>\n<num> Number: 7\n<title> 甲在哪？\n<desc> D\n</top>\n<top><num>8<title>乙在哪？</top>"
XML = '<topic number="7"><query>甲在哪？</query></topic>\n<topic number="8"><title>乙在哪？</title></topic>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("topics.tsv", "7\t甲在哪？\n8\t乙在哪？\n"),
        ("topics.trec", SGML),
        ("topics.xml", f"<topics>{XML}</topics>"),
    ],
    ids=["tsv", "sgml", "xml"],
)
def test_a_trec_folder_takes_topics_qrels_and_runs(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "qrels.txt").write_text("7 0 a 1\n8 0 b 2\n", encoding="utf-8")
    (tmp_path / "bm25.run").write_text("7 Q0 x 1 9.5 t\n7 Q0 a 2 9.5 t\n7 Q0 c 3 11 t\n7 Q0 c 4\n", encoding="utf-8")
    found = read_set(tmp_path)
    assert [(case.id, case.question, case.relevant) for case in found.cases] == [
        ("7", "甲在哪？", {"a": 1}),
        ("8", "乙在哪？", {"b": 2}),
    ]
    assert found.rankings == {"run:bm25": {"7": ("c", "x", "a")}}
    assert problems(found) == ["bm25.run:4: a line of a run has six fields: query Q0 document rank score tag"]


def test_a_run_written_is_the_run_read(tmp_path: Path) -> None:
    rankings = {"q1": ("b", "a", "c"), "q2": (), "q3": ("a",)}
    path = tmp_path / "mine.run"
    path.write_text("".join(run_lines(rankings, "hybrid")), encoding="utf-8")
    assert path.read_text(encoding="utf-8").splitlines()[1] == "q1 Q0 a 2 0.50000000 hybrid"
    assert read_run(path, []) == {"q1": ("b", "a", "c"), "q3": ("a",)}


def test_csv_has_a_group_for_each_answer_column(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [
        "id,question,answer,answer2,kind,subjects",
        'x,"多大,何时？",80亩|八十亩,2019年,direct,park other',
        "y,房租？,,,near,park",
        "z,,甲,,,",
        "x,又来？,甲,,,",
        "w,多了,甲,,,,7",
    ]
    path.write_text("\ufeff" + "\n".join(rows), encoding="utf-8")
    found = read_set(path)
    first, second = found.cases
    assert first.question == "多大,何时？"
    assert first.answers == (("80亩", "八十亩"), ("2019年",))
    assert first.relevant == {"park": 1, "other": 1}
    assert (second.answerable, second.kind) == (False, "near")
    assert [one.partition(": ")[0] for one in problems(found)] == ["table.csv:4", "table.csv:5", "table.csv:6"]


def test_a_table_may_be_chinese_and_tab_separated(tmp_path: Path) -> None:
    path = tmp_path / "表.tsv"
    path.write_text("问题\t答案\n在哪？\t浦沿｜滨江\n", encoding="utf-8")
    assert read_set(path).cases == (Case("2", "在哪？", answers=(("浦沿", "滨江"),)),)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.jsonl", None, "there is no such file"),
        ("set.pdf", b"%PDF", "not a form that is known"),
        ("empty.jsonl", b"\n\n", "holds no question"),
        ("bad.jsonl.gz", b"no gzip", "cannot be read"),
        ("no.csv", b"a,b\n1,2\n", "no column named question"),
        ("latin.csv", b"question\n\xe9\xe8\n", "not UTF-8"),
    ],
)
def test_what_cannot_be_a_set_is_refused_with_its_path(
    tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableSet, match=reason) as refused:
        read_set(tmp_path / name)
    assert name in str(refused.value)


def test_a_folder_that_misses_a_part_says_which(tmp_path: Path) -> None:
    jsonl(tmp_path / "queries.jsonl", {"_id": "1", "text": "q"})
    with pytest.raises(UnreadableSet, match=r"misses corpus\.jsonl and qrels/test\.tsv"):
        read_set(tmp_path)


def test_two_sets_of_one_name_are_refused_and_a_limit_cuts(tmp_path: Path) -> None:
    rows = [{"id": n, "q": f"第{n}问？", "answers": [["1"]]} for n in range(5)]
    one, two = jsonl(tmp_path / "a" / "s.jsonl", *rows), jsonl(tmp_path / "b" / "s.jsonl", *rows)
    assert len(read_sets([one], limit=2)[0].cases) == 2
    with pytest.raises(UnreadableSet, match="already a set named s"):
        read_sets([one, two])


def test_equal_sets_have_equal_fingerprints_and_any_change_shows(tmp_path: Path) -> None:
    row = {"id": "1", "q": "甲？", "answers": [["1"]]}
    first = read_set(jsonl(tmp_path / "a" / "s.jsonl", row))
    assert read_set(jsonl(tmp_path / "b" / "s.jsonl.gz", row)).fingerprint == first.fingerprint
    assert read_set(jsonl(tmp_path / "c" / "s.jsonl", row | {"answers": [["2"]]})).fingerprint != first.fingerprint


def test_any_id_can_be_indexed_and_found_again(tmp_path: Path) -> None:
    jsonl(tmp_path / "s_passages.jsonl", {"id": "a/b c", "text": "第一行\n第二行。"}, {"id": "plain", "text": "文。"})
    rows = read_set(jsonl(tmp_path / "s_questions.jsonl", {"id": "1", "q": "?", "answers": ["x"]})).texts
    documents = [document_of(row) for row in rows]
    assert documents[1].id == "plain"
    assert outer_ids(rows) == {documents[0].id: "a/b c"}
    assert documents[0].id == inner_id("a/b c")
    sections = [(one.start, one.end) for one in documents[0].sections]
    assert sections == [(0, len("第一行\n第二行。"))]  # no line became a heading


def test_a_haystack_takes_the_same_texts_from_every_file_each_once(tmp_path: Path) -> None:
    jsonl(tmp_path / "a.jsonl", *({"title": "题", "text": f"第{n}篇。"} for n in range(20)), {"text": " "}, "{")
    pairs = [{"q": "标题", "p": f"第{n}篇。", "src": "x", "k": "title"} for n in range(10, 30)]
    jsonl(tmp_path / "b.jsonl.gz", *pairs, {"q": "谁？", "p": "别的。", "k": "faq"})
    every = read_haystack([tmp_path], 100)
    assert {row.text for row in every} == {f"第{n}篇。" for n in range(30)} | {"别的。"}
    assert len(every) == 31
    assert [row.title for row in every if row.text in ("第25篇。", "别的。")].count("标题") == 1
    assert read_haystack([tmp_path / "b.jsonl.gz", tmp_path / "a.jsonl"], 7) == every[:7]
    with pytest.raises(UnreadableSet, match="no text for a haystack"):
        read_haystack([jsonl(tmp_path / "c" / "empty.jsonl", {})], 5)
