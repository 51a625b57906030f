"""Mail → parts: subject, people and date as key and value, then the text; older mail that it quotes is set apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from corpus.reading.bounded import ParserFailed
from corpus.reading.dates import iso_date
from corpus.reading.outline import is_bare_heading
from corpus.reading.parts import HEADING, LINE, PARAGRAPH, Attachment, Parsed, Part
from corpus.reading.wrapping import unwrapped

OLDER = "原邮件"
_FIELDS = {
    "sender": ("发件人", "发送人", "寄件人", "from"),
    "to": ("收件人", "to"),
    "cc": ("抄送", "cc"),
    "date": ("日期", "发送时间", "发送日期", "时间", "date", "sent"),
    "subject": ("主题", "标题", "subject"),
}
_LABELS = {"sender": "发件人", "to": "收件人", "cc": "抄送", "date": "日期", "subject": "主题"}
_NAMES = {name: what for what, names in _FIELDS.items() for name in names}
_FIELD = re.compile(rf"\s*({'|'.join(_NAMES)})\s*[:：]\s*(.*)", re.I)
_SEPARATOR = re.compile(
    r"\s*[-—_=]{2,}\s*(?:(?:回复的)?原(?:始)?邮件|转发(?:的)?邮件(?:信息)?|original message|forwarded message)"
    r"\s*[-—_=]{0,80}\s*"
    r"|.{0,200}\s(?:写道|wrote)\s*[:：]\s*"
    r"|begin forwarded message:\s*",
    re.I,
)
_QUOTED = re.compile(r"\s*(?:>\s?)+")
_MOST_FIELDS = 12  # lines of a head
_SHORTEST_OWN = 10  # letters that a mail must say itself, so that what it quotes is older
_LETTER = re.compile(r"\w")


@dataclass(slots=True)
class Mail:
    """A mail as its format told it; date is as written, or ISO 8601."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    cc: str = ""
    date: str = ""
    plain: str = ""
    html: str = ""
    attached: list[Attachment] = field(default_factory=list)


def parsed_mail(mail: Mail, parsed: Parsed, body: Sequence[Part] = ()) -> Parsed:
    """Parts of a mail. body  what its HTML form says, where that is to be taken; else the text is, as it was typed"""
    parsed.told = {
        "title": mail.subject,
        "author": mail.sender,
        "date": iso_date(mail.date),
    }
    values = {what: getattr(mail, what) for what in ("sender", "to", "cc", "date", "subject")}
    lines = [f"{_LABELS[what]}：{' '.join(value.split())}" for what, value in values.items() if value]
    parsed.parts = [Part(LINE if number else PARAGRAPH, line) for number, line in enumerate(lines)]
    parsed.attached = mail.attached
    parsed.parts += body or list(_from_text(mail.plain, parsed))
    return parsed


def not_empty(parsed: Parsed) -> Parsed:
    """The mail, if it says anything.

    raises  ParserFailed
    """
    if not parsed.parts:
        raise ParserFailed("the mail holds no text")
    return parsed


def recognise(text: str) -> Mail | None:
    """A mail that was saved as text: lines of sender, subject or date open it; None for any other text."""
    lines = text.lstrip("\n").split("\n")
    head = list(takewhile(lambda line: _FIELD.fullmatch(line) is not None, lines[:_MOST_FIELDS]))
    found = {_NAMES[match[1].lower()]: match[2].strip() for line in head if (match := _FIELD.fullmatch(line))}
    if "sender" not in found or not {"subject", "to"} & found.keys():
        return None
    mail = Mail(plain="\n".join(lines[len(head) :]))
    for what, value in found.items():
        setattr(mail, what, value)
    return mail


def _from_text(text: str, parsed: Parsed) -> Iterator[Part]:
    """The mail's own text, then the older mail below it as a section of its own.

    Single lines quoted with > are older too; they are left out and reported, unless the mail says little else.
    """
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if _SEPARATOR.fullmatch(line)), len(lines))
    own = [line for line in lines[:end] if not _QUOTED.match(line)]
    quoted = [_QUOTED.sub("", line) for line in lines if _QUOTED.match(line)]
    older = [line for line in lines[end + 1 :] if not _QUOTED.match(line)]
    yield from _paragraphs(own)
    if any(line.strip() for line in older):
        yield Part(HEADING, OLDER, 2)
        yield from _paragraphs(older)
    if sum(1 for _ in _LETTER.finditer("".join((*own, *older)))) >= _SHORTEST_OWN:
        parsed.drop("quoted from an older mail", quoted)
    elif any(line.strip() for line in quoted):
        yield Part(HEADING, OLDER, 2)
        yield from _paragraphs(quoted)


def _paragraphs(lines: list[str]) -> Iterator[Part]:
    """Lines as paragraphs, those that look like headings as headings."""
    joined, _ = unwrapped("\n".join(lines))
    said = [line.strip() for line in joined.split("\n") if line.strip()]
    for line, behind in zip(said, [*said[1:], ""], strict=False):
        heads = is_bare_heading(line, behind) and _FIELD.fullmatch(line) is None
        yield Part(HEADING, line, 3) if heads else Part(PARAGRAPH, line)
