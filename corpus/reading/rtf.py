"""RTF → parts: headings, paragraphs, tables and footnotes, in the code pages that the file names.

Deleted, hidden and struck-out text, comments and running headers are left out and reported;
pictures and embedded objects are ignored.
"""

from corpus.reading.bounded import ParserFailed
from corpus.reading.parts import Parsed
from corpus.reading.rtf_reader import Reader
from corpus.reading.rtf_tokens import tokens
from corpus.reading.titles import is_placeholder


def parse_rtf(raw: bytes) -> Parsed:
    """Read a file.

    raises  ParserFailed for one that is no RTF or holds no text
    """
    if not raw.startswith(b"{\\rtf"):
        raise ParserFailed("it is no RTF file: its first bytes are others")
    reader = Reader()
    for token in tokens(raw):
        reader.take(token)
    reader.end()
    parsed = Parsed(parts=reader.body.parts, told=reader.told, encoding=reader.charset.codec)
    if is_placeholder(parsed.told.get("title", "")):
        del parsed.told["title"]
    for reason, texts in reader.left_out.items():
        parsed.drop(reason, texts)
    parsed.drop("table of contents", reader.body.contents)
    if reader.depth > 0:
        parsed.warnings.append("it ends in the middle: what it holds until there was read")
    if not parsed.parts and reader.pictures:
        raise ParserFailed("it holds only images; recognise their text (OCR) first")
    if not parsed.parts:
        raise ParserFailed("the file holds no text")
    return parsed
