"""Building a canonical text piece by piece, with sections and attributions at true offsets.

Readers never compute offsets: they add headings and paragraphs in order, and the
builder notes where each piece lands in the one text it grows.
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from corpus.document import Attribution, Disagreement, QuestionGroup, Section, unique
from corpus.reading.numbering import ARTICLE, numbering, opens_article

Span = tuple[int, int]

DISAGREES = "≠"  # a mark such as [^≠面积] ties statements that give different values for one topic
_CLOSING = frozenset("。！？；…，、：”’」』）》】.!?;,)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote mark: it stood behind offset `at` of its paragraph's clean text."""

    at: int
    key: str


_WITHIN = 50  # level of an article that a paragraph opens: below every heading
_IN_BRACKETS = re.compile("[【〔][^】〕]{1,20}[】〕]")  # what names an article, as in 第三条【适用范围】


@dataclass(frozen=True, slots=True)
class _Step:
    """A heading on the way to the text. rank is its numbering's, 0 for none."""

    level: int
    rank: int
    name: str

    def holds(self, level: int, rank: int) -> bool:
        """Whether a heading of this level and rank stands below this one.

        第一章 holds 第一节 although both may be printed alike; other numberings count among equals.
        """
        statutory = 0 < self.rank <= ARTICLE and 0 < rank <= ARTICLE
        if statutory or (self.rank and rank and self.level == level):
            return self.rank < rank
        return self.level < level


@dataclass
class TextBuilder:
    """Grows one canonical text.

    Paragraphs are separated by an empty line, headings stand on a line of their own. A paragraph
    that opens an article (第三条 …) opens a section named after it. A heading with nothing below it
    is a section of its own.
    """

    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _path: list[_Step] = field(default_factory=list)
    _article: int = 0
    _bare_until: int = -1  # end of the last section of bare headings
    _bare: Span | None = None  # the heading that nothing stands below yet
    _open: int | None = None
    _sections: list[Section] = field(default_factory=list)
    _attributed: dict[Span, list[str]] = field(default_factory=dict)
    _topics: dict[str, list[Span]] = field(default_factory=dict)
    _paragraph: Span = (0, 0)
    _asked: dict[Span, list[str]] = field(default_factory=dict)

    def heading(self, level: int, title: str) -> None:
        """Close the section and open one under this heading; level counts from 1 (outermost)."""
        title = " ".join(title.split())
        if not title:
            return
        found = numbering(title)
        self._enter(_Step(level, found.rank if found else 0, title))
        self._article = found.number if found and found.rank == ARTICLE else self._article
        start = self._append(title)
        self._bare = (start, start + len(title))

    def paragraph(self, text: str, marks: tuple[Mark, ...] = (), separator: str = "\n\n") -> None:
        """Add a paragraph; each mark attributes the statement between the previous mark and itself."""
        if not text.strip():
            return
        self._note_article(text)
        start = self._append(text, separator)
        self._bare = None
        if self._open is None:
            self._open = start
        if marks:
            self._attribute(start, text, marks)
        self._paragraph = (start, start + len(text))

    def ask(self, questions: Iterable[str]) -> None:
        """Similar questions for what the last paragraph says; dropped before the first one."""
        if self._paragraph[1]:
            self._asked.setdefault(self._paragraph, []).extend(questions)

    @property
    def length(self) -> int:
        """Code points so far."""
        return self._length

    def text(self) -> str:
        return "".join(self._pieces)

    def sections(self) -> tuple[Section, ...]:
        self._close()
        self._keep_bare()
        self._bare = None
        return tuple(self._sections)

    def keys(self) -> set[str]:
        """Source keys of all marks that attribute something."""
        return {key for keys in self._attributed.values() for key in keys}

    def attributions(self, known: Container[str]) -> tuple[Attribution, ...]:
        """One for each attributed statement; keys that are not known are left out."""
        kept = ((span, tuple(key for key in keys if key in known)) for span, keys in self._attributed.items())
        return tuple(Attribution(*span, keys) for span, keys in kept if keys)

    def asked(self) -> tuple[QuestionGroup, ...]:
        return tuple(
            QuestionGroup(*span, unique(questions)) for span, questions in self._asked.items() if any(questions)
        )

    def disagreements(self) -> tuple[Disagreement, ...]:
        return tuple(Disagreement(topic, tuple(spans)) for topic, spans in self._topics.items() if len(spans) > 1)

    def _note_article(self, text: str) -> None:
        """Open a section where the paragraph opens an article."""
        if (found := opens_article(text, self._article)) is None:
            return
        self._article = found.number
        named = _IN_BRACKETS.match(text, found.end)
        self._enter(_Step(_WITHIN, ARTICLE, f"{found.label} {named[0]}" if named else found.label))

    def _enter(self, step: _Step) -> None:
        """Close the section and take the step from the innermost heading that holds it."""
        self._close()
        if self._bare is not None and not (self._path and self._path[-1].holds(step.level, step.rank)):
            self._keep_bare()
        self._bare = None
        while self._path and not self._path[-1].holds(step.level, step.rank):
            self._path.pop()
        self._path.append(step)

    def _keep_bare(self) -> None:
        """A heading with nothing below it is the text of a section: it would stand in no passage else."""
        if self._bare is not None:
            path, (start, end) = tuple(step.name for step in self._path[:-1]), self._bare
            last = self._sections[-1] if self._sections else None
            if last is not None and last.end == self._bare_until and last.path == path:
                start = self._sections.pop().start
            self._sections.append(Section(path, start, end))
            self._bare_until = end

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
            path = tuple(step.name for step in self._path)
            self._sections.append(Section(path, self._open, self._length))
            self._open = None

    def _attribute(self, offset: int, text: str, marks: tuple[Mark, ...]) -> None:
        begin, span = 0, None
        for mark in sorted(marks, key=lambda mark: mark.at):
            at = _behind_punctuation(text, mark.at)
            if statement := text[begin:at].strip():
                start = offset + begin + text[begin:at].index(statement[0])
                begin, span = at, (start, start + len(statement))
            if span is not None:
                self._note(span, mark.key)

    def _note(self, span: Span, key: str) -> None:
        if key.startswith(DISAGREES):
            noted = self._topics.setdefault(key.removeprefix(DISAGREES), [])
            noted += [] if span in noted[-1:] else [span]
        else:
            keys = self._attributed.setdefault(span, [])
            keys += [] if key in keys else [key]


def _behind_punctuation(text: str, at: int) -> int:
    """A mark before the full stop, as in 占地80.1亩[^a]。, belongs behind it."""
    while at < len(text) and text[at] in _CLOSING:
        at += 1
    return at
