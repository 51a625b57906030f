"""Chinese sentence boundaries.

A sentence ends after 。！？；… and their half-width forms, together with the quotes, brackets and
reference numbers that close behind them. Inside quotes and brackets nothing ends, a line break
always ends, and the dot of 80.1, of an address, of a list number or of Co. is not a full stop.
"""

import re
from collections.abc import Iterator, Mapping

from corpus.graphemes import joins, safe_cut

LONGEST = 400  # code points; a longer stretch without boundary is cut, so that passages stay bounded
_REACH = 200  # how far an opening bracket may wait for its partner before it is taken for a stray

_OPENING = "“‘「『〝（《〈【〔〖［｛｢«([{"
_CLOSING = "”’」』〞）》〉】〕〗］｝｣»)]}"
_PAIRS = dict(zip(_CLOSING, _OPENING, strict=True))
_SAME = "\"'"  # quotes that look alike at both ends
_QUOTES = frozenset("”’」』〞｣»\"'")
_CLOSERS = frozenset(_CLOSING + _SAME)
_ALWAYS = frozenset("。！？；｡‼⁇⁈⁉﹖﹗﹔")
_ELLIPSIS = frozenset("…⋯")
_ENDING = _ALWAYS | _ELLIPSIS | frozenset("!?;")
_RUNS = _ENDING | frozenset(".．")  # what a run of ending marks opens with
_CONTINUING = frozenset("，、：,:）)】》")  # no sentence starts with one of these
_EMBEDS = frozenset("的等是为")  # behind a quote these go on with the sentence around it

_TOKEN = re.compile(
    r"https?://[!#-;=?-~]*[A-Za-z0-9_/#=&~-]"
    r"|[。！？；｡‼⁇⁈⁉﹖﹗﹔…⋯!?;.．]+"
    rf"|[{re.escape(_OPENING + _CLOSING + _SAME)}]"
)
_LINE = re.compile(r"[^\n]+")
_BRACKET = re.compile(rf"[{re.escape(_OPENING + _CLOSING + _SAME)}]")
_REFERENCE = re.compile(r"[^\S\n]?\[\d{1,3}(?:[-–,，、]\d{1,3})*\]|[⁰¹²³⁴-⁹]+")
_LIST_NUMBER = re.compile(
    r"[(（]?(?:\d{1,3}(?:[.．]\d{1,3})*|[A-Za-z]|[ivxIVX]{1,4}|[一二三四五六七八九十百]{1,4})[)）]?"
)
_LONE_NUMBER = re.compile(r"(?<![\w.])\d{1,2}\Z")
_ABBREVIATED = re.compile(
    r"(?<![A-Za-z])(?:[A-Za-z]|(?:[A-Za-z]+\.)+[A-Za-z]+|Mr|Mrs|Ms|Dr|Prof|St|Co|Inc|Ltd|Corp|Dept|Univ|Rd|Ave|vs|cf|al"
    r"|approx|est|[Nn]os?|[Ff]igs?|[Ee]qs?|[Vv]ol|[Cc]h|[Ss]ec|pp|Art|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\Z"
)
_IDEOGRAPH = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SOFT = re.compile(r"[，、：]|,(?!\d)|\s")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Sentences of the text as [start, end) in code points.

    returns  in order, not overlapping, without white space at their edges; together they
             hold every character that is not white space; none is longer than LONGEST
    cost     linear in the text
    """
    return list(iter_sentence_spans(text, 0, len(text)))


def iter_sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The same of [start, end), one after the other; lines must begin and end there."""
    for line in _LINE.finditer(text, start, end):
        left, right = line.span()
        token = _TOKEN.search(text, left, right)
        whole = token is None or token.end() == right  # what stands at the end of a line cannot part it
        for one in [(left, right)] if whole else _sentences(text, left, right):
            if (trimmed := _trimmed(text, *one)) is not None:
                if trimmed[1] - trimmed[0] > LONGEST:
                    yield from _bounded(text, *trimmed)
                else:
                    yield trimmed


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences of one line, with the white space around them; some may hold nothing else."""
    partners = _partners(text, start, end)
    left = position = start
    for token in _TOKEN.finditer(text, start, end):
        at = token.start()
        if at < position:
            continue
        partner = partners.get(at)
        if partner is None and not (text[at] in _RUNS and _is_end(text, token, left, end)):
            continue
        position = token.end() if partner is None else partner + 1
        if partner is not None and not _ends_within(text, left, at, partner):
            continue
        position = _after_closing(text, position, end, partners)
        following = text[position : min(position + 1, end)]
        if following not in _CONTINUING and not (partner is not None and following in _EMBEDS):
            yield left, position
            left = position
    yield left, end


def _partners(text: str, start: int, end: int) -> Mapping[int, int]:
    """Where each bracket or quote that opens in the line closes; strays are left out."""
    partners: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for bracket in _BRACKET.finditer(text, start, end):
        character, at = bracket[0], bracket.start()
        opened = waiting.setdefault(_PAIRS.get(character, character), [])
        if character in _OPENING:
            opened.append(at)
        elif character in _SAME and _in_word(text, at):
            continue
        elif opened and at - opened[-1] < _REACH:
            partners[opened.pop()] = at
        elif character in _SAME and not (at > start and _is_latin(text[at - 1])):
            opened.append(at)
    return partners


def _in_word(text: str, at: int) -> bool:
    """The apostrophe of don't."""
    return 0 < at < len(text) - 1 and _is_latin(text[at - 1]) and _is_latin(text[at + 1])


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _ends_within(text: str, left: int, opening: int, closing: int) -> bool:
    """Whether the sentence ends with the quote or bracket: 他说：“好。” does, 以“冲！”为号 and 甲（见图。） do not."""
    last = closing - 1
    while last > opening and text[last] in _CLOSERS:
        last -= 1
    if text[last] in ".．" and not _IDEOGRAPH.match(text[last - 1]):
        return text[closing + 1 : closing + 2].isspace()
    if text[last] not in _ENDING and text[last] not in ".．":
        return False
    before = text[max(left, opening - 8) : opening].rstrip()[-1:]
    if text[closing] in _QUOTES:
        return text[last] in "。｡.．" or not before or before in "：:，,"
    return text[closing] in "）)" and not before


def _is_end(text: str, token: re.Match[str], left: int, end: int) -> bool:
    """Whether a run of ending marks ends the sentence that started at left."""
    run = token[0]
    if not (_ALWAYS.isdisjoint(run) and _ELLIPSIS.isdisjoint(run)):
        return True
    after = token.end()
    while after < end and text[after] in _CLOSERS:
        after += 1
    following = text[after] if after < end else "\n"
    if run.strip(".．"):
        return not (_is_latin(following) or following in "/=&%")
    return _is_full_stop(text, token, left, following)


def _is_full_stop(text: str, token: re.Match[str], left: int, following: str) -> bool:
    at = token.start()
    before = text[at - 1] if at > left else ""
    if not before or (at - left <= 12 and _LIST_NUMBER.fullmatch(text[left:at].lstrip())):
        return False
    if _IDEOGRAPH.match(before) or before in "”’」』）》】〕%‰℃":
        return not (following.isascii() and following.islower())
    if len(token[0]) > 1:
        return before in _CLOSERS
    if before in _CLOSERS:
        return following.isspace() or bool(_IDEOGRAPH.match(following))
    if not (before.isalnum() and following.isspace()):
        return False
    opening = text[max(left, at - 12) : at]
    return not (_ABBREVIATED.search(opening) or _LONE_NUMBER.search(opening))


def _after_closing(text: str, position: int, end: int, partners: Mapping[int, int]) -> int:
    """Behind the ending and closing marks and reference numbers that follow at position."""
    while position < end:
        character = text[position]
        closes = character in _CLOSERS and position not in partners
        if closes or character in _ENDING or joins(text[position - 1], character):
            position += 1
        elif text[position - 1] not in "；;" and (reference := _REFERENCE.match(text, position, end)):
            position = reference.end()
        else:
            break
    return position


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without white space at its edges; None where it holds nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut an overlong sentence at commas or white space, else between words, else between graphemes."""
    while start < end:
        cut = end
        if end - start > LONGEST:
            cut = _soft_cut(text, start) or safe_cut(text, start, start + LONGEST)
        if (piece := _trimmed(text, start, cut)) is not None:
            yield piece
        start = cut


def _soft_cut(text: str, start: int) -> int | None:
    """Behind the last comma or blank of the second half that a mark does not cling to."""
    soft = [found.end() for found in _SOFT.finditer(text, start + LONGEST // 2, start + LONGEST + 1)]
    kept = (cut for cut in reversed(soft) if cut <= start + LONGEST and not joins(text[cut - 1], text[cut]))
    return next(kept, None)
