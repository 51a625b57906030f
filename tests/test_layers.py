"""The house stands in a line: corpus ← index ← rag, a question goes down once, and each heavy library has one owner."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {"corpus": {"corpus"}, "index": {"corpus", "index"}, "rag": {"corpus", "index", "rag"}}
ROOMS = ("query", "retrieval", "reader", "answer")  # a question goes through them in this order
TOP = {"__init__", "__main__", "service", "settings", "logs", "background"}
OWNERS = {
    "faiss": {"index/dense.py"},
    "tantivy": {"index/lexical/bm25.py"},
    "sqlite3": {"index/store/database.py", "index/store/token_store.py"},
    "jieba": {"index/lexical/tokeniser.py"},
    "rjieba": {"index/lexical/tokeniser.py"},
    "sentence_transformers": {"index/encoder/text_encoder.py", "index/encoder/cross_encoder.py"},
    "opencc": {"corpus/folding.py", "corpus/spelling.py"},
    "lxml": {
        "corpus/reading/html.py",
        "corpus/reading/html_pruning.py",
        "corpus/reading/html_tables.py",
        "corpus/reading/office.py",
    },
    "pypdfium2": {
        "corpus/reading/ocr.py",
        "corpus/reading/page_image.py",
        "corpus/reading/pdf.py",
        "corpus/reading/pdf_drawings.py",
        "corpus/reading/pdf_fields.py",
        "corpus/reading/pdf_fonts.py",
        "corpus/reading/pdf_page.py",
        "corpus/reading/pdf_runs.py",
    },
    "rapidocr": {"corpus/reading/ocr.py"},
    "PIL": {"corpus/reading/ocr.py"},
    "python_calamine": {"corpus/reading/xls.py"},
    "olefile": {"corpus/reading/msg.py", "corpus/reading/xls_formats.py"},
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


@cache
def names() -> frozenset[str]:
    """Every module of the three packages, as it is imported."""
    return frozenset(
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
    )


@cache
def arrows() -> Mapping[str, frozenset[str]]:
    """Which modules each module imports, at the top or inside functions."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in names():
        plain = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        path = plain if plain.exists() else ROOT.joinpath(*name.split("."), "__init__.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                found[name] |= (inner & names()) or ({node.module} & names())
            elif isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names} & names()
    return {name: frozenset(found[name]) for name in names()}


def room(module: str) -> str:
    return module.split(".")[1] if module.startswith("rag.") else ""


def test_a_question_goes_down_once() -> None:
    for module, imports in arrows().items():
        if room(module) in ROOMS:
            allowed = ROOMS[: ROOMS.index(room(module)) + 1]
            wrong = {one for one in imports if one.startswith("rag.") and room(one) not in allowed}
            assert not wrong, f"{module} imports {wrong}"


def test_the_schema_knows_no_service() -> None:
    for module, imports in arrows().items():
        if room(module) == "schema":
            assert not {one for one in imports if room(one) in ("service", "api", "cli")}, module


def test_nothing_imports_a_face_but_faces() -> None:
    """The HTTP, terminal and evaluation faces stand outside; what answers questions does not know of them."""
    inside = {*ROOMS, "generation", "schema", "service", "settings", "background"}
    for module, imports in arrows().items():
        if room(module) in inside:
            assert not {one for one in imports if room(one) in ("api", "cli", "evaluation")}, module


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {module: set(imports) - {module} for module, imports in arrows().items()}
    while ends := [module for module, imports in left.items() if not imports]:
        for module in ends:
            del left[module]
        for imports in left.values():
            imports.difference_update(ends)
    assert left == {}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_base_name_twice_in_a_package(package: str) -> None:
    bases = Counter(name.rsplit(".", 1)[1] for name in names() if name.startswith(f"{package}."))
    del bases["__main__"]
    assert {base for base, count in bases.items() if count > 1} == set()


def test_no_test_file_has_the_name_of_another() -> None:
    bases = Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.stem not in ("__init__", "conftest"))
    assert {base for base, count in bases.items() if count > 1} == set()


def test_on_the_top_level_of_rag_stands_what_starts_it() -> None:
    assert {path.stem for path in (ROOT / "rag").glob("*.py")} == TOP


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_has_one_owner(library: str) -> None:
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
            assert lines <= 370, f"{path.relative_to(ROOT)} has {lines} lines: does it still have one purpose?"
