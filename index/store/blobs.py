"""Blobs: files by the hash of their content, each wholly there or not at all."""

import errno
import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from index.errors import IndexUnusable, StorageFull
from index.store.files import make_folder, replace_file

_NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """Content-addressed files in one folder, 256 folders below it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep content; it survives loss of power when this returns. Returns its digest.

        raises  StorageFull, IndexUnusable where the folder cannot be written
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        try:
            if not path.is_file() or path.stat().st_size != len(content):
                make_folder(path.parent)
                replace_file(path, content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull(f"the disk of {self._folder} is full; nothing was changed; free some space") from None
            remedy = "mend its permissions, or keep no originals: RAG_ORIGINALS=off"
            raise IndexUnusable(self._folder, f"it cannot be written ({error.strerror})", remedy) from None
        return digest

    def read(self, digest: str) -> bytes | None:
        """The content; None where it is missing or not what it was."""
        if not _NAME.fullmatch(digest):
            return None
        try:
            content = self._path(digest).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == digest else None

    def drop(self, digests: Collection[str]) -> None:
        """Delete content; what cannot be deleted now is swept later."""
        for digest in digests:
            if _NAME.fullmatch(digest):
                try:
                    self._path(digest).unlink(missing_ok=True)
                except OSError:
                    continue

    def sweep(self, wanted: Collection[str]) -> int:
        """Delete what nobody wants any more, and what was half written. Returns how many files went."""
        kept = set(wanted)
        stale = [one for one in self._folder.glob("??/*") if one.is_file() and one.name not in kept]
        for path in stale:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                continue
        return len(stale)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
