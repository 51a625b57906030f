"""Originals: on the disk before the catalogue names them, gone after it has forgotten them, read again on demand."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from support_files import docx_of, paragraph, zipped

from corpus.reading import decoding, reader
from index.passage_index import PassageIndex
from rag.content.ingest import ingest
from rag.content.originals import FOLDER
from rag.content.rereading import reread
from rag.service import Service
from rag.settings import Settings

NOTE = "蓝溪小镇占地1200亩，位于桐庐县。"


@pytest.fixture
def home(quick_opening: None, quick_path: Path) -> Path:
    return quick_path / "home"


def opened(home: Path, **settings: str) -> Service:
    return Service.open(Settings(home=home, corpus="none", **settings), writable=True)


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    service = opened(home)
    yield service
    service.close()


def kept(home: Path) -> set[bytes]:
    return {one.read_bytes() for one in (home / FOLDER).glob("??/*")}


def silent(what: str, done: int, total: int) -> None:
    pass


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["To"] = "通知", "a@example.com"
    message.set_content(NOTE)
    message.add_attachment("名称,面积\n甲园,80亩\n".encode(), maintype="text", subtype="csv", filename="表.csv")
    return message.as_bytes()


def test_a_replaced_document_takes_its_old_file_with_it(service: Service, home: Path) -> None:
    service.put(b"one " + NOTE.encode(), "a", name="a.txt")
    service.put(b"two " + NOTE.encode(), "a", name="a.txt")
    assert kept(home) == {b"two " + NOTE.encode()}


def test_attachments_have_their_own_files_and_go_with_the_mail(service: Service, home: Path) -> None:
    service.put(mail(), name="通知.eml")
    assert {entry.id: entry.parent for entry in service.index.snapshot.documents.values()} == {
        "通知": None,
        "通知~1": "通知",
    }
    fetched = service.originals.fetch("通知~1")
    assert fetched is not None
    assert (fetched.name, fetched.content) == ("表.csv", "名称,面积\n甲园,80亩\n".encode())
    service.remove(["通知"])
    assert (set(service.index.snapshot.documents), kept(home)) == (set(), set())


def test_what_a_crash_left_is_swept_at_the_start(service: Service, home: Path) -> None:
    service.put(NOTE.encode(), "a", name="a.txt")
    service.close()
    stray = home / FOLDER / "ab" / ("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    stray.with_name("half.new").write_bytes(b"x")
    opened(home).close()
    assert kept(home) == {NOTE.encode()}


def test_a_file_is_on_the_disk_before_the_catalogue_names_it(
    service: Service, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[bytes]] = []
    put = PassageIndex.put

    def noting(self: PassageIndex, *arguments: object, **named: object) -> int:
        seen.append(kept(home))
        return put(self, *arguments, **named)

    monkeypatch.setattr(PassageIndex, "put", noting)
    service.put(NOTE.encode(), "a", name="a.txt")
    assert seen == [{NOTE.encode()}]


def test_a_change_that_fails_leaves_no_file(service: Service, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> int:
        raise OSError("no")

    monkeypatch.setattr(PassageIndex, "put", failing)
    with pytest.raises(OSError, match="no"):
        service.put(NOTE.encode(), "a", name="a.txt")
    assert kept(home) == set()


def test_a_damaged_file_is_not_handed_out(service: Service, home: Path) -> None:
    service.put(NOTE.encode(), "a", name="a.txt")
    (path,) = (home / FOLDER).glob("??/*")
    path.write_bytes(b"y" * len(NOTE.encode()))
    assert service.originals.fetch("a") is None


def test_originals_can_be_turned_off(home: Path) -> None:
    service = opened(home, originals="off")
    service.put(NOTE.encode(), "a", name="a.txt")
    assert (service.originals.fetch("a"), service.originals.totals(), kept(home)) == (None, (0, 0), set())
    service.close()


def test_a_file_elsewhere_does_not_replace_one_of_its_name(service: Service, tmp_path: Path) -> None:
    for year, area in (("2023", 80), ("2024", 90)):
        (tmp_path / year).mkdir()
        (tmp_path / year / "通知.txt").write_text(f"甲园占地{area}亩，欢迎入驻。", encoding="utf-8")

    def add(year: str, *, replacing: bool = False) -> list[str]:
        paths = [tmp_path / year]
        done = ingest(service.index, service.originals, paths, silent, replacing=replacing)
        return [outcome.problem for outcome in done.outcomes]

    assert add("2023") == [""]
    (problem,) = add("2024")
    assert "the id 通知 is that of another file of this name" in problem
    assert "--replace" in problem
    (tmp_path / "2023" / "通知.txt").write_text("甲园占地81亩，欢迎入驻。", encoding="utf-8")
    assert add("2023") == [""]
    assert add("2024", replacing=True) == [""]
    assert "90亩" in service.index.document(service.index.snapshot.documents["通知"]).text


def test_reading_again_changes_nothing_where_nothing_changed(service: Service) -> None:
    service.put(mail(), name="通知.eml")
    service.put(zipped({"甲/通知.txt": NOTE, "b.docx": docx_of(paragraph(NOTE))}), name="台账.zip")
    generation = service.index.snapshot.generation
    done = reread(service.index, service.originals, silent)
    assert (done.count("unchanged"), done.count("changed"), done.unknown, done.further) == (4, 0, 0, [])
    assert service.index.snapshot.generation == generation


def test_what_a_new_version_reads_otherwise_is_replaced(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.put(mail(), name="通知.eml")
    service.put(NOTE.encode(), "a", name="a.txt", title="标题")
    monkeypatch.setattr(reader, "clean", lambda text: decoding_clean(text))
    told = reread(service.index, service.originals, silent, keeping=False)
    assert [(one.id, one.state) for one in told.outcomes if one.state == "changed"] == [("a", "changed")]
    assert "1200亩" in service.index.document(service.index.snapshot.documents["a"]).text
    done = reread(service.index, service.originals, silent)
    assert (done.count("changed"), done.count("unchanged")) == (1, 2)
    document = service.index.document(service.index.snapshot.documents["a"])
    assert (document.text, document.title) == (NOTE.replace("1200", "900"), "标题")
    assert service.originals.fetch("a") is not None
    assert reread(service.index, service.originals, silent).count("changed") == 0


def decoding_clean(text: str) -> object:
    from corpus.cleaning import clean

    return clean(text.replace("1200", "900"))


def test_a_file_that_cannot_be_read_again_leaves_its_document(
    service: Service, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.put(NOTE.encode(), "a", name="a.txt")
    service.put(b"b" + NOTE.encode(), "b", name="b.txt")
    (path,) = (one for one in (home / FOLDER).glob("??/*") if one.read_bytes() == NOTE.encode())
    path.unlink()

    def refusing(raw: bytes) -> object:
        raise decoding.UndecodableText("no such encoding any more")

    monkeypatch.setattr(reader, "decode", refusing)
    done = reread(service.index, service.originals, silent)
    assert {one.id: one.state for one in done.outcomes} == {"a": "missing", "b": "unreadable"}
    assert set(service.index.snapshot.documents) == {"a", "b"}


def test_documents_that_were_deleted_do_not_come_back(service: Service) -> None:
    service.put(mail(), name="通知.eml")
    service.remove(["通知~1"])
    done = reread(service.index, service.originals, silent)
    assert (done.further, set(service.index.snapshot.documents)) == (["通知~1"], {"通知"})


def test_a_child_that_did_not_change_stays_when_its_parent_does(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corpus.reading import mail as module

    service.put(mail(), name="通知.eml")
    monkeypatch.setattr(reader, "assemble", renaming(reader.assemble))
    assert module.OLDER
    done = reread(service.index, service.originals, silent)
    assert done.count("changed") == 1
    assert set(service.index.snapshot.documents) == {"通知", "通知~1"}


def renaming(assemble: object) -> object:
    """Assemble with another title for mail."""
    from dataclasses import replace

    def renamed(parsed: object, document_id: str, *rest: object) -> object:
        document = assemble(parsed, document_id, *rest)  # type: ignore[operator]
        return replace(document, title="新标题") if document_id == "通知" else document

    return renamed
