"""Each value of a table is found by its row and its column, whatever the table holds, and no other one is stated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_tables import WRITERS
from support_texts import relaxed

from corpus.reading import read
from corpus.reading.tables import Table, read_table

THINGS = ["东溪园", "西山园", "南湖谷", "北岭社", "中堂里", "松月坊", "桂雨汇", "竹溪台"]
VALUES = {
    "占地面积": st.integers(10, 900).map(lambda n: f"{n}亩"),
    "租金（元/月）": st.integers(100, 9999).map(str),
    "企业数": st.integers(1, 999).map(str),
    "联系人": st.sampled_from(["张三", "李四", "王五", "赵六", "钱七"]),
    "开园日期": st.dates().map(lambda day: f"{day.year:04}-{day.month:02}-{day.day:02}"),
    "入驻率": st.integers(0, 1000).map(lambda n: f"{n / 10}%"),
    "电话": st.integers(1000, 9999).map(lambda n: f"0571-{n}"),
    "2023年": st.integers(1, 5000).map(str),
    "2024": st.integers(1, 1800).map(str),
}
SAID = {"租金（元/月）": ("租金", "元/月"), "2024": ("2024年", "")}


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    columns = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=5, unique=True))
    things = draw(st.lists(st.sampled_from(THINGS), min_size=2, max_size=6, unique=True))
    return [["园区", *columns], *([thing, *(draw(VALUES[column]) for column in columns)] for thing in things)]


def said(column: str, value: str) -> str:
    name, unit = SAID.get(column, (column, ""))
    return f"{name}：{value}{unit}"


@relaxed
@given(tables())
def test_a_value_stands_with_its_row_and_its_column(table: list[list[str]]) -> None:
    names, *rows = table
    lines = [line.text for line in read_table(Table([list(row) for row in table]))]
    assert lines == [f"园区：{row[0]}，" + "，".join(map(said, names[1:], row[1:])) + "。" for row in rows]


@relaxed
@given(tables(), st.sampled_from(["东溪园区一览", "单位：万元"]), st.integers(0, 2))
def test_what_stands_above_changes_no_name(table: list[list[str]], above: str, empty: int) -> None:
    rows = [[above], *[[] for _ in range(empty)], *table]
    lines = [line.text for line in read_table(Table(rows))]
    names = [said(name, "").split("：")[0] for name in table[0][1:]]
    for row, line in zip(table[1:], lines[1:], strict=True):
        assert line.startswith(f"园区：{row[0]}，")
        found = [piece.split("：")[0] for piece in line.split("，")[1:]]
        assert found == names


@relaxed
@given(tables())
def test_rows_without_a_head_get_no_names(table: list[list[str]]) -> None:
    """A first row that is one of the rows must not name the others."""
    rows = table[1:]
    lines = [line.text for line in read_table(Table([list(row) for row in rows]))]
    heads = {f"{cell}：" for cell in rows[0]}
    if len(rows[0]) > 2:
        assert not [line for line in lines[1:] for head in heads if head in line]


@pytest.mark.parametrize("kind", WRITERS)
def test_all_formats_give_the_same_lines(kind: str) -> None:
    table = [
        ["园区", "占地面积", "租金（元/月）", "联系人"],
        ["东溪园", "80亩", "300", "张三"],
        ["西山园", "95亩", "280", "李四"],
    ]
    text = read(WRITERS[kind](table), name=f"表.{kind}").documents[0].text.removeprefix("表\n\n")
    assert text == (
        "园区：东溪园，占地面积：80亩，租金：300元/月，联系人：张三。\n园区：西山园，占地面积：95亩，租金：280元/月，联系人：李四。"
    )
