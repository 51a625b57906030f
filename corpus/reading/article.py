"""Scraped article pages: one article wrapped in a site's furniture, followed by snippets of others.

Such a page (as periodical databases show it) carries metadata lines (来源, 被引量, 上传用户),
buttons (下载到本地), a notice (声明), the article, its 作者单位, and, behind «其他文献», the
beginnings of unrelated articles. Each part becomes what it is: metadata, furniture, the
document, and documents of their own.
"""

import re
from dataclasses import dataclass, field, replace

from corpus.document import Document, Source
from corpus.reading.builder import TextBuilder
from corpus.reading.plain import add_paragraphs, read_plain

_OTHERS = re.compile(r"(?:其他|相关|推荐)(?:文献|文章|论文|阅读)[:：]?")
_OPENING = re.compile(r"(?:论文部分内容阅读|正文|全文)[:：]?")
_FIELD = re.compile(r"\s*(来源|作者|作者单位|出处|发布时间|日期|被引量|引用量|上传用户|下载量|浏览量|关键词)\s*[:：]\s*(.*)")
_FURNITURE = re.compile(
    r"下载到本地.*|声明\s*[:：].*(?:版权|授权|下架).*|点击(?:下载|查看|阅读).*|(?:期刊|会议|学位论文|报纸|上一篇|下一篇|返回顶部|分享到)(?:[:：].*)?"
)
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

    A page is recognised by at least two of: a metadata line with several fields, a known
    piece of furniture, the heading of other articles.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    page = ArticlePage()
    others = next((number for number, line in enumerate(lines) if _OTHERS.fullmatch(line)), len(lines))
    for line in lines[:others]:
        _sort_line(page, line)
    for line in lines[others + 1 :]:
        (page.furniture if _FURNITURE.fullmatch(line) or len(line) < _SMALLEST_SNIPPET else page.snippets).append(line)
    signs = (len(page.fields) >= 2, bool(page.furniture), others < len(lines))
    if sum(signs) < 2 or not page.body:
        return None
    if others < len(lines):
        page.furniture.append(lines[others])
    return page


def documents_of(page: ArticlePage, document_id: str, title: str = "") -> list[Document]:
    """The article first, then each snippet as a document of its own whose parent is the article."""
    name = page.title or title or document_id
    source = Source(
        title=name,
        publisher=page.fields.get("来源", page.fields.get("出处", "")),
        author=page.fields.get("作者", page.fields.get("作者单位", "")),
        date=_iso_date(page.fields.get("发布时间", page.fields.get("日期", ""))),
    )
    builder = TextBuilder()
    add_paragraphs(builder, page.body)
    article = Document(document_id, name, builder.text(), builder.sections(), sources={"document": source}, kind="article")
    return [article, *(_snippet(text, number, article) for number, text in enumerate(page.snippets, start=1))]


def _snippet(text: str, number: int, article: Document) -> Document:
    title = f"{text[:_TITLE_LENGTH]}…"
    source = Source(title=f"{title}（摘录，见《{article.title}》页面的其他文献）")
    return replace(
        read_plain(text, f"{article.id}~{number}", title, source), parent=article.id, kind="snippet"
    )


def _sort_line(page: ArticlePage, line: str) -> None:
    fields = [match for part in line.split("|") if (match := _FIELD.fullmatch(part))]
    if fields and len(line) < 120:
        page.fields.update({match[1]: match[2].strip() for match in fields})
    elif _FURNITURE.fullmatch(line) or _OPENING.fullmatch(line):
        page.furniture.append(line)
    elif not page.title and not page.body and not page.fields:
        page.title = line
    else:
        page.body.append(line)


def _iso_date(text: str) -> str:
    match = re.search(r"(\d{4})[-年/.](\d{1,2})(?:[-月/.](\d{1,2}))?", text)
    if match is None:
        return ""
    return "-".join(part.zfill(2) for part in match.groups() if part)
