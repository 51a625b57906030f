"""The wheel holds everything that the service needs besides code."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_documents_lexicon_encoder_page_and_model_are_inside(names: set[str]) -> None:
    wanted = [
        path.relative_to(ROOT).as_posix()
        for pattern in (
            "corpus/documents/*.md",
            "corpus/lexicon/*.txt",
            "index/encoder/bundled/**/*",
            "index/encoder/late_interaction/*",
            "rag/reader/model/*",
            "rag/query/intents.npz",
            "rag/page/*",
            "rag/reader/relevance.json",
            "rag/evaluation/questions/*.jsonl",
        )
        for path in ROOT.glob(pattern)
        if path.is_file()
    ]
    assert len(wanted) > 140
    assert not [name for name in wanted if name not in names]


def test_tests_and_set_up_files_are_not_inside(names: set[str]) -> None:
    assert not [name for name in names if name.startswith(("tests/", ".ci/", "Makefile"))]
