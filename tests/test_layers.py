"""The house stands in a line: corpus ← index ← rag, and each heavy library has one door."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {"corpus": {"corpus"}, "index": {"corpus", "index"}, "rag": {"corpus", "index", "rag"}}
OWNERS = {
    "faiss": {"index/dense.py"},
    "tantivy": {"index/lexical/bm25.py"},
    "sqlite3": {"index/store/database.py"},
    "jieba": {"index/lexical/tokeniser.py"},
    "rjieba": {"index/lexical/tokeniser.py"},
    "sentence_transformers": {"index/encoder/text_encoder.py", "index/encoder/cross_encoder.py"},
    "opencc": {"corpus/folding.py", "corpus/spelling.py"},
    "lxml": {"corpus/reading/html.py", "corpus/reading/html_pruning.py", "corpus/reading/office.py"},
    "pypdfium2": {"corpus/reading/pdf.py", "corpus/reading/pdf_fonts.py", "corpus/reading/pdf_text.py"},
    "openpyxl": {"corpus/reading/xlsx_values.py"},
    "uvicorn": {"rag/api/serving.py"},
}


def modules(package: str) -> Iterator[Path]:
    return (path for path in (ROOT / package).rglob("*.py") if "training" not in path.parts)


@cache
def imported(path: Path) -> set[str]:
    """Top-level names of everything a module imports, at the top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    for path in modules(package):
        wrong = (imported(path) & set(MAY_IMPORT)) - MAY_IMPORT[package]
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_has_one_door(library: str) -> None:
    users = {
        str(path.relative_to(ROOT)) for package in MAY_IMPORT for path in modules(package) if library in imported(path)
    }
    assert (
        users <= OWNERS[library] | {"rag/evaluation/answer_keys.py"}
        if library == "opencc"
        else users <= OWNERS[library]
    )


def test_nothing_is_pickled() -> None:
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            assert not imported(path) & {"pickle", "joblib", "dill", "shelve", "marshal"}, path


def test_modules_stay_small() -> None:
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= 330, f"{path.relative_to(ROOT)} has {lines} lines: does it still have one purpose?"
