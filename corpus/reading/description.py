"""Description: what a text says of itself: title, document number, issuer, date, author, validity.

What the text says comes first, then what the file's properties say, where that is more than
what a program or a template puts there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.folding import fold
from corpus.reading.dates import iso_date
from corpus.reading.numbering import numbering
from corpus.reading.outline import is_bare_heading
from corpus.reading.parts import HEADING, Part

FIELDS = ("title", "publisher", "author", "date", "date_note", "url", "number", "validity")
_OPENING, _CLOSING = 15, 10  # parts at the edges of a text that are looked at
_ALIKE = 0.6  # of a given title: so much of it must stand in a line
_LONGEST_LINE = 200  # code points of a line of metadata
_PLACEHOLDER = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)\b.*|wps (?:文字|演示|表格|office)\b.*|幻灯片\s*\d*|powerpoint 演示文稿|演示文稿\s*\d*"
    r"|文档\s*\d*|新建.{0,12}(?:文档|工作表|演示文稿|文本)\S*|document\s*\d*|untitled\S*|无标题\S*|未命名\S*|标准名称|文件名称|文档标题|标题|主标题"
    r"|(?:单击|点击)?(?:此处)?(?:请|在此)?(?:输入|键入|填写|添加|编辑).{0,6}标题.*|title|sheet\s*\d*|工作簿\s*\d*|工作表\s*\d*|book\s*\d*|slide\s*\d*"
    r"|about:blank|[x×※*]{2,}.*|.{1,100}\.(?:docx?|pdf|pptx?|xlsx?|wps|rtf|cdr|indd|dwg|htm[l]?|txt)|[\W\d_]*|[a-z]{0,3}\d*)",
    re.I,
)
_PROGRAM = re.compile(
    r"(?:微软(?:用户|中国|china)?|microsoft(?: office)?(?: user)?|user\d*|admin(?:istrator)?|administrateur|用户\d*|作者|author|owner|lenovo|dell"
    r"|hp|asus|acer|thinkpad|pc\d*|win(?:dows)?\s*(?:7|8|10|11|xp)?(?: 用户)?|wps_?\d*|python-docx|openpyxl|apache poi|unknown|root|番茄花园|雨林木风"
    r"|深度(?:技术|联盟)?|系统天堂|[\W\d_]*|[a-z]?)",
    re.I,
)
_KIND = (
    "条例|办法|规定|规章|细则|规则|通知书?|公告|通告|公报|意见|方案|规划|纲要|决定|决议|命令|批复|复函|函|报告|制度|守则|须知|指南|指引|手册|章程|公约|简介|概况"
    "|说明书?|清单|汇编|合同|协议书?|总结|纪要|倡议书|问答|解答|标准|规范|规程|流程|要点|计划|政策|解读|法|宪法|实施意见|措施|简报|声明|启事"
)
_TITLE = re.compile(
    rf".{{2,}}(?:{_KIND})\s*(?:[（(《〈][^（）()]{{2,20}}[）)》〉])?(?:的(?:通知|公告|意见|决定|批复|函|报告|说明))?"
)
_JOINS = re.compile(r"(?:关于|印发|转发|批转|颁布|公布|发布|实施)")
_NOT_A_TITLE = re.compile(
    r"第?[一二三四五六七八九十\d]+[、.．)）]|附件|目[ 　]*录|抄送|(?:政策|背景|内容|任务|工作)?(?:规定|说明|标准|流程|方案|措施|政策)$"
)
_NUMBER = re.compile(
    r"([\u4e00-\u9fff]{1,14}[〔\[［【（(﹝]\s*((?:19|20)\d{2})\s*[〕\]］】）)﹞]\s*第?\s*\d{1,5}\s*号|国令第?\s*\d{1,5}\s*号|"
    r"[\u4e00-\u9fff]{0,14}(?:令|公告)\s*第\s*\d{1,5}\s*号)"
)
_LABELS = {
    "number": "发文字号|发文文号|文件编号|公文文号|文号|文[ \u3000]+号",
    "publisher": "发布机构|发文机关|发文机构|发文单位|发布单位|制定机关|制发机关|公布机关|发布部门|责任部门|主管部门|信息来源|文章来源|来源|稿源",
    "date": "成文日期|发文日期|印发日期|公布日期|颁布日期|发布日期|发布时间|发表时间|生成日期|更新时间|日期",
    "author": "作者|撰稿人?|撰文|记者|编者|编写人?|供稿人?",
    "validity": "有[ \u3000]*效[ \u3000]*性|时效性|效力状态|文件状态|文件效力|有效状态",
}
_LABELLED = {
    field: re.compile(
        rf"(?:^|[\s|｜【\[（(，,；;])(?:{names})\s*[:：]\s*([^\s|｜】\]）)，,；;][^|｜】\]\n]*?)(?=$|[|｜】\]\n]|\s{{1,}}[^\s:：|]{{2,6}}\s*[:：]|\s{{2,}})"
    )
    for field, names in _LABELS.items()
}
_DAY = re.compile(r"[（(]?\s*(?:签发日期|日期|时间)?\s*[:：]?\s*(\d{4}年\d{1,2}月\d{1,2}日)\s*(?:印发|发布)?\s*[）)]?")
_ISSUER = re.compile(
    r"[^，。；：:、]{2,40}(?:人民政府|办公[厅室]|委员会|管委会|[^一]局|[^一]厅|部|总局|中心|公司|集团|协会|商会|学会|联合会|银行|法院|检察院|大学|学院|研究院|党委|党组|总队|大队|街道|办事处|工会|物业|领导小组)"
)
_PASSED = re.compile(r"[（(][^（）()]{0,20}\d{4}年.{0,400}?(?:通过|修正|修订|公布|发布|批准|施行).{0,300}[）)]", re.S)
_IN_FORCE = re.compile(
    r"自(?:(?:公布|发布|印发|颁布)之日|\d{4}年\d{1,2}月\d{1,2}日)(?:起|后)[^。；，]{0,12}(?:施行|实施|执行|生效)(?:[^。]{0,6}有效期[^。]{1,30})?"
)


class _Title(NamedTuple):
    """Parts from first to last, exclusive, that are the title, and its words."""

    first: int
    last: int
    words: str


class _Signature(NamedTuple):
    """What the signature says, and the parts from first to last, exclusive, that it takes."""

    told: Mapping[str, str]
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Description:
    """What a text says of itself, by field.

    parts   the text without its title line and its signature
    signed  lines of the signature, where issuer and day could be taken from it
    """

    told: dict[str, str]
    parts: list[Part]
    signed: list[str]


def described(parts: Sequence[Part], told: Mapping[str, str], kind: str = "") -> Description:
    """Complete what a file says of itself with what its text says.

    told   of the file's properties, by field; placeholders are left out
    kind   the format: a page's own title is what readers see, and plain text has nothing but its first line
    """
    opening = {part.text for part in parts[:_OPENING]}
    known = {
        name: value for name, value in told.items() if value and (value in opening or not _is_placeholder(name, value))
    }
    rest, signature = list(parts), _signature(parts)
    said = dict(_said(parts, signature.told))
    signed = [part.text for part in parts[signature.first : signature.last]] if len(signature.told) > 1 else []
    if signed:
        rest[signature.first : signature.last] = _emptied(parts[signature.first : signature.last])
    given = known.get("title", "")
    if (found := _title_of(parts, given, kind)) is not None and found.last <= len(parts) - 1:
        if not (_same(given, found.words) and len(given) > len(found.words)):
            said["title"] = found.words
        rest[found.first : found.last] = _emptied(parts[found.first : found.last])
    return Description({**known, **said}, rest, signed)


def is_placeholder_title(title: str) -> bool:
    """Whether a title is what a program or a template puts there: «Microsoft Word - 文档1», «幻灯片 1»."""
    return _PLACEHOLDER.fullmatch(title.strip()) is not None


def _is_placeholder(field: str, value: str) -> bool:
    if field == "title":
        return is_placeholder_title(value)
    return field == "author" and _PROGRAM.fullmatch(value.strip()) is not None


def _same(one: str, other: str) -> bool:
    bare, again = "".join(one.split()), "".join(other.split())
    return bool(bare) and (bare in again or again in bare)


def _emptied(parts: Sequence[Part]) -> list[Part]:
    """As many parts without text, which keep where a page begins; assembling passes over the others."""
    return [Part(HEADING, "", 1, tuple((page, 0) for page, _ in part.pages)) for part in parts]


def _title_of(parts: Sequence[Part], given: str, kind: str) -> _Title | None:
    """The title that opens the text: the one that was given, a first heading, or lines that end as titles do."""
    opening = _opening(parts)
    for at, part in opening:
        if given and _is_given(part.text, given, first=at == opening[0][0], exactly=kind == "markdown"):
            return _Title(at, at + 1, part.text)
    if given and kind in ("html", "markdown"):
        return None
    for at, part in opening:
        if not _may_be_title(part.text):
            continue
        if part.kind == HEADING and part.level <= 1 and at == opening[0][0]:
            return _Title(at, at + 1, part.text)
        if count := _lines_of_title(parts, at):
            return _Title(at, at + count, "".join(one.text for one in parts[at : at + count]))
    return _bare_title(parts, opening[0][0]) if opening and kind == "text" and not given else None


def _is_given(line: str, given: str, *, first: bool, exactly: bool) -> bool:
    """Whether a line is the title that the file gives: the same words, or most of them in the first line."""
    if "".join(line.split()) == "".join(given.split()):
        return True
    likely = first and not exactly and _same(line, given) and min(len(line), len(given)) >= _ALIKE * len(given)
    return likely and _may_be_title(line)


def _bare_title(parts: Sequence[Part], at: int) -> _Title | None:
    """A first line that stands over prose, or over the first of several numbered headings."""
    if at + 1 >= len(parts) or parts[at].kind == HEADING:
        return None
    line, following = parts[at].text, parts[at + 1]
    over_heading = following.kind == HEADING or (numbering(following.text) is not None and len(following.text) <= 30)
    opens = len(line) <= 60 and line[-1:] not in "。！？；，、：,.!?;:”』」…" and numbering(line) is None
    if _may_be_title(line) and (is_bare_heading(line, following.text) or (opens and over_heading)):
        return _Title(at, at + 1, line)
    return None


def _opening(parts: Sequence[Part]) -> list[tuple[int, Part]]:
    """Short lines before the first sentence."""
    found = []
    for at, part in enumerate(parts[:_OPENING]):
        text = part.text.strip()
        if _PASSED.fullmatch(text) or not text:
            continue
        if len(text) > 120 or text[-1] in "。；：:，" or "\n" in text:
            break
        found.append((at, part))
    return found


def _may_be_title(text: str) -> bool:
    if not 4 <= len(text) <= 100 or text[-1] in "。；：:，、！？" or _NUMBER.fullmatch(text.strip()):
        return False
    return not (_NOT_A_TITLE.match(text) or numbering(text) or any(mark in text for mark in "：:"))


def _lines_of_title(parts: Sequence[Part], at: int) -> int:
    """How many lines from here on are the title: ones that end as titles do, the last of them; 0 for none."""
    for count in (1, 2, 3):
        lines = parts[at : at + count]
        if len(lines) < count or any(not _may_continue(line, lines[0]) for line in lines[1:]):
            return 0
        whole = "".join(line.text for line in lines)
        if _TITLE.fullmatch(whole) and len(whole) >= 4:
            return count
    return 0


def _may_continue(line: Part, first: Part) -> bool:
    alike = line.size == first.size > 0 and line.bold == first.bold
    return len(line.text) <= 80 and bool(_JOINS.match(line.text) or alike) and line.text[-1:] not in "。；：:，"


def _said(parts: Sequence[Part], signed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Fields that the edges of the text give, each once."""
    opening = [part.text for part in parts[:_OPENING] if len(part.text) <= _LONGEST_LINE]
    closing = [part.text for part in parts[-_CLOSING:] if len(part.text) <= _LONGEST_LINE]
    labelled = _labelled([*opening, *closing])
    passed = next((part.text for part in parts[:_OPENING] if _PASSED.match(part.text)), "")
    fields = {
        "number": labelled.get("number") or _number(opening),
        "date": signed.get("date") or _day(labelled.get("date", "")) or _last_day(passed),
        "publisher": signed.get("publisher") or labelled.get("publisher", ""),
        "author": labelled.get("author", ""),
        "validity": labelled.get("validity") or _in_force(parts),
    }
    yield from ((field, value[:80]) for field, value in fields.items() if value)


def _labelled(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        for field, pattern in _LABELLED.items():
            if field not in found and (match := pattern.search(line)):
                value = match[1].strip(" 　，,；;。")
                if _fits(field, value):
                    found[field] = _number([value]) if field == "number" else value
    return found


def _fits(field: str, value: str) -> bool:
    if field == "date":
        return bool(_day(value))
    if field == "number":
        return bool(_NUMBER.search(value))
    return 1 < len(value) <= 40 and not value.startswith("http")


def _number(lines: Sequence[str]) -> str:
    """A document number that stands on a line of its own, or in brackets below the title."""
    for line in lines:
        bare = line.strip().strip("（）() 　")
        if (found := _NUMBER.fullmatch(bare)) is not None:
            return "".join(found[1].split())
    return ""


def _signature(parts: Sequence[Part]) -> _Signature:
    """Issuer and day below the text: a short line and a date behind it, or both in one part."""
    for at in range(len(parts) - 1, max(len(parts) // 2, len(parts) - _CLOSING) - 1, -1):
        lines = parts[at].text.split("\n")
        found = _DAY.fullmatch(fold(lines[-1]).text) if len(parts[at].text) <= 80 else None
        if found is None or not (date := iso_date(found[1])):
            continue
        first = at if len(lines) > 1 else at - 1
        above = "".join((lines[-2] if len(lines) > 1 else parts[at - 1].text if at else "").split())
        if _ISSUER.fullmatch(above) and len(lines) < 3:
            return _Signature({"date": date, "publisher": above}, first, at + 1)
        return _Signature({"date": date})
    return _Signature({})


def _day(text: str) -> str:
    return iso_date(fold(text).text) if text else ""


def _last_day(text: str) -> str:
    """The last date of «(2005年…通过 根据2020年…修正)»."""
    days = [iso_date(day) for day in re.findall(r"\d{4}年\d{1,2}月\d{1,2}日", fold(text).text)]
    return max(filter(None, days), default="")


def _in_force(parts: Sequence[Part]) -> str:
    """«自2020年1月1日起施行，有效期3年», as the text's first or last blocks say."""
    for part in [*parts[-_CLOSING:], *parts[:_OPENING]]:
        if found := _IN_FORCE.search(fold(part.text).text):
            return found[0]
    return ""
