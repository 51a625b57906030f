"""The HTML form of a mail, where it says more than the text does."""

import re

from corpus.reading.bounded import ParserFailed
from corpus.reading.html import parse_html
from corpus.reading.mail import Mail
from corpus.reading.parts import Parsed, Part

_TABLE = re.compile(r"<table\b", re.I)


def html_body(mail: Mail, parsed: Parsed) -> list[Part]:
    """Parts of the HTML form, if the mail has no other, or if only that has tables; none otherwise."""
    if not mail.html or (mail.plain.strip() and not _TABLE.search(mail.html)):
        return []
    try:
        page = parse_html(mail.html.encode("utf-8", "replace"))
    except ParserFailed:
        return []
    parsed.dropped += page.dropped
    parsed.warnings += page.warnings
    return page.parts
