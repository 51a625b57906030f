"""Bulk ingest: what is new or changed is kept, bad files are listed, and an interruption loses nothing done."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support_files import docx_of, paragraph, zipped

from index.building import BATCH
from index.passage_index import PassageIndex
from rag.content import ingest as module
from rag.content.ingest import Ingest, ingest
from rag.content.originals import Originals
from rag.service import Service
from rag.settings import Settings


@pytest.fixture
def index(quick_opening: None, quick_path: Path) -> Iterator[PassageIndex]:
    service = Service.open(Settings(home=quick_path / "home", corpus="none"), writable=True)
    yield service.index
    service.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in ("政策/通知.md", "新闻/通知.md"):
        written(tmp_path / "files" / path, f"# 通知\n\n{path[:2]}说甲园占地80亩。\n".encode())
    written(tmp_path / "files" / "报告.docx", docx_of(paragraph("乙园占地90亩。")))
    return tmp_path / "files"


def written(path: Path, raw: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


def silent(what: str, done: int, total: int) -> None:
    pass


def run(index: PassageIndex, *paths: Path, stdin_name: str = "", replacing: bool = False) -> Ingest:
    return ingest(index, kept_by(index), paths, silent, stdin_name, replacing=replacing)


def kept_by(index: PassageIndex) -> Originals:
    return Originals(index.home, index, on=True)


def test_files_of_one_name_in_different_folders_do_not_collide(index: PassageIndex, folder: Path) -> None:
    done = run(index, folder)
    assert (done.added, done.replaced, done.unchanged, done.bad) == (3, 0, 0, 0)
    assert set(index.snapshot.documents) == {"政策--通知", "新闻--通知", "报告"}


def test_only_changed_files_are_done_again(index: PassageIndex, folder: Path) -> None:
    generation = run(index, folder).generation
    again = run(index, folder)
    assert (again.added, again.replaced, again.unchanged, again.generation) == (0, 0, 3, generation)
    written(folder / "政策/通知.md", "# 通知\n\n甲园占地81亩。\n".encode())
    written(folder / "新.txt", "丙园占地70亩，欢迎入驻。".encode())
    changed = run(index, folder)
    assert (changed.added, changed.replaced, changed.unchanged) == (1, 1, 2)


def test_bad_files_are_listed_and_the_others_kept(index: PassageIndex, folder: Path) -> None:
    written(folder / "坏.pdf", b"x")
    written(folder / "空.md", b"")
    (folder / "link.md").symlink_to(folder / "报告.docx")
    os.mkfifo(folder / "pipe.md")
    written(folder / ".hidden.md", b"x")
    written(folder / "~$报告.docx", b"x")
    done = run(index, folder, folder / "fehlt.md", folder / "pipe.md")
    assert done.added == 3
    assert [outcome.name for outcome in done.outcomes if outcome.problem] == ["坏.pdf", "空.md", "fehlt.md", "pipe.md"]


def test_one_stem_with_two_suffixes_gives_two_documents(index: PassageIndex, tmp_path: Path) -> None:
    for suffix in ("md", "txt"):
        written(tmp_path / "files" / f"a.{suffix}", f"甲园占地80亩，见{suffix}。".encode())
    run(index, tmp_path / "files")
    assert set(index.snapshot.documents) == {"a", "a.txt"}


def test_an_id_that_two_files_claim_is_a_problem_of_the_second(index: PassageIndex, tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        written(tmp_path / "files" / name, f"---\nid: own\n---\n{name}说甲园占地80亩。".encode())
    done = run(index, tmp_path / "files")
    assert [outcome.problem for outcome in done.outcomes if outcome.problem] == ["the id own is already that of a.md"]
    assert done.added == 1


def test_archives_are_folders(index: PassageIndex, tmp_path: Path) -> None:
    path = written(
        tmp_path / "资料.zip", zipped({"a/通知.md": "甲园占地80亩。", "b/通知.md": "乙园占地90亩。", "c.pdf": "x"})
    )
    done = run(index, path)
    assert [outcome.name for outcome in done.outcomes if outcome.problem] == ["资料.zip/c.pdf"]
    assert set(index.snapshot.documents) == {"资料--a--通知", "资料--b--通知"}


def test_rows_and_standard_input(index: PassageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(
        tmp_path / "rows.jsonl", '{"text": "甲园占地80亩。"}\n{"text": ""}\n{"id": "yi", "text": "乙园。"}\n'.encode()
    )
    done = run(index, path)
    assert [bool(outcome.problem) for outcome in done.outcomes].count(True) == 1
    assert set(index.snapshot.documents) == {"rows-1", "yi"}

    class Stdin:
        buffer = io.BytesIO(docx_of(paragraph("丙园占地70亩。")))

    monkeypatch.setattr(module.sys, "stdin", Stdin)
    run(index, Path("-"), stdin_name="报告.docx")
    assert "报告" in index.snapshot.documents


def test_an_interruption_keeps_what_was_done_and_the_next_run_goes_on(index: PassageIndex, tmp_path: Path) -> None:
    count = BATCH + 20
    for number in range(count):
        written(tmp_path / "files" / f"{number:03}.txt", f"第{number}园占地{number}亩，欢迎企业入驻。".encode())

    def interrupt(what: str, done: int, total: int) -> None:
        if done == BATCH + 10:
            raise KeyboardInterrupt

    stopped = ingest(index, kept_by(index), [tmp_path / "files"], interrupt)
    assert stopped.interrupted
    assert stopped.added == len(index.snapshot.documents) == BATCH
    done = run(index, tmp_path / "files")
    assert (done.unchanged, done.added, done.interrupted) == (BATCH, 20, False)
    assert not index.verify()
