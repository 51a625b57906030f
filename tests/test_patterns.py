"""Patterns that every Python 3.11 reads alike."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from re import _constants as signs  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import corpus
import index
import rag

ONE = {signs.LITERAL, signs.NOT_LITERAL, signs.ANY, signs.IN, signs.CATEGORY}


def possessive_groups(part: Any) -> Iterator[Any]:
    """Possessive repeats of more than a single character, anywhere in a parsed pattern."""
    if isinstance(part, tuple) and part and part[0] is signs.POSSESSIVE_REPEAT:
        repeated = part[1][2]
        if len(repeated) != 1 or repeated[0][0] not in ONE:
            yield part
    if isinstance(part, tuple | list | parser.SubPattern):
        for one in part:
            yield from possessive_groups(one)


def patterns() -> list[tuple[str, str | bytes]]:
    """Every pattern that a module of the project keeps, with the module's name."""
    found: list[tuple[str, str | bytes]] = []
    for package in (corpus, index, rag):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                held = vars(import_module(module.name)).values()
                found += [(module.name, one.pattern) for one in held if isinstance(one, re.Pattern)]
    return found


def test_no_pattern_has_a_possessive_group() -> None:
    """With one, Python before 3.11.5 (Debian 12 has 3.11.2) loses its place: CPython issue 106052."""
    kept = [(module, pattern) for module, pattern in patterns() if isinstance(pattern, str)]
    assert len(kept) > 100
    assert [(module, pattern) for module, pattern in kept if list(possessive_groups(parser.parse(pattern)))] == []


@pytest.mark.parametrize("pattern", ["(?:ab)?+c", "x(?:[.,]y++)*+", "(?:ab|c)++", "((?:ab|c){2,3}+)d"])
def test_a_possessive_group_is_seen(pattern: str) -> None:
    assert list(possessive_groups(parser.parse(pattern)))


@pytest.mark.parametrize("pattern", ["[ab]++", "a?+b", "(?:ab)*c", r"\s++(.*+)"])
def test_a_possessive_character_is_none(pattern: str) -> None:
    assert not list(possessive_groups(parser.parse(pattern)))
