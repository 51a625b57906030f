"""Dates as people write them → the form that a Source keeps."""

import re

from corpus.document import is_date

_WRITTEN = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})(?:\s*(?:月|[-/.])\s*(\d{1,2}))?")
_YEAR = re.compile(r"(?<!\d)(\d{4})年?")


def iso_date(text: str) -> str:
    """The first date in the text as YYYY-MM-DD, YYYY-MM or YYYY; empty where there is none."""
    for found in _WRITTEN.finditer(text):
        written = "-".join(f"{int(part):02}" for part in found.groups() if part)
        if is_date(written):
            return written
    year = _YEAR.fullmatch(text.strip())
    return year[1] if year and is_date(year[1]) else ""


def dated(text: str) -> tuple[str, str]:
    """Date and date note of a text such as 2021年1月报道; the note is empty where the date says all."""
    date = iso_date(text)
    said = re.sub(r"\d{4}|[-/.年月日]|\d{1,2}|[\sT:+Z]", "", text)
    return date, "" if date and not said else text
