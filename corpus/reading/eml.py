"""EML and MHTML → parts: the mail's head and text, and its attachments; a saved web page as a page."""

import base64
import email
import email.policy
from collections.abc import Iterator, Sequence
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from corpus.reading.bounded import ParserFailed
from corpus.reading.decoding import guessed
from corpus.reading.html import parse_html
from corpus.reading.mail import Mail, not_empty, parsed_mail
from corpus.reading.mail_html import html_body
from corpus.reading.parts import Attachment, Parsed

MOST_PARTS = 2000  # of a message, within each other or not
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cn-gb": "gb18030", "big5": "big5hkscs"}


def parse_eml(raw: bytes) -> Parsed:
    """Read a message.

    raises  ParserFailed for bytes that are no message, or one without any text
    """
    message = email.message_from_bytes(raw.lstrip(b"\r\n"), policy=email.policy.compat32)
    if not message.keys():
        raise ParserFailed("it is no mail: it has no head")
    parsed = Parsed()
    mail = Mail(
        subject=_header(message, "Subject"),
        sender=_header(message, "From"),
        to=_header(message, "To"),
        cc=_header(message, "Cc"),
        date=_date(message),
    )
    for number, part in enumerate(_leaves(message)):
        if number >= MOST_PARTS:
            raise ParserFailed(f"it has more than {MOST_PARTS} parts")
        _take(part, mail, parsed)
    if _is_page(message) and mail.html:
        return _page(mail, parsed)
    return not_empty(parsed_mail(mail, parsed, html_body(mail, parsed)))


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold no others; a message within the message is one."""
    waiting = [message]
    while waiting:
        one = waiting.pop()
        if one.get_content_maintype() == "multipart" and isinstance(inner := one.get_payload(), list):
            waiting += [part for part in reversed(inner) if isinstance(part, Message)]
        else:
            yield one


def _take(part: Message, mail: Mail, parsed: Parsed) -> None:
    kind, name = part.get_content_type(), _file_name(part)
    attached = part.get_content_disposition() == "attachment" or bool(name)
    if kind == "text/plain" and not attached:
        mail.plain += ("\n\n" if mail.plain else "") + _text(part)
    elif kind == "text/html" and not attached and not mail.html:
        mail.html = _text(part)
    elif part.get_content_maintype() == "message" and isinstance(inner := part.get_payload(), list):
        mail.attached += [_attachment(one) for one in inner if isinstance(one, Message)]
    elif part["Content-Location"] or (part["Content-ID"] and part.get_content_disposition() != "attachment"):
        parsed.drop("embedded file", [name or kind])
    elif part.get_content_maintype() != "multipart":
        content = part.get_payload(decode=True)
        encoded = base64.b64encode(content if isinstance(content, bytes) else b"").decode()
        mail.attached.append(Attachment(name, "" if kind == "application/octet-stream" else kind, encoded))


def _attachment(message: Message) -> Attachment:
    name = f"{_header(message, 'Subject') or '邮件'}.eml"
    return Attachment(name.replace("/", "／"), "message/rfc822", base64.b64encode(message.as_bytes()).decode())


def _is_page(message: Message) -> bool:
    """A web page that a browser or Word saved in the form of a mail."""
    return message.get_content_type() in ("multipart/related", "text/html") and not message["To"]


def _page(mail: Mail, parsed: Parsed) -> Parsed:
    page = parse_html(mail.html.encode("utf-8", "replace"))
    page.told.setdefault("title", mail.subject)
    page.dropped += parsed.dropped
    page.encoding, page.attached = "", mail.attached
    return page


def _text(part: Message) -> str:
    """The text of a part in the character set that it names, or else in that which fits."""
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    said = str(part.get_content_charset() or "").lower()
    try:
        return raw.decode(_WIDER.get(said, said or "utf-8"))
    except (LookupError, UnicodeDecodeError):
        return guessed(raw)


def _header(message: Message, name: str) -> str:
    """A header's words, whatever encodings its parts are in, or bytes that nobody declared."""
    raw = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return decoded_words(str(next(raw, "")))


def decoded_words(value: str) -> str:
    """The words of a header, RFC 2047."""
    raw = value.encode("utf-8", "surrogateescape")
    value = value if raw.isascii() else guessed(raw)
    try:
        return _joined(decode_header(value))
    except (HeaderParseError, ValueError):
        return " ".join(value.split())


def _joined(pieces: Sequence[tuple[bytes | str, str | None]]) -> str:
    """Encoded words stand together: a letter may be parted between two of them."""
    joined: list[tuple[bytes, str]] = []
    for words, charset in pieces:
        raw = words if isinstance(words, bytes) else str(words).encode("utf-8", "surrogateescape")
        codec = _WIDER.get(str(charset or "utf-8").lower(), str(charset or "utf-8"))
        if joined and joined[-1][1] == codec:
            joined[-1] = (joined[-1][0] + raw, codec)
        else:
            joined.append((raw, codec))
    texts = []
    for raw, codec in joined:
        try:
            texts.append(raw.decode(codec))
        except (LookupError, UnicodeDecodeError):
            texts.append(guessed(raw))
    return " ".join("".join(texts).split())


def _file_name(part: Message) -> str:
    return decoded_words(part.get_filename() or "")


def _date(message: Message) -> str:
    """Day and time as the sender's clock had it."""
    said = _header(message, "Date")
    try:
        return parsedate_to_datetime(said).strftime("%Y-%m-%d %H:%M") if said else ""
    except (ValueError, TypeError, OverflowError):
        return said
