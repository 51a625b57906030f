"""Old Word and PowerPoint files: read through LibreOffice where it is, else refused with what to do."""

import os
import time
from pathlib import Path

import pytest
from support_files import docx_of, paragraph
from support_formats import compound_of

from corpus.reading import Unreadable, Unsupported, converter, read

WORD = compound_of({"WordDocument": b"x" * 600, "1Table": b"y"})
POWERPOINT = compound_of({"PowerPoint Document": b"x" * 600})


def office(folder: Path, script: str) -> None:
    """An office suite that runs this script, alone on the path."""
    programme = folder / "soffice"
    programme.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    programme.chmod(0o755)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("raw", "name", "what"),
    [
        (WORD, "a.doc", "Word"),
        (WORD, "a.wps", "Word"),
        (POWERPOINT, "a.ppt", "PowerPoint"),
        (POWERPOINT, "a.dps", "Pow"),
    ],
)
def test_without_the_suite_they_are_refused(raw: bytes, name: str, what: str, folder: Path) -> None:
    with pytest.raises(Unsupported, match=f"the content is a {what}.* or save the file as DOCX, XLSX or PDF"):
        read(raw, name=name)


def test_what_the_suite_makes_is_read(folder: Path) -> None:
    (folder / "made.docx").write_bytes(docx_of(paragraph("甲园占地80亩。")))
    arguments = folder / "arguments"
    office(folder, f'echo "$@" > {arguments}; /bin/mkdir -p out; /bin/cp {folder}/made.docx out/in.docx')
    reading = read(WORD, name="旧文.doc")
    assert (reading.documents[0].text, reading.report.format) == ("甲园占地80亩。", "doc")
    said = arguments.read_text(encoding="utf-8")
    assert "--headless" in said
    assert "--convert-to docx" in said
    assert "-env:UserInstallation=file:///" in said


def test_macros_are_forbidden_and_nothing_stays_behind(folder: Path) -> None:
    kept = folder / "kept"
    office(folder, f'/bin/cp profile/user/registrymodifications.xcu {kept}; echo "$PWD" > {folder}/where')
    with pytest.raises(Unreadable, match="LibreOffice cannot read it"):
        read(WORD, name="a.doc")
    profile = kept.read_text(encoding="utf-8")
    assert 'oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value>' in profile
    assert 'oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value>' in profile
    assert not Path((folder / "where").read_text(encoding="utf-8").strip()).exists()


def test_a_suite_that_hangs_is_ended_with_all_it_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converter, "SECONDS", 1.0)
    office(folder, f"/bin/sleep 60 & echo $! > {folder}/pid; wait")
    began = time.monotonic()
    with pytest.raises(Unreadable, match="takes longer than 1 s"):
        read(WORD, name="a.doc")
    assert time.monotonic() - began < 10
    started = int((folder / "pid").read_text(encoding="utf-8"))
    for _ in range(50):
        if not Path(f"/proc/{started}").exists() or "Z" in Path(f"/proc/{started}/stat").read_text(encoding="utf-8"):
            break
        time.sleep(0.1)
    else:
        os.kill(started, 9)
        pytest.fail("a process of the suite is still alive")


def test_an_output_that_is_too_large_is_cut_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converter, "LARGEST_OUTPUT", 1000)
    office(folder, "/bin/mkdir -p out; /usr/bin/head -c 100000 /dev/zero > out/in.docx")
    with pytest.raises(Unreadable):
        read(WORD, name="a.doc")
