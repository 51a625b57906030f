"""What is public is documented, and an array in a signature has its shape in the words."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def modules() -> dict[Path, ast.Module]:
    paths = (path for package in ("corpus", "index", "rag") for path in sorted((ROOT / package).rglob("*.py")))
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def definitions() -> Iterator[tuple[Path, Definition]]:
    for path, tree in modules().items():
        yield from ((path, node) for node in tree.body if isinstance(node, Definition))


def test_every_module_says_what_it_is() -> None:
    for path, tree in modules().items():
        assert ast.get_docstring(tree), path.relative_to(ROOT)


def test_public_arrays_have_a_shape() -> None:
    for path, node in definitions():
        if isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        signature = ast.unparse(node.args) + (ast.unparse(node.returns) if node.returns else "")
        if "NDArray" in signature:
            text = ast.get_docstring(node) or ""
            assert "shape" in text, f"{path.relative_to(ROOT)}: {node.name} takes or gives an array of untold shape"


def test_public_classes_are_documented() -> None:
    for path, node in definitions():
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not node.name.endswith("Body"):
            assert ast.get_docstring(node), f"{path.relative_to(ROOT)}: class {node.name}"
