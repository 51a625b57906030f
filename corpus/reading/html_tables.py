"""Tables of a page: which of them hold cells, rather than arrange the page, and what those cells are."""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from corpus.reading.tables import Cell, Table, laid_out

_MERGED = etree.XPath(".//*[@rowspan or @colspan]")
_MOST_COVERED = 1_000_000  # places of one table that merged cells may cover
_WIDEST_SPAN = 1000  # columns or rows that one cell may cover
_HEADINGS = tuple(f"h{level}" for level in range(1, 7))
_BOLD = ("b", "strong")
_ELSEWHERE = "见下表"  # stands in a cell that holds nothing but a table, which follows


def table_of(element: Any, text_of: Callable[[Any], str]) -> tuple[Table, list[tuple[str, Any]]] | None:
    """The table, and the tables within its cells with the names of their rows; None for one that arranges the page.

    text_of  gives the text of a cell
    """
    if element.get("role") in ("presentation", "none") or next(element.iterdescendants(*_HEADINGS), None) is not None:
        return None
    if next(element.iterdescendants("table"), None) is not None and not _holds_data(element):
        return None
    if not _has_columns(element):
        return None
    inner: list[tuple[str, Any]] = []
    rows: list[list[Cell]] = []
    heads = 0
    for row in _rows(element):
        cells = list(row.iterchildren("td", "th"))
        titled = row.getparent().tag == "thead" or (len(cells) > 1 and all(_is_head(cell) for cell in cells))
        heads += titled and heads == len(rows)
        rows.append(_cells(cells, text_of, inner))
    table = laid_out(rows)
    if max(map(len, table.rows), default=0) <= 1:
        return None
    table.heads = heads if 0 < heads < len(rows) else None
    table.sides = table.heads is None and _has_sides(rows)
    return table, inner


def _rows(table: Any) -> Iterator[Any]:
    """Its rows, without those of tables within its cells."""
    walker = etree.iterwalk(table, events=("start",), tag=("tr", "table"))
    for _, one in walker:
        if one.tag == "tr":
            yield one
        elif one is not table:
            walker.skip_subtree()


def _cells(cells: list[Any], text_of: Callable[[Any], str], inner: list[tuple[str, Any]]) -> list[Cell]:
    found: list[Cell] = []
    for cell in cells:
        within = _taken_out(cell)
        text = text_of(cell)
        if within:
            name = next((one.text for one in found if one.text), "")
            inner += [(name, one) for one in within]
            text = text or _ELSEWHERE
        wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
        found.append(Cell(text, wide, high, cell.tag == "th", cell.tag == "th" or _is_bold(cell)))
    return found


def _taken_out(cell: Any) -> list[Any]:
    """The outermost tables within a cell, which leave it; the words behind them stay."""
    within: list[Any] = []
    walker = etree.iterwalk(cell, events=("start",), tag=("table",))
    for _, one in walker:
        within.append(one)
        walker.skip_subtree()
    for one in within:
        place = etree.Element("br")
        place.tail, one.tail = one.tail, None
        one.getparent().replace(one, place)
    return within


def _holds_data(table: Any) -> bool:
    """Whether a table with tables in its cells is one itself: it has heads, a title or lines."""
    border = str(table.get("border", "0"))
    if border.strip("0px ") or next(table.iterchildren("caption", "thead"), None) is not None:
        return True
    return any(next(row.iterchildren("th"), None) is not None for row in _rows(table))


def _has_columns(table: Any) -> bool:
    """Whether a row can have two cells, of its own or of merged ones, which must not cover too many."""
    if covered := sum(_span(one, "colspan") * _span(one, "rowspan") - 1 for one in _MERGED(table)):
        return covered <= _MOST_COVERED
    return any(sum(1 for _ in row.iterchildren("td", "th")) > 1 for row in _rows(table))


def _is_head(cell: Any) -> bool:
    return cell.tag == "th" or not "".join(cell.itertext()).strip()


def _is_bold(cell: Any) -> bool:
    """Whether all words of a cell stand in one element that is bold."""
    return (
        len(cell) == 1 and cell[0].tag in _BOLD and not (cell.text or "").strip() and not (cell[0].tail or "").strip()
    )


def _has_sides(rows: list[list[Cell]]) -> bool:
    """Whether the first cell of every row is a header, and no other one is."""
    wide = [row for row in rows if len(row) > 1]
    return bool(wide) and all(row[0].header and not any(cell.header for cell in row[1:]) for row in wide)


def _span(cell: Any, name: str) -> int:
    said = str(cell.get(name, "1")).strip()
    return max(1, min(int(said), _WIDEST_SPAN)) if said.isascii() and said.isdigit() and len(said) < 6 else 1
