"""Small tables as files: «<» in a cell goes on with the cell to its left, «^» with the one above."""

import csv
import io
from collections.abc import Iterator, Sequence

from support_files import docx_of, paragraph

Rows = Sequence[Sequence[str]]


def rows_of(drawn: str) -> list[list[str]]:
    """Rows of a table that is drawn with one row a line and strokes between the cells; ⏎ is a line break."""
    lines = [line.strip() for line in drawn.strip().splitlines()]
    rows = [[cell.strip().replace("⏎", "\n") for cell in line.split("|")] for line in lines]
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def merges(rows: Rows) -> Iterator[tuple[int, int, int, int]]:
    """Row, column, rows and columns of each merged cell."""
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            wide, high = 1, 1
            while text not in "<^" and column + wide < len(cells) and cells[column + wide] == "<":
                wide += 1
            while text not in "<^" and row + high < len(rows) and rows[row + high][column] == "^":
                high += 1
            if wide * high > 1:
                yield row, column, high, wide


def bare(rows: Rows) -> list[list[str]]:
    return [["" if text in ("<", "^") else text for text in row] for row in rows]


def xlsx(rows: Rows) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表"
    for row, cells in enumerate(bare(rows), start=1):
        for column, text in enumerate(cells, start=1):
            if text:
                sheet.cell(row, column, _value(text))
    for row, column, high, wide in merges(rows):
        sheet.merge_cells(start_row=row + 1, start_column=column + 1, end_row=row + high, end_column=column + wide)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _value(text: str) -> str | int | float:
    if text.isdecimal() and not (len(text) > 1 and text[0] == "0"):
        return int(text)
    return float(text) if text.replace(".", "", 1).isdecimal() and text[0] != "0" else text


def delimited(rows: Rows) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(bare(rows))
    return file.getvalue().encode("gbk")


def html(rows: Rows) -> bytes:
    spans = {(row, column): (high, wide) for row, column, high, wide in merges(rows)}
    lines = []
    for row, cells in enumerate(rows):
        written = []
        for column, text in enumerate(cells):
            if text in ("<", "^"):
                continue
            high, wide = spans.get((row, column), (1, 1))
            written.append(f"<td rowspan={high} colspan={wide}>{text.replace(chr(10), '<br>')}</td>")
        lines.append(f"<tr>{''.join(written)}</tr>")
    return f"<html><meta charset=utf-8><body><table>{''.join(lines)}</table></body></html>".encode()


def markdown(rows: Rows) -> bytes:
    head, *body = [[text.replace("\n", "<br>") for text in row] for row in bare(rows)]
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).encode()


def docx(rows: Rows) -> bytes:
    spans = {(row, column): (high, wide) for row, column, high, wide in merges(rows)}
    lines = []
    for row, cells in enumerate(rows):
        written, column = [], 0
        while column < len(cells):
            text, properties, wide = cells[column], "", 1
            if text == "^":
                above = next(one for one in range(row, -1, -1) if rows[one][column] != "^")
                wide = spans[above, column][1]
                properties = "<w:vMerge/>"
            elif (row, column) in spans:
                high, wide = spans[row, column]
                properties = '<w:vMerge w:val="restart"/>' if high > 1 else ""
            properties += f'<w:gridSpan w:val="{wide}"/>' if wide > 1 else ""
            words = "".join(map(paragraph, text.split("\n"))) if text not in ("", "^") else "<w:p/>"
            written.append(f"<w:tc><w:tcPr>{properties}</w:tcPr>{words}</w:tc>")
            column += wide
        lines.append(f"<w:tr>{''.join(written)}</w:tr>")
    return docx_of(f"<w:tbl>{''.join(lines)}</w:tbl>")


WRITERS = {"xlsx": xlsx, "csv": delimited, "html": html, "md": markdown, "docx": docx}
