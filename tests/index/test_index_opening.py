"""Opening and closing: all is there again, for one writer at a time; what does not fit is refused with a remedy."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support_index import WordEncoder, check_sound, open_index
from support_opened_index import LAKE, SNIPPET, A, B, Open, home, index, opened

from index import binding
from index.artifacts import DerivedFiles
from index.dense import DenseIndex
from index.errors import IndexLocked, IndexUnusable
from index.lexical.tokeniser import Tokeniser
from index.passage_index import PassageIndex
from index.store.lock import take_lock

__all__ = ["home", "index", "opened"]  # the fixtures
ROOT = Path(__file__).parents[2]


def test_all_is_there_after_closing_and_opening(index: PassageIndex, opened: Open) -> None:
    index.put([A, LAKE, SNIPPET])
    index.remove(["a"])
    index.put([B])
    index.close()
    for writable in (True, False):
        again = opened(writable=writable)
        assert again.snapshot.generation == 3
        assert list(again.snapshot.documents) == ["lake", "lake~1", "b"]
        check_sound(again, {"lake": LAKE, "lake~1": SNIPPET, "b": B})
        again.close()


def test_closing_twice_is_closing_once_and_a_closed_index_says_so(index: PassageIndex, opened: Open) -> None:
    index.put([A])
    index.close()
    index.close()
    other = opened()
    index.close()
    for deed in (lambda: index.put([B]), lambda: index.remove(["a"]), index.withdrawn, lambda: index.passages([7])):
        with pytest.raises(IndexUnusable, match="it is closed"):
            deed()
    other.put([B])
    check_sound(other, {"a": A, "b": B})


def test_a_reader_cannot_change_anything(index: PassageIndex, opened: Open) -> None:
    reader = opened(writable=False)
    for deed in (lambda: reader.put([A]), lambda: reader.remove(["a"])):
        with pytest.raises(RuntimeError, match="reading only"):
            deed()


def test_a_second_writer_is_refused_and_told_by_whom(index: PassageIndex, opened: Open, home: Path) -> None:
    with pytest.raises(IndexLocked, match=rf"process {os.getpid()} is writing .*PUT /v1/documents/ID"):
        opened()
    index.put([A])
    index.close()
    opened().close()
    take_lock(home).close()


def test_an_open_that_fails_gives_everything_back(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([A])
    index.close()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))

    def fails(self: DerivedFiles) -> DenseIndex:
        raise MemoryError

    monkeypatch.setattr(DerivedFiles, "open_dense", fails)
    for _ in range(3):
        with pytest.raises(MemoryError):
            opened()
    monkeypatch.undo()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before
    check_sound(opened(), {"a": A})


@pytest.mark.parametrize("kind", ["file", "readonly"])
def test_a_home_that_cannot_be_written_is_one_clear_error(
    home: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "file":
        home.write_text("no folder", encoding="utf-8")
    else:

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(IndexUnusable, match=r"it cannot be written .*RAG_HOME"):
        opened()


def test_another_encoder_is_refused_with_what_mends_it(index: PassageIndex, opened: Open) -> None:
    index.put([A])
    index.close()
    for writable in (True, False):
        with pytest.raises(IndexUnusable, match=r"built with encoder words, .* now is other .*rag index build"):
            opened(writable=writable, encoder=WordEncoder("other"))
    check_sound(opened(), {"a": A})


def test_another_splitter_is_refused_with_what_mends_it(
    index: PassageIndex, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.close()
    monkeypatch.setattr(binding, "SPLITTER_VERSION", "99")
    with pytest.raises(IndexUnusable, match=r"cut by splitter .*, this version has 99; cut .*rag index build"):
        opened()


def test_a_reader_before_any_writer_is_told_to_build(opened: Open) -> None:
    with pytest.raises(IndexUnusable, match="holds no catalogue; build it with: rag index build"):
        opened(writable=False)


READ_ONLY = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from pathlib import Path
from support_index import *
from index.errors import IndexUnusable
home = Path(sys.argv[1])
index = open_index(home, WordEncoder(), small_tokeniser(), writable=False)
check_sound(index, {{"a": document_of("a", "甲社区占地十亩。", "甲社区")}})
index.close()
try:
    open_index(home, WordEncoder(), small_tokeniser())
except IndexUnusable as error:
    print("refused", error)
"""


def test_an_index_on_a_disk_that_cannot_be_written_can_be_read(
    tmp_path: Path, word_encoder: WordEncoder, small_tokeniser: Tokeniser
) -> None:
    home, script = tmp_path / "home", tmp_path / "script.py"
    index = open_index(home, word_encoder, small_tokeniser)
    index.put([A])
    index.close()
    script.write_text(READ_ONLY.format(root=str(ROOT), tests=str(ROOT / "tests" / "support")), encoding="utf-8")
    mount = f"mount --bind {home} {home} && mount -o remount,bind,ro {home}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("no mount of one's own")
    command = f"{mount} && exec {sys.executable} {script} {home}"
    ended = subprocess.run(["unshare", "-rm", "sh", "-c", command], capture_output=True, text=True, check=False)
    assert ended.stdout.startswith("refused"), ended.stdout + ended.stderr
    assert "it cannot be written" in ended.stdout
