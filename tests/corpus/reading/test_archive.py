"""Archives and names: every member a document, with its Chinese name, and an id that says where it lay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support_files import docx_of, paragraph, zipped, zipped_as
from support_texts import relaxed

from corpus.document import ID_FORM, id_from_name
from corpus.reading import Reading, Unreadable, read, read_members
from corpus.reading.naming import encoded_name, id_from_path, repaired_name

MD = "# 通知\n\n甲园占地80亩。\n"
WORD = docx_of(paragraph("乙园占地90亩。"))


def test_every_member_is_a_document() -> None:
    reading = read(zipped({"政策/通知.md": MD, "新闻/通知.docx": WORD, "新闻/": "", "a.csv": "名称,面积\n丙园,70亩\n"}))
    assert [document.id for document in reading.documents] == ["政策--通知", "新闻--通知", "a"]
    assert [document.title for document in reading.documents] == ["通知", "通知", "a"]
    assert (reading.report.format, reading.report.documents) == ("zip", 3)


def test_the_archive_s_name_opens_the_ids() -> None:
    assert read(zipped({"a/b.md": MD, "c.md": MD}), name="资料.zip").documents[0].id == "资料--a--b"
    assert read(zipped({"a/b.md": MD}), "given").documents[0].id == "given"
    many = read(zipped({"a.md": MD, "b.md": MD}), "given").documents
    assert [document.id for document in many] == ["given--a", "given--b"]


def test_an_id_in_a_member_counts() -> None:
    raw = zipped({"a.md": "---\nid: own\n---\n" + MD, "b.md": MD})
    assert [document.id for document in read(raw).documents] == ["own", "b"]


def test_one_outcome_for_each_member() -> None:
    outcomes = dict(read_members(zipped({"a.md": MD, "b.pdf": "x", "__MACOSX/a.md": "x", ".DS_Store": "x"}), ""))
    assert list(outcomes) == ["a.md", "b.pdf"]
    assert isinstance(outcomes["a.md"], Reading)
    assert isinstance(outcomes["b.pdf"], Unreadable)


@pytest.mark.parametrize(
    "written", ["杭州/园区.md".encode("gbk"), "杭州/园区.md".encode(), "杭州\\园区.md".encode("gbk")]
)
def test_chinese_names_come_back(written: bytes) -> None:
    ((path, _),) = read_members(zipped_as(written), "")
    assert path == "杭州/园区.md"


def test_names_with_the_flag_are_utf8() -> None:
    ((path, _),) = read_members(zipped({"杭州/𠮷祥.md": MD}), "")
    assert path == "杭州/𠮷祥.md"


@pytest.mark.parametrize(
    ("name", "repaired"),
    [
        ("园区.md", "园区.md"),
        ("a.md", "a.md"),
        ("", ""),
        ("园区.md".encode().decode("latin-1"), "园区.md"),
        ("园区.md".encode("gbk").decode("latin-1"), "园区.md"),
        ("%E5%9B%AD%E5%8C%BA.md", "园区.md"),
        ("50%20 off.md", "50%20 off.md"),
        ("100%.md", "100%.md"),
        ("%FF%FE.md", "%FF%FE.md"),
        ("e\u0301.md", "é.md"),
    ],
)
def test_names_are_repaired(name: str, repaired: str) -> None:
    assert repaired_name(name) == repaired


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=UTF-8''%E5%9B%AD%E5%8C%BA.pdf", "园区.pdf"),
        ("attachment; filename=\"a.pdf\"; filename*=utf-8'zh'%E5%9B%AD%E5%8C%BA.pdf", "园区.pdf"),
        ("attachment; filename*=GBK''%D4%B0%C7%F8.pdf", "园区.pdf"),
        ('attachment; filename="园区 1.pdf"', "园区 1.pdf"),
        ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        ("attachment; filename=a.pdf", "a.pdf"),
        ("attachment; filename*=nonsense''%E5.pdf", ""),
        ("attachment; filename*=utf-8''%FF.pdf", ""),
        ("inline", ""),
        ("", ""),
    ],
)
def test_names_in_headers(header: str, name: str) -> None:
    assert encoded_name(header) == name


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("通知.md", "通知"),
        ("政策/通知.md", "政策--通知"),
        ("a/b-c.md", "a--b-c"),
        ("a-b/c.md", "a-b--c"),
        ("./a//b.md", "a--b"),
        ("..\\a\\b.md", "a--b"),
        ("2024.05/通知 一.md", "2024.05--通知-一"),
    ],
)
def test_ids_from_paths(path: str, made: str) -> None:
    assert id_from_path(path) == made


@relaxed
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_path_gives_an_id(path: str) -> None:
    assert ID_FORM.fullmatch(id_from_path(path))
    if "/" not in path and "\\" not in path and path not in ("", "."):
        assert id_from_path(path) == id_from_name(path).lstrip("-._~") or len(id_from_path(path)) == 100
