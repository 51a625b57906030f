"""Words: what a reader sees of a line of Markdown, and the footnote marks that stood in it.

markdown-it finds the tokens; emphasis, links, code and images become their words, HTML tags
vanish, a soft line end is joined, a hard one stays.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token

from corpus.cleaning import visible
from corpus.document import is_address
from corpus.reading.builder import Mark
from corpus.reading.small_marks import raised

_NESTING = 12  # emphasis and links; deeper ones stay as they are typed, and time grows with this
_MARK = re.compile(r"\[\^([^\]\s\[]{1,100})\]")
_BREAK = re.compile(r"<br\s*/?>", re.I)
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff。，、；：？！…“”‘’（）《》]")
_STYLING = re.compile(r"<(/?)(del|s|strike|sup)(?:\s[^<>]*)?>", re.I)
_BARE_ADDRESS = re.compile(r"https?://[!#-;=?-~]*[A-Za-z0-9_/#=&~-]")


class WordReader:
    """Reads lines of Markdown; one reader serves one document.

    env     what the block parser found: link definitions
    struck  words that were struck out and are therefore not read
    """

    def __init__(self, env: dict[str, object]) -> None:
        self._parser = MarkdownIt("commonmark", {"maxNesting": _NESTING})
        self._parser.enable("strikethrough")
        self.struck: list[str] = []
        self._parser.inline.ruler.before("link", "footnote_mark", _footnote_mark)
        self._parser.inline.ruler.at("emphasis", _emphasis)
        self._env = env

    def read(self, markdown: str) -> tuple[str, tuple[Mark, ...]]:
        """Text without mark-up, and its footnote marks at their offsets in that text."""
        spoken = _Spoken(self.struck)
        for token in self._tokens(markdown):
            spoken.add(token)
        text = spoken.text()
        return text, tuple(Mark(min(mark.at, len(text)), mark.key) for mark in spoken.marks)

    def read_definition(self, markdown: str) -> tuple[str, str]:
        """Words and address of a footnote's definition; either may be empty."""
        tokens = self._tokens(markdown)
        linked = [str(token.attrs.get("href", "")) for token in tokens if token.type == "link_open"]
        addresses = [one for one in (*linked, *_BARE_ADDRESS.findall(markdown)) if is_address(one)]
        words, _ = self.read(markdown)
        return _BARE_ADDRESS.sub("", words).strip(" ，,。.；;：:<>()（）"), addresses[0] if addresses else ""

    def _tokens(self, markdown: str) -> list[Token]:
        return [child for token in self._parser.parseInline(markdown, self._env) for child in token.children or ()]


class _Spoken:
    """Text as it is heard, token by token."""

    def __init__(self, struck: list[str]) -> None:
        self.marks: list[Mark] = []
        self._struck = struck
        self._striking = 0  # depth within struck-out words
        self._raised = False
        self._pieces: list[str] = []
        self._length = 0
        self._joint = False  # a soft line end, or blanks around a mark, not yet written
        self._marked = False  # a mark was the last thing

    def text(self) -> str:
        return "".join(self._pieces).rstrip()

    def add(self, token: Token) -> None:
        self._turn(token)
        match token.type:
            case "text" | "code_inline" if self._striking:
                self._struck.append(token.content)
            case "text" | "code_inline":
                self._say(self._shown(visible(token.content).replace("\n", " ")))
            case "softbreak":
                self._joint = True
            case "hardbreak":
                self._break()
            case "html_inline" if _BREAK.fullmatch(token.content):
                self._break()
            case "footnote_mark":
                self._mark(token.content)
            case "image":
                for child in token.children or ():
                    self.add(child)

    def _turn(self, token: Token) -> None:
        """Note where struck-out and raised words begin and end."""
        if token.type in ("s_open", "s_close"):
            self._striking += 1 if token.type == "s_open" else -1
        elif token.type == "html_inline" and (tag := _STYLING.fullmatch(token.content)):
            closes, name = tag.groups()
            if name.lower() == "sup":
                self._raised = not closes
            else:
                self._striking = max(0, self._striking + (-1 if closes else 1))

    def _shown(self, text: str) -> str:
        return raised(text) if self._raised else text

    def _say(self, text: str) -> None:
        last = self._pieces[-1][-1] if self._pieces else "\n"
        self._joint = self._joint or (self._marked and text[:1].isspace())
        if self._joint or last == "\n":
            text = text.lstrip()
        if not text:
            return
        if self._joint and last != "\n" and not (_WIDE.match(last) or _WIDE.match(text[0])):
            self._append(" ")
        self._joint = self._marked = False
        self._append(text)

    def _break(self) -> None:
        if self._pieces and self._pieces[-1] != "\n":
            self._append("\n")
        self._joint = False

    def _mark(self, key: str) -> None:
        if self._pieces and self._pieces[-1] != (stripped := self._pieces[-1].rstrip(" ")):
            self._length -= len(self._pieces[-1]) - len(stripped)
            self._pieces[-1:] = [stripped] if stripped else []
            self._joint = True
        self._marked = True
        self.marks.append(Mark(self._length, key))

    def _append(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += len(piece)


def _footnote_mark(state: StateInline, silent: bool) -> bool:
    """Inline rule: ``[^key]`` is a mark, even where a link could stand."""
    match = _MARK.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("footnote_mark", "", 0).content = match[1]
    state.pos = match.end()
    return True


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Inline rule: as the standard's, but ``**甲。**乙`` is emphasis too, although no blank follows the full stop."""
    start, known = state.pos, len(state.delimiters)
    if not emphasis.tokenize(state, silent):
        return False
    behind, ahead = state.src[start - 1 : start] if start else "", state.src[state.pos : state.pos + 1]
    for delimiter in state.delimiters[known:]:
        if delimiter.marker == ord("*"):
            delimiter.open = delimiter.open or bool(_WIDE.match(behind) and ahead.strip())
            delimiter.close = delimiter.close or bool(_WIDE.match(ahead) and behind.strip())
    return True
