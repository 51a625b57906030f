"""The state of an RTF file while it is read: nested groups, their destinations, fonts and formats."""

from dataclasses import dataclass, field, replace

from corpus.reading.bounded import ParserFailed
from corpus.reading.raised import raised
from corpus.reading.rtf_body import Body, level_of
from corpus.reading.rtf_charset import Charset
from corpus.reading.rtf_tokens import BYTES, CLOSE, OPEN, TEXT, Token

_DEEPEST = 10_000  # groups within groups
_SKIP, _ANSI_FORM = "skip", "ansi form"
_WORDS = """aftnsep aftnsepc atnauthor atnid atrfend atrfstart bkmkend bkmkstart colorschememapping colortbl datastore
falt fldinst fontemb fontfile filetbl ftnsep ftnsepc generator htmltag latentstyles listoverridetable
listpicture listtable mhtmltag mmathPr nonshppict objdata panose pgptbl pict private revtbl rsidtbl
template themedata userprops wgrffmtfilter xmlnstbl
"""
_SKIPPED = frozenset(_WORDS.split())
_ASIDE = {
    **{f"header{side}": "running header" for side in ("", "l", "r", "f")},
    **{f"footer{side}": "running footer" for side in ("", "l", "r", "f")},
    "annotation": "comment",
}
_TOLD = ("title", "author")  # of the file's information
_DESTINATIONS = frozenset((*_ASIDE, "footnote", "stylesheet", "fonttbl", "info", "listtext", "pntext"))
_SIGNS = {
    **dict.fromkeys(("tab", "emspace", "enspace", "qmspace"), " "),
    **{"line": "\n", "emdash": "—", "endash": "–", "bullet": "•"},
    **{"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"},
}
_REASONS = {"v": "hidden text", "deleted": "deleted text", "strike": "struck-out text", "striked": "struck-out text"}


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group.

    where   the destination that its text goes to, empty for the body
    skip    bytes behind a letter by number that stand for the same letter
    reason  why its text is not shown, empty where it is
    """

    where: str = ""
    font: int = 0
    skip: int = 1
    reason: str = ""
    up: bool = False
    style: int = 0
    level: int | None = None
    listed: bool = False
    in_table: bool = False


@dataclass(slots=True)
class Reader:
    """Takes tokens; the body, what the file tells of itself and what is left out grow."""

    body: Body = field(default_factory=Body)
    told: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    charset: Charset = field(default_factory=Charset)
    pictures: int = 0
    _state: _State = field(default_factory=_State)
    _stack: list[_State] = field(default_factory=list)
    _raw: bytearray = field(default_factory=bytearray)
    _passing: int = 0  # bytes still to be passed over behind a letter by number
    _half: int = 0  # the first half of a letter beyond U+FFFF
    _starred: bool = False  # an ignorable destination begins
    _aside: dict[str, list[str]] = field(default_factory=dict)  # text of destinations other than the body
    _levels: dict[int, int] = field(default_factory=dict)  # of headings, by style
    _merged: list[bool] = field(default_factory=list)  # of the row's cells so far: each continues the one above
    _merges: bool = False  # so does the cell whose definition has begun

    @property
    def depth(self) -> int:
        """Groups that are open."""
        return len(self._stack)

    def take(self, token: Token) -> None:
        """Take the next token.

        raises  ParserFailed for groups that are nested beyond measure
        """
        if token.kind == BYTES:
            passed = min(self._passing, len(token.raw))
            self._passing -= passed
            self._raw += token.raw[passed:]
            return
        self._decode()
        if token.kind == OPEN:
            if self.depth >= _DEEPEST:
                raise ParserFailed(f"its groups are nested more than {_DEEPEST} deep")
            self._stack.append(self._state)
            self._passing = 0
        elif token.kind == CLOSE:
            self._close()
        elif token.kind == TEXT:
            self._say(token.name)
        else:
            self._control(token.name, token.number)

    def end(self) -> None:
        """Take what is still open as ended."""
        self._decode()
        self._end_paragraph()
        self.body.end_table()

    def _decode(self) -> None:
        """Bytes are decoded together: a letter may stand in two escapes."""
        if self._raw:
            raw, self._raw = bytes(self._raw), bytearray()
            self._say(self.charset.decoded(raw, self._state.font))

    def _say(self, text: str) -> None:
        state = self._state
        if not text or state.where == _SKIP:
            return
        if state.where:
            self._aside.setdefault(state.where, []).append(text)
        elif state.reason:
            self.left_out.setdefault(state.reason, []).append(text)
        else:
            self.body.say(raised(text) if state.up else text)

    def _close(self) -> None:
        if not self._stack:
            return
        ended, self._state = self._state, self._stack.pop()
        self._passing = 0
        if ended.where == "stylesheet":
            self._name_style(ended)
        elif ended.where not in ("", _SKIP, self._state.where):
            self._finish(ended.where, "".join(self._aside.pop(ended.where, [])).strip())

    def _name_style(self, style: _State) -> None:
        name = "".join(self._aside.pop("stylesheet", [])).split(";")[0].strip()
        level = level_of(name) if name else None
        level = level if level is not None else style.level
        if level is not None:
            self._levels[style.style] = level

    def _finish(self, where: str, text: str) -> None:
        """Take the text of a destination that has ended."""
        if where in _TOLD:
            self.told[where] = text
        elif where == "footnote" and text:
            self.body.notes.append(" ".join(text.split("\n")))
        elif where in ("listtext", "pntext"):
            self.body.number(text)
        elif where in _ASIDE and text:
            self.left_out.setdefault(_ASIDE[where], []).append(text)

    def _control(self, name: str, number: int | None) -> None:
        starred, self._starred = self._starred, name == "*"
        if name == "*" or self._is_destination(name, starred):
            return
        if name in _SIGNS:
            self._say(_SIGNS[name])
        elif name == "u" and number is not None:
            self._letter(number % 65_536)
        elif not self._sets_letters(name, number):
            self._layout(name, number)

    def _is_destination(self, name: str, starred: bool) -> bool:
        """Whether a control word opens a destination, or stands in one that is skipped."""
        where: str | None = None
        if name in ("shptxt", "ud"):
            where = ""  # the text of a shape, or the Unicode form of what stands before it in ANSI
        elif name in _SKIPPED or self._state.where == _SKIP:
            self.pictures += name == "pict"
            where = _SKIP
        elif name == "upr":
            where = _ANSI_FORM
        elif name in _DESTINATIONS or (name in _TOLD and self._state.where == "info"):
            where = name
        elif starred:
            where = _SKIP
        if where is not None and where != self._state.where:
            self._state = replace(self._state, where=where, reason="")
        return where is not None

    def _letter(self, code: int) -> None:
        """A letter by its number; those beyond U+FFFF come in two halves."""
        self._passing = self._state.skip
        half, self._half = self._half, code if 0xD800 <= code < 0xDC00 else 0
        if 0xDC00 <= code < 0xE000:
            self._say(chr(0x10000 + ((half - 0xD800) << 10) + code - 0xDC00) if half else "")
        elif not self._half:
            self._say(chr(code))

    def _sets_letters(self, name: str, number: int | None) -> bool:
        """Whether a control word changes how letters are read or shown."""
        state = self._state
        match name:
            case "uc":
                self._state = replace(state, skip=max(0, min(number or 0, 16)))
            case "ansicpg" if number is not None:
                self.charset.set_page(number)
            case "mac" | "pc" | "pca":
                self.charset.set_page({"mac": 10_000, "pc": 437, "pca": 850}[name])
            case "f" if number is not None:
                self._state = replace(state, font=number)
            case "fcharset" if number is not None and state.where == "fonttbl":
                self.charset.set_font(state.font, number)
            case "plain":
                self._state = replace(state, reason="", up=False)
            case "super" | "nosupersub" | "sub":
                self._state = replace(state, up=name == "super" and number != 0)
            case _ if name in _REASONS:
                self._state = replace(state, reason=_REASONS[name] if number != 0 else "")
            case _:
                return False
        return True

    def _layout(self, name: str, number: int | None) -> None:
        state = self._state
        match name:
            case "pard":
                self._state = replace(state, style=0, level=None, listed=False, in_table=False)
            case "s":
                self._state = replace(state, style=number or 0)
            case "outlinelevel" if number is not None and 0 <= number < 9:
                self._state = replace(state, level=number + 1)
            case "ls" | "pnlvlbody" | "pnlvlblt":
                self._state = replace(state, listed=True)
            case "intbl":
                self._state = replace(state, in_table=True)
            case "par" | "sect" | "page" if state.where:
                self._say("\n")
            case _ if not state.where:
                self._lay_out(name)

    def _lay_out(self, name: str) -> None:
        match name:
            case "par" | "sect" | "page":
                self._end_paragraph()
            case "trowd":
                self._merged, self._merges = [], False
            case "clvmrg":
                self._merges = True
            case "cellx":
                self._merged.append(self._merges)
                self._merges = False
            case "cell":
                self.body.end_cell()
            case "nestcell":
                self.body.end_inner_cell()
            case "row":
                self.body.end_row(self._merged)

    def _end_paragraph(self) -> None:
        state = self._state
        level = state.level or self._levels.get(state.style)
        self.body.end_paragraph(level, state.listed, state.in_table)
