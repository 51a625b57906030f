"""Mail in EML, MSG, MHTML and saved as text: head, text, attachments; older mail is set apart."""

import struct
from email.message import EmailMessage

import pytest
from support_files import xlsx_of, zipped
from support_formats import in_gbk, msg_of, properties, rtf_of

from corpus.reading import read

CSV = "名称,面积\n甲园,80亩\n"


def mail(text: str = "各位：\n自五月起租金调整为每平方米2.5元。\n", **heads: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {"Subject": "租金通知", "From": "张三 <a@example.com>", "To": "b@example.com", **heads}.items():
        message[name] = value
    message["Date"] = "Tue, 15 Apr 2025 09:00:00 +0800"
    message.set_content(text)
    return message


def test_head_and_text() -> None:
    reading = read(mail().as_bytes(), name="通知.eml")
    (one,) = reading.documents
    assert one.text == (
        "发件人：张三 <a@example.com>\n收件人：b@example.com\n日期：2025-04-15 09:00\n主题：租金通知\n\n"
        "自五月起租金调整为每平方米2.5元。"
    )
    source = one.sources["document"]
    assert (one.id, one.title, source.author, source.date) == ("通知", "租金通知", "张三 <a@example.com>", "2025-04-15")
    assert reading.report.format == "eml"


def test_attachments_become_documents_of_their_own() -> None:
    message = mail()
    message.add_attachment(CSV.encode(), maintype="text", subtype="csv", filename="台账.csv")
    message.add_attachment(
        xlsx_of([["名称", "面积"], ["乙园", 90]]), maintype="application", subtype="octet-stream", filename="表.xlsx"
    )
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="a.exe")
    inner = mail("里层的邮件说三元。", Subject="里层")
    inner.add_attachment("附件里的附件。".encode(), maintype="text", subtype="plain", filename="深.txt")
    message.add_attachment(inner)
    reading = read(message.as_bytes(), "信", name="通知.eml")
    assert [(one.id, one.title, one.parent) for one in reading.documents] == [
        ("信", "租金通知", None),
        ("信~1", "台账", "信"),
        ("信~2", "表", "信"),
        ("信~4", "里层", "信"),
        ("信~4~1", "深", "信"),
    ]
    assert reading.documents[1].text == "名称：甲园，面积：80亩。"
    assert reading.report.documents == 5
    (warning,) = reading.report.warnings
    assert warning.startswith("attachment a.exe was not read: files ending in '.exe' are not read")


def test_mail_within_mail_ends_somewhere() -> None:
    message = mail("最里层。", Subject="零")
    for depth in range(5):
        outer = mail(f"第{depth}层。", Subject=f"{depth}")
        outer.add_attachment(message)
        message = outer
    reading = read(message.as_bytes(), "信", name="a.eml")
    assert [one.id for one in reading.documents] == ["信", "信~1", "信~1~1", "信~1~1~1"]
    assert "it lies too deep to be read" in reading.report.warnings[0]


def test_archives_within_mail_are_not_opened() -> None:
    message = mail()
    message.add_attachment(zipped({"a.md": "甲"}), maintype="application", subtype="zip", filename="a.zip")
    assert "archives within other files are not opened" in read(message.as_bytes(), name="a.eml").report.warnings[0]


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "gb18030", "big5"])
def test_character_sets(charset: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "通知", "a@example.com", "b@example.com"
    message.set_content("租金五元。", charset=charset)
    assert read(message.as_bytes(), name="a.eml").documents[0].text.endswith("租金五元。")


def test_heads_that_nobody_declared_and_letters_parted_between_words() -> None:
    raw = "Subject: 停水通知\r\nFrom: a@example.com\r\nTo: b@example.com\r\n\r\n明日停水。\r\n".encode("gbk")
    (one,) = read(raw, name="a.eml").documents
    assert (one.title, one.text[-5:]) == ("停水通知", "明日停水。")
    parted = b"Subject: =?utf-8?B?5YGc5rA=?=\r\n =?utf-8?B?tOmAmuefpQ==?=\r\nTo: a@example.com\r\n\r\nx\r\n"
    assert read(parted, name="a.eml").documents[0].title == "停水通知"


def test_html_alone_and_html_with_tables() -> None:
    only = EmailMessage()
    only["Subject"], only["To"] = "通知", "b@example.com"
    only.set_content("<p>租金<b>五元</b>。</p>", subtype="html")
    assert read(only.as_bytes(), name="a.eml").documents[0].text.endswith("租金五元。")
    both = mail("见表")
    both.add_alternative("<table><tr><th>名称<th>面积<tr><td>甲园<td>80亩</table>", subtype="html")
    assert read(both.as_bytes(), name="a.eml").documents[0].text.endswith("名称：甲园，面积：80亩。")


def test_older_mail_is_a_section_and_quoted_lines_are_reported() -> None:
    text = "改到五月八日停水，请相互转告。\n\n> 五月七日停水\n\n-----原始邮件-----\n发件人：李四\n五月六日停水。\n"
    reading = read(mail(text).as_bytes(), name="a.eml")
    (one,) = reading.documents
    assert [section.path for section in one.sections] == [(), ("原邮件",)]
    assert one.text.endswith("原邮件\n\n发件人：李四\n\n五月六日停水。")
    assert reading.report.dropped == ("quoted from an older mail: 五月七日停水",)


def test_a_mail_that_says_little_keeps_what_it_quotes() -> None:
    reading = read(mail("同意\n\n> 申请五月七日停水两小时\n").as_bytes(), name="a.eml")
    assert reading.documents[0].text.endswith("同意\n\n原邮件\n\n申请五月七日停水两小时")
    assert reading.report.dropped == ()


def test_mail_that_was_saved_as_text() -> None:
    text = "发件人：物业 <wy@example.com>\n主题：停水通知\n日期：2025-05-06\n\n"
    text += "各位：\n因检修，5月8日9时至12时停水。\n\n> 原通知：5月7日停水\n"
    reading = read(text.encode(), name="通知.txt")
    (one,) = reading.documents
    assert (one.title, reading.report.format) == ("停水通知", "text")
    assert "5月7日" not in one.text
    assert one.sources["document"].date == "2025-05-06"


def test_a_text_that_only_names_a_sender_is_no_mail() -> None:
    assert read("发件人：物业\n明日停水。".encode(), name="a.txt").documents[0].text == "发件人：物业\n\n明日停水。"


def test_a_page_that_was_saved_as_mail() -> None:
    raw = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html; "
        b"charset=gb2312\r\nContent-Location: http://example.com/\r\n\r\n"
        + "<title>园区简介</title><h1>园区简介</h1><p>甲园占地80亩，三年建成。</p>".encode("gbk")
        + b"\r\n--x\r\nContent-Type: image/png\r\nContent-Location: a.png\r\n\r\nPNG\r\n--x--\r\n"
    )
    for name in ("页.mht", "页.doc"):
        (one,) = read(raw, name=name).documents
        assert (one.title, one.text) == ("园区简介", "甲园占地80亩，三年建成。")


SUBMITTED = struct.pack("<HHIq", 0x40, 0x39, 6, 133_574_400_000_000_000)
HEAD = {"0037001F": "停水通知", "0C1A001F": "物业", "0C1F001F": "wy@example.com", "0E04001F": "全体"}


def attached(told: dict[str, str | bytes], number: int = 0) -> dict[str, object]:
    return {f"__attach_version1.0_#{number:08X}": {"__properties_version1.0": bytes(8), **properties(told)}}


def test_messages_of_outlook() -> None:
    told = {"3707001F": "台账.csv", "37010102": CSV.encode()}
    raw = msg_of({**HEAD, "1000001F": "各位：\r\n五月八日停水。"}, attached(told), SUBMITTED)
    reading = read(raw, name="通知.msg")
    assert reading.documents[0].text == (
        "发件人：物业 <wy@example.com>\n收件人：全体\n日期：2024-04-13 08:00\n主题：停水通知\n\n五月八日停水。"
    )
    assert (reading.documents[1].id, reading.documents[1].text) == ("通知~1", "名称：甲园，面积：80亩。")
    assert reading.report.format == "msg"


def test_texts_in_a_code_page_in_html_and_in_packed_rtf() -> None:
    ansi = {"0037001E": "停水通知".encode("gbk"), "1000001E": "五月八日停水。".encode("gbk")}
    assert read(msg_of(ansi), name="a.msg").documents[0].text == "主题：停水通知\n\n五月八日停水。"
    html = {"0037001F": "通知", "10130102": "<p>五月<b>八日</b>停水。</p>".encode()}
    assert read(msg_of(html), name="a.msg").documents[0].text == "主题：通知\n\n五月八日停水。"
    rtf = rtf_of(in_gbk("五月八日停水。"))
    plain = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    assert read(msg_of({"0037001F": "通知", "10090102": plain}), name="a.msg").documents[0].text.endswith("八日停水。")


def test_packed_rtf_of_the_specification() -> None:
    from corpus.reading.msg_rtf import unpacked

    packed = "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    packed += "0af32068656c090020627705b06c647d0a800fa0"
    assert unpacked(bytes.fromhex(packed)) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_a_message_within_a_message_stands_below_it() -> None:
    inner = {"__properties_version1.0": bytes(24), **properties({"0037001F": "里层", "1000001F": "里层说三元。"})}
    place = {"__attach_version1.0_#00000000": {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": inner}}
    text = read(msg_of({**HEAD, "1000001F": "外层。"}, place), name="a.msg").documents[0].text
    assert text.endswith("外层。\n\n附件邮件：里层\n\n主题：里层\n\n里层说三元。")
