"""Data without a layout (JSON, XML) → parts: records as rows, objects as sections, values as lines.

A value is a string, or a mapping of names to values, or a list of values; readers of JSON and
XML bring theirs into this form.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Part
from corpus.reading.tables.names import flat

Value: TypeAlias = "str | dict[str, Value] | list[Value]"

_DEEPEST_HEADING = 6
_DEEPEST = 200  # values within values; what lies deeper is no longer told apart
_JOINT = "／"  # between the names of a value that lies in another
_MOST_NAMES = 200  # of a record that becomes a row; one with more becomes a section


def data_parts(value: Value, level: int = 1) -> list[Part]:
    """Parts of a value.

    level  of the headings that its names become
    """
    return _Data().parts(value, level)


class _Data:
    """Goes through a value; each object is a section, each list of objects rows."""

    def parts(self, value: Value, level: int, name: str = "") -> list[Part]:
        if isinstance(value, str):
            return [Part(PARAGRAPH, _said(name, value))] if value else []
        if isinstance(value, list):
            return self._list(value, level, name)
        return self._object(value, level)

    def _object(self, value: Mapping[str, Value], level: int) -> list[Part]:
        """Single values first, as lines; then a section for each of the others, in order."""
        lines = [_said(name, text) for name, inner in value.items() if (text := _inline(inner)) is not None and text]
        parts = [Part(LINE if number else PARAGRAPH, line) for number, line in enumerate(lines)]
        for name, inner in value.items():
            if _inline(inner) is not None:
                continue
            if level > _DEEPEST_HEADING:
                parts += [Part(LINE, _said(_JOINT.join((name, *path)), text)) for path, text in _leaves(inner)]
            elif held := self.parts(inner, level + 1, name):
                parts += [Part(HEADING, name, level), *held]
        return parts

    def _list(self, values: list[Value], level: int, name: str) -> list[Part]:
        if (rows := _rows(values)) is not None:
            return [Part(PARAGRAPH, "\n".join(rows))] if rows else []
        parts: list[Part] = []
        for number, value in enumerate(values, start=1):
            if isinstance(value, str):
                parts += [Part(LINE if parts else PARAGRAPH, value)] if value else []
            elif level > _DEEPEST_HEADING:
                parts += [Part(LINE, _said(_JOINT.join(path), text)) for path, text in _leaves(value)]
            elif held := self.parts(value, level + 1):
                parts += [Part(HEADING, _title_of(value) or f"{name}{number}", level), *held]
        return parts


def _rows(values: list[Value]) -> list[str] | None:
    """A line for each record, every value behind its name; None where the values are no records."""
    if not values or not all(isinstance(value, dict) for value in values):
        return None
    lines = []
    for value in values:
        record = [_said(_JOINT.join(path), flat(text)) for path, text in _record(value)]
        if len(record) > _MOST_NAMES or any(isinstance(one, list) and _inline(one) is None for one in _inner(value)):
            return None
        lines += ["，".join(record) + "。"] if record else []
    return lines


def _inner(value: Value) -> Iterator[Value]:
    """All values within objects within objects."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting += one.values()


def _record(value: Value) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names and texts of a record, in order; those of objects within it have the names of both."""
    waiting: list[tuple[tuple[str, ...], Value]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if (text := _inline(one)) is not None:
            if text:
                yield path or ("",), text
        elif isinstance(one, dict) and len(path) < _DEEPEST:
            waiting += [((*path, name) if name else path, inner) for name, inner in reversed(one.items())]


def _leaves(value: Value) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names and texts of everything within a value."""
    waiting: list[tuple[tuple[str, ...], Value]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            if one:
                yield path, one
        elif isinstance(one, dict):
            waiting += [((*path, name)[-_DEEPEST_HEADING:], inner) for name, inner in reversed(one.items())]
        else:
            waiting += [(path, inner) for inner in reversed(one)]


def _inline(value: Value) -> str | None:
    """A text, or texts joined; None for objects and what holds some."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        texts = [one for one in value if isinstance(one, str) and one]
        return "、".join(texts) if all("\n" not in one and len(one) < 100 for one in texts) else None
    return None


def _said(name: str, text: str) -> str:
    name = flat(" ".join(name.split()))
    return f"{name}：{text}" if name else text


def _title_of(value: Value) -> str:
    """What an object is called by itself."""
    if not isinstance(value, dict):
        return ""
    return next((one for name in ("title", "name", "标题", "名称") if isinstance(one := value.get(name), str)), "")[
        :100
    ]
