"""Opening a catalogue: what is none is refused; what is written lasts, and what is deleted is gone."""

import os
import sqlite3
from pathlib import Path

import pytest
from support_catalogue import PARK, catalogue, path, put
from support_index import document_of

from index.errors import IndexUnusable
from index.store.catalogue import Catalogue

__all__ = ["catalogue", "path"]  # the fixtures


def test_reading_needs_a_catalogue(path: Path) -> None:
    with pytest.raises(IndexUnusable, match="holds no catalogue; build it with: rag index build"):
        Catalogue(path, writable=False)
    path.touch()
    with pytest.raises(IndexUnusable, match="it is empty; build it with: rag index build"):
        Catalogue(path, writable=False)
    Catalogue(path, writable=True).close()
    Catalogue(path, writable=False).close()


def test_files_that_are_no_catalogue_are_refused(path: Path, quick_path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be one" * 100)
    with pytest.raises(IndexUnusable, match=r"not a database\); restore"):
        Catalogue(path, writable=True)
    path.unlink()
    path.mkdir()
    with pytest.raises(IndexUnusable, match="it is no file"):
        Catalogue(path, writable=True)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(IndexUnusable, match="it is no file"):
        Catalogue(path, writable=False)
    other = sqlite3.connect(quick_path / "other")
    other.execute("CREATE TABLE songs (name)")
    other.close()
    with pytest.raises(IndexUnusable, match="no such table: facts"):
        Catalogue(quick_path / "other", writable=True)


@pytest.mark.parametrize("writable", [True, False])
def test_other_formats_are_refused(path: Path, writable: bool) -> None:
    Catalogue(path, writable=True).close()
    raw = sqlite3.connect(path)
    raw.execute("UPDATE facts SET value = '99' WHERE name = 'format'")
    raw.commit()
    raw.close()
    with pytest.raises(IndexUnusable, match="its format is 99, this version reads format"):
        Catalogue(path, writable=writable)


def test_a_closed_catalogue_says_so(path: Path) -> None:
    catalogue = Catalogue(path, writable=True)
    catalogue.close()
    catalogue.close()
    for deed in (lambda: catalogue.generation, lambda: put(catalogue, PARK), lambda: list(catalogue.documents())):
        with pytest.raises(IndexUnusable, match="it is closed"):
            deed()


def test_changes_are_forced_to_the_disk(catalogue: Catalogue) -> None:
    """SIGKILL cannot tell whether they are: the system keeps what was written. So look at the setting."""
    assert list(catalogue._database.rows("PRAGMA synchronous")) == [(2,)]  # FULL
    assert list(catalogue._database.rows("PRAGMA journal_mode")) == [("wal",)]
    assert list(catalogue._database.rows("PRAGMA secure_delete")) == [(1,)]


def test_deleted_texts_are_not_left_in_the_file(catalogue: Catalogue, path: Path) -> None:
    put(catalogue, document_of("secret", "绝密的社区名录。" * 40), PARK)
    catalogue.change(["secret"], [], {})
    catalogue.close()
    assert "绝密".encode() not in path.read_bytes()
