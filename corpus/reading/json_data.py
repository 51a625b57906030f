"""JSON → documents given as rows (`{"id", "title", "text", …}`), or parts of any other data; JSON Lines too."""

import json
from collections.abc import Callable
from typing import Any

from corpus.reading.bounded import ParserFailed
from corpus.reading.data import Value, data_parts
from corpus.reading.decoding import UndecodableText, decode
from corpus.reading.parts import Parsed
from corpus.reading.rows import is_known_row, is_row

_DEEPEST = 200  # values within values
_TRUTHS = {True: "是", False: "否"}
_TITLES = ("title", "标题", "名称", "name")


def parse_json(raw: bytes) -> Parsed:
    """Read JSON or JSON Lines.

    raises  ParserFailed for what is not JSON, holds no text, or is nested beyond measure
    """
    try:
        decoded = decode(raw)
    except UndecodableText as error:
        raise ParserFailed(str(error)) from None
    parsed = Parsed(encoding=decoded.encoding, confidence=decoded.confidence)
    if not decoded.text.strip():
        raise ParserFailed("the file holds no text")
    found = _loaded(decoded.text, str)
    rows = found if isinstance(found, list) else [found]
    if is_row(found) or (rows is found and all(map(is_known_row, rows)) and rows):
        plain = _loaded(decoded.text)
        parsed.rows = plain if isinstance(plain, list) else [plain]
        return parsed
    if not isinstance(found, dict | list):
        raise ParserFailed("a row must be a JSON object with id, title and text")
    value = _value(found, 0)
    if isinstance(value, dict):
        title = next((one for name in _TITLES if isinstance(one := value.get(name), str)), "")
        parsed.told = {"title": title} if title else {}
    parsed.parts = data_parts(value)
    if not parsed.parts:
        raise ParserFailed("the file holds no text")
    return parsed


def _loaded(text: str, number: Callable[[str], Any] | None = None) -> Any:
    """The value of JSON, or the list of objects that stand one a line. number  makes a value of a written number"""
    try:
        return json.loads(text, parse_int=number, parse_float=number)
    except RecursionError:
        raise ParserFailed("the content is not JSON, or nested too deeply") from None
    except ValueError:
        lines = [line for line in text.split("\n") if line.strip()]
    try:
        rows = [json.loads(line, parse_int=number, parse_float=number) for line in lines]
    except (ValueError, RecursionError):
        raise ParserFailed("the content is not JSON") from None
    if not all(isinstance(row, dict) for row in rows):
        raise ParserFailed("the content is not JSON")
    return rows


def _value(found: Any, depth: int) -> Value:
    """Numbers as they are written, truth values as words, nothing as an empty text."""
    if depth > _DEEPEST:
        raise ParserFailed("its values are nested too deeply")
    if isinstance(found, dict):
        return {name: _value(inner, depth + 1) for name, inner in found.items()}
    if isinstance(found, list):
        return [_value(inner, depth + 1) for inner in found]
    if isinstance(found, bool):
        return _TRUTHS[found]
    return "" if found is None else str(found)
