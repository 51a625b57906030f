"""Shapes of a slide → parts in the order in which they are read: from top to bottom, groups as wholes."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.reading.grid import table_parts
from corpus.reading.office import read_xml, targets
from corpus.reading.parts import LINE, PARAGRAPH, Part
from corpus.reading.raised import raised
from corpus.reading.tables import Merge, Table

_TITLES = ("title", "ctrTitle")
_ON = ("1", "true")
_RUNNING = ("dt", "ftr", "hdr", "sldNum")
_DEEPEST = 50  # groups within groups that are opened
_PERCENT = re.compile(r"0(?:\.(0+))?%")

LeftOut = dict[str, list[str]]


@dataclass(slots=True)
class Shapes:
    """What a slide shows. left_out  text by the reason why it is not shown; pictures  how many there are"""

    title: str = ""
    parts: list[Part] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=dict)
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    package: zipfile.ZipFile
    path: str


def shapes_of(package: zipfile.ZipFile, path: str, root: Any) -> Shapes:
    """All shapes of a slide."""
    found = Shapes()
    for tree in root.iterfind("{*}cSld/{*}spTree"):
        _read(list(_ordered(tree)), _Place(package, path), found, 0)
    return found


def paragraphs_of(shape: Any, left_out: LeftOut) -> Iterator[tuple[str, int]]:
    """Text and list level of each paragraph that says something."""
    for paragraph in shape.iterfind("{*}txBody/{*}p"):
        if text := _text(paragraph, left_out).strip():
            properties = paragraph.find("{*}pPr")
            level = properties.get("lvl", "0") if properties is not None else "0"
            yield text, int(level) if level.isdigit() else 0


def _ordered(tree: Any) -> list[Any]:
    """Shapes from top to bottom and from left to right, where every one of them has a place of its own."""
    shapes = [one for one in map(_chosen, tree) if one is not None]
    placed = [(_corner(one), number, one) for number, one in enumerate(shapes)]
    if any(corner is None and _kind(one) != "" for corner, _, one in placed):
        return shapes
    return [one for _, _, one in sorted(placed, key=lambda item: (item[0] or (0, 0), item[1]))]


def _chosen(one: Any) -> Any:
    """The element itself, or of alternatives the first."""
    if _name(one) == "AlternateContent":
        return next((inner for branch in one.iterfind("{*}Choice") for inner in branch), None)
    return one if _name(one) in ("sp", "grpSp", "graphicFrame", "pic", "cxnSp") else None


def _corner(one: Any) -> tuple[int, int] | None:
    """Row and left edge, in EMU; rows are 0.1 inch high, so that neighbours stand in one."""
    offset = next(iter(one.iterfind("{*}spPr/{*}xfrm/{*}off")), None)
    for path in ("{*}grpSpPr/{*}xfrm/{*}off", "{*}xfrm/{*}off"):
        offset = offset if offset is not None else one.find(path)
    if offset is None:
        return None
    try:
        return int(offset.get("y", "0")) // 91_440, int(offset.get("x", "0"))
    except ValueError:
        return None


def _read(shapes: list[Any], place: _Place, found: Shapes, depth: int) -> None:
    for one in shapes:
        name = _name(one)
        if _is_hidden(one):
            found.left_out.setdefault("hidden text", []).append("".join(one.itertext("{*}t")))
        elif name == "grpSp" and depth < _DEEPEST:
            _read(_ordered(one), place, found, depth + 1)
        elif name == "grpSp":
            found.left_out.setdefault("text in too many groups", []).append("".join(one.itertext("{*}t")))
        elif name == "graphicFrame":
            found.parts += _frame(one, place, found.left_out)
        elif name == "pic":
            found.pictures += 1
        else:
            _read_text(one, found)


def _read_text(shape: Any, found: Shapes) -> None:
    kind = _kind(shape)
    paragraphs = list(paragraphs_of(shape, found.left_out))
    if kind in _TITLES and not found.title:
        found.title = " ".join(" ".join(text.split()) for text, _ in paragraphs)
    elif kind in _RUNNING:
        found.left_out.setdefault(kind, []).extend(text for text, _ in paragraphs)
    else:
        listed = kind not in ("", "subTitle")
        found.parts += [
            Part(LINE if number and (listed or level) else PARAGRAPH, text)
            for number, (text, level) in enumerate(paragraphs)
        ]


def _frame(frame: Any, place: _Place, left_out: LeftOut) -> list[Part]:
    """A table, a chart, or a diagram."""
    table = next(frame.iterfind("{*}graphic/{*}graphicData/{*}tbl"), None)
    if table is not None:
        return table_parts(_table(table, left_out))
    known = targets(place.package, place.path)
    parts: list[Part] = []
    for data in frame.iterfind("{*}graphic/{*}graphicData/*"):
        for name, key in data.items():
            kind, path = known.get(key, ("", ""))
            if name.endswith(("}id", "}dm")) and kind in ("chart", "diagramData"):
                root = read_xml(place.package, path)
                parts += [] if root is None else _chart(root) if kind == "chart" else _diagram(root, left_out)
    return parts


def _table(table: Any, left_out: LeftOut) -> Table:
    """Rows of texts and the merged cells; the places that one covers are there, and empty."""
    rows: list[list[str]] = []
    merges: list[Merge] = []
    for number, row in enumerate(table.iterfind("{*}tr")):
        cells: list[str] = []
        for column, cell in enumerate(row.iterfind("{*}tc")):
            high, wide = _span(cell, "rowSpan"), _span(cell, "gridSpan")
            if high > 1 or wide > 1:
                merges.append(Merge(number, column, high, wide))
            covered = cell.get("hMerge") in _ON or cell.get("vMerge") in _ON
            cells.append("" if covered else "\n".join(text for text, _ in paragraphs_of(cell, left_out)))
        rows.append(cells)
    properties = table.find("{*}tblPr")
    headed = properties is not None and properties.get("firstRow") in _ON
    return Table(rows, merges, heads=1 if headed and len(rows) > 1 else None, loose=True)


def _span(cell: Any, name: str) -> int:
    said = str(cell.get(name, "1"))
    return int(said) if said.isascii() and said.isdigit() and 0 < len(said) < 6 else 1


def _chart(root: Any) -> list[Part]:
    """The chart's title, and its series as the columns of a table."""
    title = "".join(root.xpath("./*[local-name()='chart']/*[local-name()='title']//*[local-name()='t']/text()"))
    rows: dict[str, list[str]] = {}
    names: list[str] = []
    for number, series in enumerate(root.iterfind(".//{*}ser")):
        names.append("".join(series.xpath("./*[local-name()='tx']//*[local-name()='v']/text()")))
        labels, values = _points(series, ("cat", "xVal")), _points(series, ("val", "yVal"))
        for key, value in values.items():
            row = rows.setdefault(labels.get(key, key), [])
            row += [""] * (number - len(row)) + [value]
    parts = [Part(PARAGRAPH, title.strip())] if title.strip() else []
    return parts + table_parts([["", *names], *([label, *row] for label, row in rows.items())], 1 if any(names) else 0)


def _points(series: Any, names: tuple[str, ...]) -> dict[str, str]:
    """Shown values by their index."""
    holder = next((one for name in names for one in series.iterfind(f"{{*}}{name}")), None)
    if holder is None:
        return {}
    code = next((one.text or "" for one in holder.iter("{*}formatCode")), "")
    return {
        str(point.get("idx")): _shown(point.findtext("{*}v") or "", point.get("formatCode") or code)
        for point in holder.iter("{*}pt")
    }


def _shown(value: str, code: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return value
    percent = _PERCENT.fullmatch(code)
    return f"{number * 100:.{len(percent[1] or '')}f}%" if percent else f"{number:.15g}"


def _diagram(root: Any, left_out: LeftOut) -> list[Part]:
    """The texts of a SmartArt diagram."""
    texts = (_text(paragraph, left_out).strip() for paragraph in root.iterfind("{*}ptLst/{*}pt/{*}t/{*}p"))
    return [Part(LINE if number else PARAGRAPH, text) for number, text in enumerate(filter(None, texts))]


def _text(paragraph: Any, left_out: LeftOut) -> str:
    pieces: list[str] = []
    waiting = [paragraph]
    while waiting:
        one = waiting.pop()
        name = _name(one)
        if name == "br":
            pieces.append("\n")
        elif name == "t":
            pieces.append(_run(one, left_out))
        elif name != "Fallback":
            waiting.extend(list(one)[::-1])
    return "".join(pieces)


def _run(words: Any, left_out: LeftOut) -> str:
    """A run as it is seen: struck-out text is not, raised digits stay raised."""
    run, text = words.getparent(), words.text or ""
    if _name(run) == "fld" and run.get("type") == "slidenum":
        return ""
    properties = run.find("{*}rPr")
    if properties is None:
        return text
    if properties.get("strike", "noStrike") != "noStrike":
        left_out.setdefault("struck-out text", []).append(text)
        return ""
    baseline = properties.get("baseline", "0")
    return raised(text) if baseline.rstrip("0%").isdigit() else text


def _kind(shape: Any) -> str:
    """The type of a placeholder, obj where it names none; empty for other shapes."""
    holder = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    return str(holder.get("type", "obj")) if holder is not None else ""


def _is_hidden(one: Any) -> bool:
    return any(child.get("hidden") in ("1", "true") for child in one.iterfind("*/{*}cNvPr"))


def _name(element: Any) -> str:
    tag = element.tag if element is not None else ""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""
