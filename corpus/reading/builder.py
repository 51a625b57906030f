"""Building a canonical text piece by piece, with sections and attributions at true offsets.

Readers never compute offsets: they add headings and paragraphs in order, and the
builder notes where each piece lands in the one text it grows.
"""

from dataclasses import dataclass, field

from corpus.document import Attribution, Disagreement, Section

DISAGREES = "≠"  # a mark such as [^≠面积] ties statements that give different values for one topic


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote mark: it stood behind offset `at` of its paragraph's clean text."""

    at: int
    key: str


@dataclass
class TextBuilder:
    """Grows one canonical text.

    Paragraphs are separated by an empty line, headings stand on a line of their own.
    """

    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _path: list[tuple[int, str]] = field(default_factory=list)
    _open: int | None = None
    _sections: list[Section] = field(default_factory=list)
    _attributions: list[Attribution] = field(default_factory=list)
    _topics: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def heading(self, level: int, title: str) -> None:
        """Close the section and open one under this heading; level counts from 1 (outermost)."""
        title = " ".join(title.split())
        if not title:
            return
        self._close()
        self._append(title)
        self._path = [(outer, name) for outer, name in self._path if outer < level] + [(level, title)]

    def paragraph(self, text: str, marks: tuple[Mark, ...] = (), separator: str = "\n\n") -> None:
        """Add a paragraph; each mark attributes the statement between the previous mark and itself."""
        if not text.strip():
            return
        start = self._append(text, separator)
        if self._open is None:
            self._open = start
        self._attribute(start, text, marks)

    def text(self) -> str:
        return "".join(self._pieces)

    def sections(self) -> tuple[Section, ...]:
        self._close()
        return tuple(self._sections)

    def attributions(self) -> tuple[Attribution, ...]:
        return tuple(self._attributions)

    def disagreements(self) -> tuple[Disagreement, ...]:
        return tuple(Disagreement(topic, tuple(spans)) for topic, spans in self._topics.items() if len(spans) > 1)

    def _append(self, piece: str, separator: str = "\n\n") -> int:
        """Add a piece; return the offset at which it starts."""
        if self._pieces:
            self._pieces.append(separator)
            self._length += len(separator)
        start = self._length
        self._pieces.append(piece)
        self._length += len(piece)
        return start

    def _close(self) -> None:
        if self._open is not None:
            path = tuple(name for _, name in self._path)
            self._sections.append(Section(path, self._open, self._length))
            self._open = None

    def _attribute(self, offset: int, text: str, marks: tuple[Mark, ...]) -> None:
        begin = 0
        for at in sorted({mark.at for mark in marks}):
            start = begin + len(text[begin:at]) - len(text[begin:at].lstrip())
            keys = [mark.key for mark in marks if mark.at == at]
            sources = tuple(key for key in keys if not key.startswith(DISAGREES))
            if sources and start < at:
                self._attributions.append(Attribution(offset + start, offset + at, sources))
            for key in keys:
                if key.startswith(DISAGREES):
                    self._topics.setdefault(key.removeprefix(DISAGREES), []).append((offset + start, offset + at))
            begin = at
