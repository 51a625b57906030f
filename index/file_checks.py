"""Whether the derived files on disk may be used, told without using them: for operators who want to know beforehand."""

import hashlib
import json
import time
from pathlib import Path
from typing import Final

from index.lexical.integrity import DamagedIndex, verify

_PAUSE: Final = 0.3  # seconds after which files that a writer may have been replacing are looked at again


def derived_problems(home: Path) -> list[str]:
    """What is wrong with the files of the indexes; empty if all are sound or none are there.

    cost  reads every file once; none of them is changed
    """
    found = _problems(home / "derived")
    if found:
        time.sleep(_PAUSE)
        found = _problems(home / "derived")
    return found


def _problems(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    problems = []
    if not _is_noted(folder):
        problems.append("dense.faiss is not the file that manifest.json describes")
    try:
        verify(folder / "lexical")
    except DamagedIndex as error:
        problems.append(str(error))
    return problems


def _is_noted(folder: Path) -> bool:
    """Whether the dense file, if there is one, has the SHA-256 that the manifest notes."""
    dense = folder / "dense.faiss"
    if not dense.exists():
        return True
    try:
        noted = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["dense"]["sha256"]
        with dense.open("rb") as file:
            return bool(noted == hashlib.file_digest(file, "sha256").hexdigest())
    except (OSError, ValueError, KeyError, TypeError):
        return False
