"""MSG → parts: a mail as Outlook keeps it, in a compound file of properties."""

import base64
import io
import struct
from datetime import UTC, datetime, timedelta, timezone

import olefile

from corpus.reading.bounded import ParserFailed
from corpus.reading.decoding import guessed
from corpus.reading.mail import Mail, not_empty, parsed_mail
from corpus.reading.mail_html import html_body
from corpus.reading.msg_rtf import unpacked
from corpus.reading.parts import PARAGRAPH, Attachment, Parsed, Part
from corpus.reading.rtf import parse_rtf

_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_SENDER, _ADDRESS, _SMTP, _TO, _CC = 0x0C1A, 0x0C1F, 0x5D01, 0x0E04, 0x0E03
_SUBMITTED, _DELIVERED, _CODE_PAGE, _INTERNET_PAGE = 0x0039, 0x0E06, 0x3FFD, 0x3FDE
_LONG_NAME, _NAME, _SHOWN_NAME, _MEDIA_TYPE, _DATA, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x370E, 0x3701, 0x3712
_TEXT, _ANSI, _BYTES, _STORAGE = "001F", "001E", "0102", "000D"
_PROPERTIES = "__properties_version1.0"
_ATTACHED = "__attach_version1.0_"
_HEADS = {0: 32, 1: 24, 2: 8}  # bytes before the properties: of a message, of one within another, of an attachment
_PAGES = {936: "gb18030", 54936: "gb18030", 52936: "gb18030", 950: "big5hkscs", 65001: "utf-8", 20127: "ascii"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_CHINA = timezone(timedelta(hours=8))  # the file holds no zone of the sender
MOST_ATTACHED = 500
_DEEPEST = 5  # messages within messages that are read here


def parse_msg(raw: bytes) -> Parsed:
    """Read a message.

    raises  ParserFailed for a file that is no message, or one without any text
    """
    with olefile.OleFileIO(io.BytesIO(raw)) as file:
        if not file.exists(_PROPERTIES):
            raise ParserFailed("it holds no message")
        return not_empty(_Message(file, [], 0).parsed())


class _Message:
    """One message in a compound file; place  the storages that lead to it."""

    def __init__(self, file: "olefile.OleFileIO", place: list[str], depth: int) -> None:
        self._file = file
        self._place = place
        self._depth = depth
        self._fixed = self._values(place, _HEADS[1 if place else 0])
        self._codec = self._code_page()

    def parsed(self) -> Parsed:
        parsed = Parsed()
        mail = Mail(
            subject=self._text(_SUBJECT),
            sender=self._sender(),
            to=self._text(_TO),
            cc=self._text(_CC),
            date=self._date(),
            plain=self._text(_BODY).replace("\r\n", "\n"),
            html=self._html(),
        )
        folders = sorted({path[len(self._place)] for path in self._file.listdir(storages=True) if self._holds(path)})
        if len(folders) > MOST_ATTACHED:
            raise ParserFailed(f"it has more than {MOST_ATTACHED} attachments")
        inner: list[Part] = []
        for folder in folders:
            self._attach([*self._place, folder], mail, parsed, inner)
        parsed_mail(mail, parsed, html_body(mail, parsed))
        if not (mail.plain.strip() or mail.html):
            parsed.parts += self._from_rtf()
        parsed.parts += inner
        return parsed

    def _holds(self, path: list[str]) -> bool:
        depth = len(self._place)
        return len(path) > depth and path[:depth] == self._place and path[depth].startswith(_ATTACHED)

    def _attach(self, place: list[str], mail: Mail, parsed: Parsed, inner: list[Part]) -> None:
        """Take an attachment; the text of a message within this one stands below it."""
        name = self._text(_LONG_NAME, place) or self._text(_NAME, place) or self._text(_SHOWN_NAME, place)
        media_type = self._text(_MEDIA_TYPE, place)
        message = [*place, f"__substg1.0_{_DATA:04X}{_STORAGE}"]
        if self._file.exists("/".join([*message, _PROPERTIES])):
            if self._depth >= _DEEPEST:
                parsed.warnings.append(f"attachment {name}: it lies too deep to be read")
                return
            found = _Message(self._file, message, self._depth + 1).parsed()
            inner += [Part(PARAGRAPH, f"附件邮件：{name or found.told.get('title', '')}"), *found.parts]
            mail.attached += found.attached
            return
        content = self._stream([*place, f"__substg1.0_{_DATA:04X}{_BYTES}"])
        if self._text(_CONTENT_ID, place) and media_type.startswith("image/"):
            parsed.drop("embedded file", [name or media_type])
        elif content is None:
            parsed.warnings.append(f"attachment {name or media_type}: it is a link or an object, and was not read")
        else:
            mail.attached.append(Attachment(name, media_type, base64.b64encode(content).decode()))

    def _sender(self) -> str:
        name, address = self._text(_SENDER), self._text(_SMTP) or self._text(_ADDRESS)
        return f"{name} <{address}>" if name and "@" in address and address != name else name or address

    def _html(self) -> str:
        raw = self._stream([*self._place, f"__substg1.0_{_HTML:04X}{_BYTES}"])
        if raw is None:
            return self._text(_HTML)
        page = self._fixed.get(_INTERNET_PAGE, 0) & 0xFFFF_FFFF
        return _decoded(raw, _PAGES.get(page) or (f"cp{page}" if 1250 <= page <= 1258 else "utf-8"))

    def _from_rtf(self) -> list[Part]:
        raw = self._stream([*self._place, f"__substg1.0_{_RTF:04X}{_BYTES}"])
        return parse_rtf(unpacked(raw)).parts if raw else []

    def _date(self) -> str:
        ticks = self._fixed.get(_SUBMITTED) or self._fixed.get(_DELIVERED) or 0
        if not 0 < ticks < 2**61:
            return ""
        return (_EPOCH + timedelta(microseconds=ticks // 10)).astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")

    def _code_page(self) -> str:
        page = (self._fixed.get(_CODE_PAGE) or self._fixed.get(_INTERNET_PAGE) or 936) & 0xFFFF_FFFF
        return _PAGES.get(page) or (f"cp{page}" if 1250 <= page <= 1258 else "gb18030")

    def _text(self, number: int, place: list[str] | None = None) -> str:
        """A property that is text, in Unicode or in the message's code page."""
        where = self._place if place is None else place
        raw = self._stream([*where, f"__substg1.0_{number:04X}{_TEXT}"])
        if raw is not None:
            return raw.decode("utf-16-le", "replace").rstrip("\x00")
        raw = self._stream([*where, f"__substg1.0_{number:04X}{_ANSI}"])
        return _decoded(raw, self._codec).rstrip("\x00") if raw is not None else ""

    def _stream(self, path: list[str]) -> bytes | None:
        joined = "/".join(path)
        if not self._file.exists(joined) or self._file.get_type(joined) != olefile.STGTY_STREAM:
            return None
        return bytes(self._file.openstream(joined).read())

    def _values(self, place: list[str], head: int) -> dict[int, int]:
        """Properties of fixed length, as numbers."""
        raw = self._stream([*place, _PROPERTIES]) or b""
        entries = (struct.unpack_from("<HHIq", raw, at) for at in range(head, len(raw) - 15, 16))
        return {number: value for _, number, _, value in entries}


def _decoded(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return guessed(raw)
