"""Names: ids made from paths, and file names that a system wrote in another encoding."""

import re
import unicodedata
from urllib.parse import unquote

from corpus.document import id_from_name

_FOLDERS = "--"  # between folders in an id; within a name signs are joined to a single one
_LONGEST = 100  # code points of an id made from a path
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2}){2,}")
_FLAG_UTF8 = 0x800  # of a zip entry


def id_from_path(path: str) -> str:
    """A document id for a path within a folder or an archive, so that a/通知.md and b/通知.md differ.

    returns  for a bare name what `id_from_name` returns; of a long path the end is kept
    """
    *folders, name = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")] or [path]
    names = [id_from_name(f"{folder}/x/{folder}.x") for folder in folders if folder != ".."]
    return _FOLDERS.join([*names, id_from_name(name)])[-_LONGEST:].lstrip("-._~")


def repaired_name(name: str) -> str:
    """A file name as its author typed it.

    Undoes what happens on the way: bytes of UTF-8 or GBK that were read as Latin-1, percent escapes
    (RFC 5987 without its asterisk), letters parted from their marks.
    """
    if _ESCAPED.search(name) and name.isascii():
        unescaped = unquote(name, errors="strict") if _is_utf8(name) else name
        name = name if unescaped.isascii() else unescaped
    if not name.isascii() and max(name) <= "\xff":
        name = _decoded(name.encode("latin-1"), name)
    return unicodedata.normalize("NFC", name)


def repaired_zip_name(name: str, flags: int) -> str:
    """The name of a zip entry: without the flag for UTF-8 its bytes were read as cp437."""
    if flags & _FLAG_UTF8 or name.isascii():
        return unicodedata.normalize("NFC", name)
    return unicodedata.normalize("NFC", _decoded(name.encode("cp437", "replace"), name))


def encoded_name(header: str) -> str:
    """The file name that a Content-Disposition header gives, RFC 6266: filename* before filename; empty if none."""
    starred = re.search(r"""filename\*\s*=\s*([\w-]+)'[^']*'([^;\s"]+)""", header, re.I)
    if starred:
        try:
            return repaired_name(unquote(starred[2], encoding=starred[1], errors="strict"))
        except (LookupError, UnicodeDecodeError):
            return ""
    plain = re.search(r'filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))', header, re.I)
    return repaired_name(re.sub(r"\\(.)", r"\1", plain[1] or plain[2] or "")) if plain else ""


def _is_utf8(name: str) -> bool:
    try:
        unquote(name, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(raw: bytes, otherwise: str) -> str:
    """Bytes of a name in UTF-8 or GBK; short names say too little for the judgement that texts get."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return otherwise
