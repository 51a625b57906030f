"""Tables of a Word document: cells that span columns, cells merged downwards, rows that repeat as heads."""

from collections.abc import Callable, Iterator
from typing import Any

from corpus.reading.tables import Merge, Table

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FURTHEST_COLUMN = 100  # columns that one cell may span
_AROUND = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "customXml")}
ELSEWHERE = "见下表"  # stands in a cell that holds nothing but a table, which follows

CellText = Callable[[Any], tuple[str, list[Any]]]


def table_of(element: Any, read: CellText) -> tuple[Table, list[tuple[str, Any]]]:
    """The table, and the tables within its cells with the names of their rows.

    read  gives a cell's text and the tables within it
    """
    table = Table([])
    inner: list[tuple[str, Any]] = []
    merges: list[Merge] = []
    growing: dict[int, int] = {}  # column → the merge that goes on downwards there
    bold: set[int] = set()
    heads = 0
    for number, row in enumerate(_children(element, "tr")):
        if is_on(row.find(f"{_W}trPr/{_W}tblHeader")) and heads == number:
            heads += 1
        texts = [""] * _span(row, f"trPr/{_W}gridBefore", 0)
        strong: list[bool] = []
        for cell in _children(row, "tc"):
            column, wide = len(texts), _span(cell, f"tcPr/{_W}gridSpan", 1)
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merged is not None and merged.get(f"{_W}val") in (None, "continue") and column in growing:
                at = growing[column]
                merges[at] = merges[at]._replace(high=number - merges[at].row + 1)
                texts += [""] * wide
                continue
            growing.pop(column, None)
            text, within = read(cell)
            inner += [(next(filter(None, texts), ""), one) for one in within]
            text = text or (ELSEWHERE if within else "")
            if merged is not None:
                growing[column] = len(merges)
            if merged is not None or wide > 1:
                merges.append(Merge(number, column, 1, wide))
            strong += [_is_bold(cell)] if text else []
            texts += [text, *[""] * (wide - 1)]
        bold.update((number,) if strong and all(strong) else ())
        table.rows.append(texts)
    table.merges = [merge for merge in merges if merge.high > 1 or merge.wide > 1]
    table.heads = heads if 0 < heads < len(table.rows) else None
    table.bold = frozenset(bold)
    return table, inner


def is_on(toggle: Any) -> bool:
    """Whether a property that may be switched off is there and is not."""
    return toggle is not None and toggle.get(f"{_W}val") not in ("0", "false", "off")


def _is_bold(cell: Any) -> bool:
    runs = [run for run in cell.iter(f"{_W}r") if run.find(f"{_W}t") is not None]
    return bool(runs) and all(is_on(run.find(f"{_W}rPr/{_W}b")) for run in runs)


def _span(parent: Any, path: str, usual: int) -> int:
    found = parent.find(f"{_W}{path}")
    said = found.get(f"{_W}val", "") if found is not None else ""
    return min(int(said), _FURTHEST_COLUMN) if said.isascii() and said.isdigit() and int(said) else usual


def _children(parent: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also those within content controls and insertions."""
    waiting = list(parent)[::-1]
    while waiting:
        one = waiting.pop()
        if one.tag == f"{_W}{name}":
            yield one
        elif one.tag in _AROUND:
            waiting.extend(list(one)[::-1])
