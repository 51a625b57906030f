"""The report: needs nothing but itself, shows every failure, escapes what documents say, stays the same."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from rag.evaluation.baseline_comparison import compare
from rag.evaluation.case import BadRow, Case
from rag.evaluation.drawing import Axis, Bar, BarRow, Column, PlotLine, bars, columns, lines, share_axis, spread
from rag.evaluation.failures import failure
from rag.evaluation.outcome import FoundPassage, Outcome, Result
from rag.evaluation.report import report
from rag.evaluation.report_cases import marked
from rag.evaluation.scoring import score
from rag.evaluation.session import Evaluation, conclude

PAYLOAD = '<script>alert("x")</script><img src=x onerror=alert(1)>'


class Elements(HTMLParser):
    """Every tag with its attributes, and the text outside of style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "line", "rect", "circle", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


def made(case: Case, text: str, system: str = "hybrid", status: Any = "answered", answer: str = "") -> Result:
    outcome = Outcome(status, case.question, (FoundPassage("d1", text, 0.7),), ("d1",), answer, 0.7)
    return Result("s & t", system, case, outcome, 3.0)


def evaluation(answer: str) -> Evaluation:
    cases = [Case(f"q{n}", f"第{n}问{PAYLOAD}？", ("direct", "noisy")[n % 2], ((f"答{n}", PAYLOAD),)) for n in range(6)]
    near = Case("u", "房租？", "unanswerable_near", answerable=False)
    results = [made(case, f"答 {case.id[1:]}。{PAYLOAD}", answer=answer) for case in cases]
    results.append(made(near, "无关", answer="3元"))
    results += [made(case, "无", "words", "found") for case in [*cases, near]]
    return conclude(results, [BadRow("s.jsonl", 2, PAYLOAD)])


@pytest.fixture(scope="module")
def page() -> str:
    new, old = evaluation("没有答"), evaluation("答0答1答2答3答4答5")
    return report(new, old, compare(new.scored, old.scored))


def test_nothing_is_fetched_and_nothing_runs(page: str) -> None:
    elements = Elements(page)
    assert elements.open == []
    names = {tag for tag, _ in elements.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in elements.tags:
        assert not {"src", "srcset", "style", "data", "action"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert attributes.get("href", "#").startswith("#")
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    assert not re.search(r"url\(|@import|//|expression", style[1])
    assert "http" not in page


def test_what_documents_say_is_text_and_never_markup(page: str) -> None:
    assert PAYLOAD not in page
    assert PAYLOAD in Elements(page).text


def test_every_failure_is_there_beside_the_baseline(page: str) -> None:
    elements = Elements(page)
    opened = [attributes for tag, attributes in elements.tags if tag == "details" and attributes.get("class") == "case"]
    assert len(opened) == 6 + 1  # six answers without the key, one answer where there is none
    assert elements.text.count("baseline: right") == 6
    assert elements.text.count("baseline: also wrong") == 1
    assert "the same passages" in elements.text


def test_plots_tables_dark_mode_and_phones_are_provided_for(page: str) -> None:
    labels = [attributes["aria-label"] or "" for tag, attributes in Elements(page).tags if tag == "svg"]
    assert [label.split(":")[0].split(" ")[0] for label in labels] == [
        "By", "By", "Answerable", "Share", "Relevance", "Share", "Time"
    ]  # fmt: skip
    assert "prefers-color-scheme: dark" in page
    assert "width=device-width" in page
    assert "s &amp; t" in page


def test_the_same_results_give_the_same_page(page: str) -> None:
    new, old = evaluation("没有答"), evaluation("答0答1答2答3答4答5")
    assert report(new, old, compare(new.scored, old.scored)) == page


def test_a_run_of_judged_documents_alone_has_a_report_too() -> None:
    cases = [Case(str(n), "?", relevant={"d": 1}) for n in range(3)]
    outcomes = [Outcome("found", "?", ranking=ranking) for ranking in (("d",), ("x",) * 0, ("x", "d"))]
    results = [Result("s", "run:x", case, outcome) for case, outcome in zip(cases, outcomes, strict=True)]
    found = Elements(report(conclude(results), None, []))
    assert "No passage that was shown holds the answer: 1" in found.text
    assert "nDCG@10" in found.text


def test_keys_are_marked_across_white_space_and_script() -> None:
    assert marked("占地 80．１亩<b>", [["80.1畝"]]) == "占地 <mark>80．１亩</mark>&lt;b&gt;"
    assert marked("甲乙甲", [["甲"]]) == "<mark>甲</mark>乙<mark>甲</mark>"
    long = marked("一" * 500 + "甲" + "二" * 500, [["甲"]])
    assert long.startswith("…")
    assert "<mark>甲</mark>" in long
    assert len(long) < 220


@pytest.mark.parametrize(
    ("case", "text", "status", "answer", "how"),
    [
        (Case("1", "?", answers=(("甲",),)), "乙", "answered", "甲", "not found"),
        (Case("1", "?", answers=(("甲",),)), "甲", "no_answer", "", "refused"),
        (Case("1", "?", answers=(("甲",),)), "甲", "answered", "乙", "answer"),
        (Case("1", "?", answers=(("甲",),)), "甲", "answered", "甲", None),
        (Case("1", "?", answers=(("甲",),)), "甲", "failed", "", "error"),
        (Case("1", "?", answerable=False), "甲", "answered", "甲", "answered"),
        (Case("1", "?", answerable=False), "甲", "no_answer", "", None),
    ],
)
def test_how_a_question_went_wrong(case: Case, text: str, status: str, answer: str, how: str | None) -> None:
    other = made(Case("0", "?", answers=(("甲",),)), "甲", answer="甲")
    assert failure(score([other, made(case, text, status=status, answer=answer)])[1]) == how


# Drawing


def test_a_bar_ends_at_its_value() -> None:
    picture = bars([BarRow("all", (Bar(0.5, 0.4, 0.6, 0.25), None))], "d")
    left, room = 104, 360 - 40 - 104
    assert f'width="{room * 0.5:.1f}"' in picture
    assert f'x1="{left + room * 0.4:.1f}" x2="{left + room * 0.6:.1f}"' in picture
    assert f'class="old" x1="{left + room * 0.25:.1f}"' in picture


def test_columns_share_one_scale() -> None:
    picture = columns([Column("1", 10, 5), Column("2", 0)], "d")
    full = (216 - 38 - 12) / 1.1
    assert f'height="{full:.1f}"' in picture
    assert f'height="{full / 2:.1f}"' in picture


def test_a_line_runs_between_the_axes_and_escapes_its_words() -> None:
    picture = lines(share_axis("<x>"), share_axis(""), [PlotLine("a", [(0, 0), (1, 1)], [2, 2])], '"d"', [(0.5, "<m>")])
    assert 'points="40.0,178.0 348.0,12.0"' in picture
    assert "&lt;x&gt;" in picture
    assert "&lt;m&gt;" in picture
    assert "&quot;d&quot;" in picture


def test_a_logarithmic_axis_puts_powers_of_ten_at_equal_steps() -> None:
    axis = Axis("ms", 1, 100, (), logarithmic=True)
    assert [axis.place(value, 0, 10) for value in (1, 10, 100, 1000)] == [0, 5, 10, 10]
    assert [axis.at(share) for share in (0, 0.5, 1)] == [1, 10, 100]
    assert spread([2, 20, 30, 30], axis, 2) == [(1, 0), (1, 0.25), (10, 0.25), (10, 0.75), (100, 0.75), (100, 0)]
