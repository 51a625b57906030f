"""Boilerplate: blocks that frame a text and answer nothing, taken out and reported.

Tables of contents, breadcrumbs, lines of buttons and counters, salutations, the head and the
quoted messages of an e-mail. Plain functions over blocks, for every format.
"""

import re
from collections.abc import Sequence

from corpus.reading.numbering import DIVISION, numbering
from corpus.reading.parts import HEADING, Part

Dropped = dict[str, list[str]]

_CONTENTS = re.compile(r"目[ \u3000]*[录錄次]|contents|table of contents", re.I)
_LEADER = re.compile(r"(?:[.．·…‥─_－-]{3,}|…+|[.．] (?:[.．] ?){2,}|\t+)[ \u3000]*[（(]?\d{1,4}[）)]?$")
_PAGED = re.compile(r"[^\d\s][ \u3000]*\d{1,4}$")
_FEWEST_ENTRIES = 2
_LONGEST_ENTRY = 80  # code points
_CRUMBS = re.compile(
    r"(?:(?:您?(?:现在|当前)?(?:所在|的)?(?:的)?位置|当前位置|所在位置|您现在的位置是)\s*[:：]\s*\S.*"
    r"|(?:网站)?首\s*页\s*(?:>|»|›|/|→|＞|-)\s*\S.*|home\s*(?:>|»|›|/)\s*\S.*)",
    re.I,
)
_BUTTONS = re.compile(
    r"(?:[【\[(（]?\s*(?:字体|字号|大|中|小|打印|打印本页|关闭|关闭窗口|收藏|分享|分享到|微信|微博|QQ空间|返回|返回顶部"
    r"|回到顶部|下载|复制链接|扫一扫|扫码阅读|上一篇|下一篇|我要纠错|纠错|责任编辑)\s*[】\])）]?\s*[:：|｜]?\s*){2,12}"
    r"|[【\[]\s*(?:打印本页|关闭窗口|打印|关闭|收藏|返回顶部)\s*[】\]]|分享到\s*[:：]?"
)
_COUNTERS = re.compile(r"(?:浏览|阅读|点击|访问)(?:次数|量|数)?\s*[:：]?\s*\d*\s*次?")
_SALUTATION = re.compile(
    r"(?:各[^。；，]{1,60}|尊敬的[^。；]{1,30}|(?:各位|全体)[^。；]{1,30}|[^。；]{2,60}(?:人民政府|委员会|各部门|直属单位|有关单位|企业|同志))[：:]"
)
_MAIL_HEAD = re.compile(
    r"(发件人|收件人|抄送|密送|主题|日期|发送时间|时间|附件|from|to|cc|bcc|subject|date|sent)\s*[:：]\s*(.*)", re.I
)
_MAIL_FIELDS = {"主题": "title", "subject": "title", "日期": "date", "发送时间": "date", "时间": "date", "date": "date"}
_MAIL_FIELDS |= {"sent": "date", "发件人": "author", "from": "author"}
_ADDRESS = re.compile(r"\s*[<＜(][^<>＜＞()]*@[^<>＜＞()]*[>＞)]")
_QUOTED = re.compile(r"[>＞]\s?\S?")
_QUOTES_BELOW = re.compile(r"-{2,}\s*(?:原始邮件|原邮件|转发邮件|original message|forwarded message).*", re.I)
_OPENING = 12  # parts in which a salutation may stand


def without_boilerplate(parts: Sequence[Part], kind: str = "") -> tuple[list[Part], Dropped]:
    """The blocks without what only frames them, and what that was.

    kind     the format; only pages count their readers
    returns  all blocks where nothing else would be left
    """
    marks: dict[int, str] = dict.fromkeys(_contents(parts), "table of contents")
    for at, part in enumerate(parts):
        if at not in marks and part.kind != HEADING and (reason := _reason(part.text, at, parts, kind)):
            marks[at] = reason
    kept = [part for at, part in enumerate(parts) if at not in marks]
    if not any(part.text.strip() for part in kept):
        return list(parts), {}
    dropped: Dropped = {}
    for at, reason in sorted(marks.items()):
        dropped.setdefault(reason, []).append(parts[at].text)
    return _with_pages(parts, marks), dropped


def without_mail(parts: Sequence[Part]) -> tuple[list[Part], dict[str, str], Dropped]:
    """The blocks of a message without its head and the messages that it quotes, and what the head says."""
    told: dict[str, str] = {}
    head = 0
    while head < len(parts) and (found := _MAIL_HEAD.fullmatch(parts[head].text)):
        field = _MAIL_FIELDS.get(found[1].lower())
        if field and found[2]:
            told.setdefault(field, _ADDRESS.sub("", found[2]).strip())
        head += 1
    if head < 2:
        return list(parts), {}, {}
    end = next((at for at in range(head, len(parts)) if _QUOTES_BELOW.fullmatch(parts[at].text)), len(parts))
    quoted = [at for at in range(head, len(parts)) if at >= end or _QUOTED.match(parts[at].text)]
    kept = [part for at, part in enumerate(parts) if at >= head and at not in set(quoted)]
    if not kept:
        return list(parts), {}, {}
    dropped = {"head of the message": [part.text for part in parts[:head]]}
    if quoted:
        dropped["quoted message"] = [parts[at].text for at in quoted]
    return kept, told, dropped


def _with_pages(parts: Sequence[Part], marks: dict[int, str]) -> list[Part]:
    """The parts that stay; a page that began in one taken out begins with the next."""
    kept: list[Part] = []
    begun: tuple[tuple[int, int], ...] = ()
    for at, part in enumerate(parts):
        if at in marks:
            begun += tuple((page, 0) for page, _ in part.pages)
        else:
            kept.append(part._replace(pages=begun + part.pages) if begun else part)
            begun = ()
    if begun and kept:
        kept[-1] = kept[-1]._replace(pages=kept[-1].pages + tuple((page, len(kept[-1].text)) for page, _ in begun))
    return kept


def _reason(text: str, at: int, parts: Sequence[Part], kind: str) -> str:
    """What frames the text in this block; empty where it is text."""
    if len(text) > 2 * _LONGEST_ENTRY:
        return ""
    if _CRUMBS.fullmatch(text) and "。" not in text:
        return "breadcrumb"
    if _BUTTONS.fullmatch(text) or (kind == "html" and _COUNTERS.fullmatch(text)):
        return "line of buttons"
    last = at + 1 == len(parts)
    if at < _OPENING and not last and _SALUTATION.fullmatch(text) and numbering(parts[at + 1].text) is None:
        return "salutation" if not any(len(part.text) > _LONGEST_ENTRY for part in parts[:at]) else ""
    return ""


def _contents(parts: Sequence[Part]) -> set[int]:
    """Where the entries of tables of contents stand: lines with leaders, or below «目录» and found again later."""
    found: set[int] = set()
    at = 0
    while at < len(parts):
        headed = bool(_CONTENTS.fullmatch(parts[at].text.strip()))
        first = at + headed
        end = _end_of_entries(parts, first, headed)
        if end - first >= _FEWEST_ENTRIES:
            found.update(range(at, end))
            at = end
        else:
            at += 1
    return found


def _end_of_entries(parts: Sequence[Part], first: int, headed: bool) -> int:
    """Behind the last entry of a table of contents that begins here; `first` where none does."""
    end = first
    while end < len(parts) and _is_led(parts[end].text, headed):
        end += 1
    if end > first or not headed:
        return end
    return _end_of_repeated(parts, first)


def _is_led(text: str, headed: bool) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    pattern_fits = all(_LEADER.search(line) or (headed and _PAGED.search(line)) for line in lines)
    return bool(lines) and pattern_fits and all(len(line) <= _LONGEST_ENTRY + 80 for line in lines)


def _end_of_repeated(parts: Sequence[Part], first: int) -> int:
    """Below «目录» come short lines without page numbers, of which the first stands again where its chapter begins."""
    if first >= len(parts) or "\n" in parts[first].text:
        return first
    opening = _bare(parts[first].text)
    again = next((at for at in range(first + 1, len(parts)) if _bare(parts[at].text).startswith(opening)), first)
    entries = parts[first:again]
    if opening and all(len(part.text) <= _LONGEST_ENTRY and part.text[-1:] not in "。；" for part in entries):
        return again
    found = numbering(parts[first].text)
    if found is not None and found.rank <= DIVISION and "\n" in parts[first].text:
        return first
    return first


def _bare(text: str) -> str:
    return "".join(text.split())
