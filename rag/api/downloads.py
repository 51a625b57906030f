"""Downloads: an original is handed out as it came, and so that no browser opens it in this service's name."""

from typing import Final
from urllib.parse import quote

from fastapi import Response

from rag.content.originals import Fetched

_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
_NO_NAME_SIGNS: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def original_response(found: Fetched, document_id: str) -> Response:
    """The bytes of a file, to be saved under its own name. Its media type is not repeated: a sender chose it."""
    name = found.name.replace("\\", "/").rsplit("/", 1)[-1] or document_id
    name = "".join(sign for sign in name if sign.isprintable()).translate(_NO_NAME_SIGNS)[:200]
    plain = name if name.isascii() else "original"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**_SAFE, "Content-Disposition": disposition}
    return Response(found.content, media_type="application/octet-stream", headers=headers)
