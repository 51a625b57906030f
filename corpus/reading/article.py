"""Scraped article pages: one article wrapped in a site's furniture, followed by snippets of others.

Such a page (as periodical databases show it) carries metadata lines (来源, 被引量, 上传用户),
buttons (下载到本地), a notice (声明), the article, its 作者单位, and, behind «其他文献», the
beginnings of unrelated articles. Each part becomes what it is: metadata, furniture, the
document, and documents of their own.
"""

import re
from dataclasses import dataclass, field, replace

from corpus.document import Document, Source
from corpus.reading.assembly import built
from corpus.reading.dates import iso_date
from corpus.reading.outline import with_headings
from corpus.reading.plain import parts_of_lines, read_plain

_OTHERS = re.compile(r"(?:其他|相关|推荐)(?:文献|文章|论文|阅读)[:：]?")
_OPENING = re.compile(r"(?:论文部分内容阅读|正文|全文)[:：]?")
_SITE_FIELDS = "被引量|引用量|上传用户|下载量|浏览量|阅读量"
_FIELD = re.compile(rf"\s*(来源|作者|作者单位|出处|发布时间|日期|关键词|{_SITE_FIELDS})\s*[:：]\s*(.*)")
_FURNITURE = re.compile(
    r"下载到本地.*|声明\s*[:：].*(?:版权|授权|下架).*|点击(?:下载|查看|阅读)[^。]{0,40}|论文部分内容阅读|返回顶部|分享到.{0,20}"
)
# Labels of the site's lists; within an article they may be prose.
_LABEL = re.compile(r"期刊|会议|学位论文|报纸|图书|(?:上一篇|下一篇)\s*[:：].*")
_LONGEST_FIELD_LINE = 120  # code points
_PROSE = 60  # code points; the first line so long opens the article and ends its metadata
_LONGEST_TITLE = 100  # code points
_LONGEST_PARENT = 110  # code points of the article's id in a snippet's id
_SMALLEST_SNIPPET = 20  # code points
_TITLE_LENGTH = 24  # code points of a snippet's first words, which serve as its title


@dataclass
class ArticlePage:
    """The parts of a page, in order. `fields` holds its metadata lines by name."""

    title: str = ""
    body: list[str] = field(default_factory=list)
    snippets: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    furniture: list[str] = field(default_factory=list)


def recognise(text: str) -> ArticlePage | None:
    """The parts of a scraped article page; None for a text that does not look like one.

    A page is recognised by at least two of: a line of metadata as only sites write it, a known
    piece of furniture, the heading of other articles with some below it.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    others = next((number for number, line in enumerate(lines) if _OTHERS.fullmatch(line)), len(lines))
    signs = (
        any(_is_site_metadata(line) for line in lines[:others]),
        any(_FURNITURE.fullmatch(line) for line in lines[:others]),
        any(len(line) >= _SMALLEST_SNIPPET for line in lines[others + 1 :]),
    )
    if sum(signs) < 2:
        return None
    page = ArticlePage()
    in_head = True
    for line in lines[:others]:
        _sort_line(page, line, in_head)
        in_head = in_head and not (page.body and len(page.body[-1]) >= _PROSE)
    while page.body and (fields := _fields(page.body[-1])):
        page.fields.update(fields)
        page.body.pop()
    page.furniture.extend(lines[others : others + 1])
    for line in lines[others + 1 :]:
        (page.snippets if len(line) >= _SMALLEST_SNIPPET and not _is_furniture(line) else page.furniture).append(line)
    return page if page.body else None


def documents_of(page: ArticlePage, document_id: str, title: str = "") -> list[Document]:
    """The article first, then each snippet as a document of its own whose parent is the article."""
    name = page.title or title or document_id
    source = Source(
        title=name,
        publisher=page.fields.get("来源", page.fields.get("出处", "")),
        author=page.fields.get("作者", page.fields.get("作者单位", "")),
        date=iso_date(page.fields.get("发布时间", page.fields.get("日期", ""))),
    )
    builder, _ = built(with_headings(parts_of_lines(page.body)), "")
    article = Document(
        document_id, name, builder.text(), builder.sections(), sources={"document": source}, kind="article"
    )
    return [article, *(_snippet(text, number, article) for number, text in enumerate(page.snippets, start=1))]


def _snippet(text: str, number: int, article: Document) -> Document:
    title = f"{text[:_TITLE_LENGTH]}…"
    source = Source(title=f"{title}（摘录，见《{article.title}》页面的其他文献）")
    snippet_id = f"{article.id[:_LONGEST_PARENT]}~{number}"
    return replace(read_plain(text, snippet_id, title, source), parent=article.id, kind="snippet")


def _is_site_metadata(line: str) -> bool:
    """«来源:某刊 | 被引量:0次»: several fields in one line, or one that only a site counts."""
    fields = _fields(line)
    return len(fields) >= 2 or any(name in _SITE_FIELDS.split("|") for name in fields)


def _fields(line: str) -> dict[str, str]:
    """Metadata of a line that holds nothing else."""
    if len(line) >= _LONGEST_FIELD_LINE or not (":" in line or "：" in line):
        return {}
    found = [_FIELD.fullmatch(part) for part in line.split("|")]
    return {match[1]: match[2].strip() for match in found if match}


def _is_furniture(line: str) -> bool:
    return bool(_FURNITURE.fullmatch(line) or _OPENING.fullmatch(line) or _LABEL.fullmatch(line))


def _sort_line(page: ArticlePage, line: str, in_head: bool) -> None:
    """Before the article's first prose, metadata and labels are set apart; behind it only furniture is."""
    if in_head and (fields := _fields(line)):
        page.fields.update(fields)
    elif _FURNITURE.fullmatch(line) or (in_head and _is_furniture(line)):
        page.furniture.append(line)
    elif not (page.title or page.body or page.fields) and len(line) <= _LONGEST_TITLE:
        page.title = line
    else:
        page.body.append(line)
