"""Drafts: the LLM's text, which comes in pieces, cut into sentences with the numbers they cite."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from corpus.sentences import sentence_spans

_OPEN, _CLOSE = "<think>", "</think>"
_FOREIGN_MARK: Final = re.compile(
    r"[［【〔\[]\s*(?:段落)?\s*\^?([0-9０-９]{1,3}(?:\s*[-–~～,，、]\s*[0-9０-９]{1,3})*)\s*[］】〕\]]"
)
_MARK: Final = re.compile(r"\[(\d{1,3}(?:[-,]\d{1,3})*)\]")
_UNFINISHED_MARK: Final = re.compile(r"\s*(?:\[\d{1,3}(?:[-,]\d{1,3})*\]\s*)*(?:[［【〔\[][^］】〕\]\n]{0,24})?")
_BULLET: Final = re.compile(r"^\s*(?:[-*•·]\s+|#+\s+|\(?[0-9]{1,2}[.)、]\s*)")
_EMPHASIS: Final = re.compile(r"\*\*|__|`")
_PAIRS: Final = ("“”", "「」", "《》", "（）")
_WIDEST_RANGE: Final = 5  # [1-5]; a wider range cites nothing in particular
_ENDS: Final = "。！？!?…；;”」）)"


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the LLM wrote it, without marks; numbers: what it cites, each once."""

    text: str
    numbers: tuple[int, ...]


class Drafts:
    """Feed pieces of text, take sentences as they become complete."""

    def __init__(self) -> None:
        self._text = ""
        self._thinking: bool | None = None  # None until the first characters tell

    def feed(self, piece: str) -> list[Draft]:
        """Sentences that this piece completes: a sentence is complete when the next one has begun."""
        self._text += "".join(c for c in piece if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
        if not self._leave_thoughts():
            return []
        self._text = _FOREIGN_MARK.sub(_plain_mark, self._text)
        spans = _spans(self._text)
        if len(spans) < 2 or _UNFINISHED_MARK.fullmatch(self._text, spans[-1][0]) or _is_open(self._text):
            return []
        complete, self._text = self._text[: spans[-1][0]], self._text[spans[-1][0] :]
        return [_draft(complete[start:end]) for start, end in spans[:-1]]

    def finish(self, *, whole: bool) -> list[Draft]:
        """What is left at the end; without `whole`, a last sentence that breaks off is left out."""
        if self._thinking:
            return []
        text, self._text = _FOREIGN_MARK.sub(_plain_mark, self._text), ""
        drafts = [_draft(text[start:end]) for start, end in _spans(text)]
        if drafts and not whole and drafts[-1].text[-1:] not in _ENDS:
            drafts.pop()
        return drafts

    def _leave_thoughts(self) -> bool:
        """Drop what a reasoning model thinks before it speaks; True once it speaks."""
        if self._thinking is None:
            start = self._text.lstrip()
            if not start or _OPEN.startswith(start):
                return False
            self._thinking = start.startswith(_OPEN)
        if self._thinking:
            _, closed, after = self._text.partition(_CLOSE)
            self._text = after if closed else self._text[-len(_CLOSE) :]
            self._thinking = not closed
        return not self._thinking


def _spans(text: str) -> list[tuple[int, int]]:
    """Sentences; what a semicolon parts is one sentence, since its marks stand at the very end."""
    joined: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        if joined and text[joined[-1][1] - 1] in "；;" and "\n" not in text[joined[-1][1] : start]:
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def _is_open(text: str) -> bool:
    """Whether a quote or bracket waits for its partner: what looks like an end may stand inside it."""
    return any(text.count(pair[0]) > text.count(pair[1]) for pair in _PAIRS)


def _draft(written: str) -> Draft:
    numbers: list[int] = []
    for mark in _MARK.finditer(written):
        for part in mark[1].split(","):
            first, _, last = part.partition("-")
            low, high = int(first), int(last or first)
            numbers.extend(range(low, high + 1) if high - low < _WIDEST_RANGE else [0])
    text = _EMPHASIS.sub("", _BULLET.sub("", _MARK.sub("", written)))
    return Draft(re.sub(r"\s+([。！？；，、])", r"\1", text).strip(), tuple(dict.fromkeys(numbers)))


def _plain_mark(mark: re.Match[str]) -> str:
    inside = unicodedata.normalize("NFKC", mark[1])
    return "[" + re.sub(r"[–~]", "-", re.sub(r"\s", "", inside).replace("、", ",")) + "]"
