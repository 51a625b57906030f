"""CSV and TSV, in any encoding and dialect → parts: one line a row."""

import csv
import io
import re

from corpus.reading.bounded import ParserFailed
from corpus.reading.decoding import UndecodableText, decode
from corpus.reading.grid import Grid, sheet_parts
from corpus.reading.parts import Parsed
from corpus.reading.tables import Table

_LEVEL = 2  # of the headings that titles of tables become
_DELIMITERS = ",\t;|，"
_SAMPLE = 200  # lines that are looked at to find the delimiter
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.I)


def parse_csv(raw: bytes) -> Parsed:
    """CSV or TSV: the delimiter is found out.

    raises  ParserFailed for bytes that are no text, or quotes that are never closed
    """
    try:
        decoded = decode(raw)
    except UndecodableText as error:
        raise ParserFailed(str(error)) from None
    parsed = Parsed(encoding=decoded.encoding, confidence=decoded.confidence)
    text = decoded.text
    if said := _SEPARATOR_LINE.match(text):
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    grid = _csv_rows(text, delimiter, parsed)
    parsed.parts = sheet_parts(Table(grid), _LEVEL)
    parsed.measure(cell for row in grid for cell in row)
    return parsed


def _csv_rows(text: str, delimiter: str, parsed: Parsed) -> Grid:
    csv.field_size_limit(len(text) + 1)
    try:
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        parsed.warnings.append("its quotes do not match; they were read as letters")
        grid = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE))
    widths = {len(row) for row in grid if any(row)}
    if len(widths) > 1:
        parsed.warnings.append(f"its rows have {min(widths)} to {max(widths)} columns")
    return grid


def _delimiter(text: str) -> str:
    """The sign that parts most lines into equally many cells; a comma where none does."""
    lines = [re.sub(r'"[^"\n]*"', "", line) for line in text[:200_000].split("\n")[:_SAMPLE] if line.strip()]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        usual = max(set(counts) - {0}, key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, -_DELIMITERS.index(sign))

    return max(_DELIMITERS, key=evenness)
