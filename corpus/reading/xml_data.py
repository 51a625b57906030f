"""XML of any other kind → parts: repeated elements as records, others as sections; Excel 2003 workbooks as sheets."""

from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.data import Value, data_parts
from corpus.reading.grid import sheet_parts
from corpus.reading.office import parse_any_xml
from corpus.reading.parts import HEADING, Parsed, Part
from corpus.reading.tables import Merge, Table

_WORKBOOK = "{urn:schemas-microsoft-com:office:spreadsheet}"
_FURTHEST_COLUMN = 16_384
MOST_CELLS = 2_000_000
_TITLES = ("title", "标题", "name", "名称")


def parse_xml(raw: bytes) -> Parsed:
    """Read XML.

    raises  ParserFailed for what is no XML, declares entities, or holds no text
    """
    root = parse_any_xml(raw)
    parsed = Parsed(encoding=(root.getroottree().docinfo.encoding or "utf-8").lower())
    if root.tag == f"{_WORKBOOK}Workbook":
        parsed.parts = _sheets(root)
    else:
        value = _unwrapped(_value(root))
        parsed.told = _told(value)
        parsed.parts = data_parts(value)
    if not parsed.parts:
        raise ParserFailed("the file holds no text")
    return parsed


def _value(element: Any) -> Value:
    """An element's text, or its attributes and children by name; children of one name are a list."""
    children = [one for one in element if isinstance(one.tag, str)]
    own = "".join([element.text or "", *(one.tail or "" for one in element)]).strip()
    attributes = {_name(name): value for name, value in element.items() if not _is_technical(name)}
    if children and own:  # prose with mark-up in it
        return {**attributes, "": _prose(element)} if attributes else _prose(element)
    found: dict[str, Value] = dict(attributes)
    for child in children:
        name = _name(child.tag)
        inner = _value(child)
        if name not in found:
            found[name] = inner
        elif isinstance(before := found[name], list):
            before.append(inner)
        else:
            found[name] = [before, inner]
    if not found:
        return own
    return {**found, "": own} if own else found


def _prose(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _unwrapped(value: Value) -> Value:
    """What stands within elements that hold nothing but one other."""
    while isinstance(value, dict) and len(value) == 1 and not isinstance(inner := next(iter(value.values())), str):
        value = inner
    return value


def _told(value: Value) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    title = next((one for name in _TITLES if isinstance(one := value.get(name), str) and one), "")
    return {"title": title} if title else {}


def _sheets(root: Any) -> list[Part]:
    parts: list[Part] = []
    left = MOST_CELLS
    for sheet in root.iterfind(f"{_WORKBOOK}Worksheet"):
        table, merges = Table([]), list[Merge]()
        for row in sheet.iterfind(f"{_WORKBOOK}Table/{_WORKBOOK}Row"):
            place = _number(row, "Index")
            table.rows += [[]] if table.rows and place > len(table.rows) + 1 else []
            table.rows.append(_cells(row, len(table.rows), merges))
            left -= len(table.rows[-1])
            if left < 0:
                raise ParserFailed(f"it has more than {MOST_CELLS} cells; split it")
        table.merges = merges
        if lines := sheet_parts(table, 3):
            parts += [Part(HEADING, sheet.get(f"{_WORKBOOK}Name", ""), 2), *lines]
    return parts


def _cells(row: Any, number: int, merges: list[Merge]) -> list[str]:
    cells: list[str] = []
    for cell in row.iterfind(f"{_WORKBOOK}Cell"):
        place = min(_number(cell, "Index"), _FURTHEST_COLUMN)
        cells += [""] * (place - 1 - len(cells))
        across, down = min(_number(cell, "MergeAcross"), _FURTHEST_COLUMN), _number(cell, "MergeDown")
        if across or down:
            merges.append(Merge(number, len(cells), down + 1, across + 1))
        data = cell.find(f"{_WORKBOOK}Data")
        cells += ["".join(data.itertext()) if data is not None else "", *[""] * across]
    return cells


def _number(element: Any, name: str) -> int:
    said = str(element.get(f"{_WORKBOOK}{name}", ""))
    return int(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0


def _name(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _is_technical(name: str) -> bool:
    return name.startswith(("{http://www.w3.org/2001/XMLSchema-instance}", "{http://www.w3.org/XML/1998/namespace}"))
