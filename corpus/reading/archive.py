"""Archives: the members of a zip, each unpacked in memory within limits. Nothing is written to a disk."""

import io
import posixpath
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.reading.formats import SUFFIXES, Unreadable
from corpus.reading.naming import repaired_zip_name

MOST_MEMBERS = 10_000
LARGEST_MEMBER = 100 * 2**20  # bytes unpacked
LARGEST_TOTAL = 512 * 2**20  # bytes unpacked, all members
HIGHEST_RATIO = 100  # unpacked to packed, of a member larger than
_LARGE = 2**20  # bytes
_LOCKED = 1  # flag of an entry
_FURNITURE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its path there, and its bytes or the reason why it cannot be had."""

    path: str
    raw: bytes = b""
    problem: str = ""


def members(raw: bytes) -> Iterator[Member]:
    """Files of a zip in the order of its directory; folders and the furniture of file systems are passed over.

    raises  Unreadable for an archive that is damaged, holds too many files, or grows beyond LARGEST_TOTAL
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except _DAMAGE as error:
        raise Unreadable(f"the zip archive is damaged ({str(error)[:80]})") from None
    with archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MOST_MEMBERS:
            raise Unreadable(f"the archive holds {len(entries)} files ({MOST_MEMBERS} at most)")
        total, seen = 0, set[str]()
        for entry in entries:
            path = repaired_zip_name(entry.filename, entry.flag_bits).replace("\\", "/")
            if path.startswith(_FURNITURE[0]) or posixpath.basename(path) in _FURNITURE:
                continue
            problem = _fault(entry, path) or ("another file of the archive has the same path" if path in seen else "")
            seen.add(path)
            total += 0 if problem else entry.file_size
            if total > LARGEST_TOTAL:
                raise Unreadable(f"unpacked the archive is larger than {LARGEST_TOTAL // 2**20} MiB")
            yield Member(path, problem=problem) if problem else _unpacked(archive, entry, path)


def _fault(entry: zipfile.ZipInfo, path: str) -> str:
    """Why a member must not or cannot be unpacked; empty if it can."""
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        return "its path leads out of the archive"
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "it is a symbolic link"
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is no regular file"
    if entry.flag_bits & _LOCKED:
        return "it is locked with a password"
    if posixpath.splitext(path)[1].lower() not in SUFFIXES:
        return "its format is not read"
    if path.lower().endswith(".zip"):
        return "archives within archives are not opened"
    if entry.file_size > LARGEST_MEMBER:
        return f"unpacked it is larger than {LARGEST_MEMBER // 2**20} MiB"
    if entry.file_size > max(_LARGE, HIGHEST_RATIO * entry.compress_size):
        return f"it is packed more than {HIGHEST_RATIO} times: a zip bomb"
    return ""


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Member:
    try:
        with archive.open(entry) as packed:
            return Member(path, packed.read(LARGEST_MEMBER + 1))
    except _DAMAGE as error:
        return Member(path, problem=f"it is damaged ({str(error)[:80]})")
