"""The lexical index's files on disk: whether they are whole, before tantivy sees them.

tantivy closes each file with a footer that holds a CRC-32 of the bytes before it, and looks at
it only when asked. `meta.json` names the segments; each segment is a handful of files. A checksum
does not know which file it belongs to: who notes them all (see `verify`) notices swapped files too.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from index.errors import IndexProblem

_FOOTER_MAGIC = 1337  # closes every file, after the length of its footer
_KINDS = ("idx", "pos", "term", "fast", "fieldnorm", "store")  # files that every segment has


class DamagedIndex(IndexProblem):
    """The lexical index cannot be used: files are missing, fail their checksum, or cannot be written."""


@contextmanager
def as_damage(where: object) -> Iterator[None]:
    """Whatever goes wrong inside is a DamagedIndex.

    tantivy raises ValueError for what it foresaw, and a panic, which is no Exception, for what it did not.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        raise DamagedIndex(f"{where}: {error}") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedIndex(f"{where}: tantivy gave up ({error})") from None


def verify(folder: Path, noted: Mapping[str, int] = MappingProxyType({})) -> dict[str, int]:
    """Check every file of the index; a folder that is absent or holds no index passes.

    noted    checksums by file name, as far as they were noted before; other files need only be whole
    returns  checksums of all files by name
    raises   DamagedIndex naming the first file that is missing or fails
    """
    if not (folder / "meta.json").exists() and not (folder / ".managed.json").exists():
        return {}
    _read_json(folder / ".managed.json")
    found = {name: _checksum(folder / name) for name in sorted(_expected(_read_json(folder / "meta.json"), folder))}
    for name, checksum in found.items():
        if noted.get(name, checksum) != checksum:
            raise DamagedIndex(f"{folder / name} is another file of that name")
    return found


def _expected(meta: Any, folder: Path) -> set[str]:
    """Names of the files that this state of the index consists of."""
    try:
        names = set()
        for segment in meta["segments"]:
            stem = segment["segment_id"].replace("-", "")
            names |= {f"{stem}.{kind}" for kind in _KINDS}
            if segment["deletes"]:
                names.add(f"{stem}.{segment['deletes']['opstamp']}.del")
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedIndex(f"{folder / 'meta.json'} is damaged ({type(error).__name__})") from None
    return names


def _read_json(path: Path) -> Any:
    if not path.is_file():  # reading from a pipe of that name would never end
        raise DamagedIndex(f"{path} is missing")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedIndex(f"{path} cannot be read ({type(error).__name__})") from None


def _checksum(path: Path) -> int:
    if not path.is_file():
        raise DamagedIndex(f"{path} is missing")
    try:
        content = path.read_bytes()
        length, magic = struct.unpack("<II", content[-8:])
        expected = int(json.loads(content[-8 - length : -8])["crc"])
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        raise DamagedIndex(f"{path} has no footer") from None
    if magic != _FOOTER_MAGIC or zlib.crc32(content[: -8 - length]) != expected:
        raise DamagedIndex(f"{path} fails its checksum")
    return expected
