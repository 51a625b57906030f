"""Attachments: files within a file become documents of their own, tied to the one they came with."""

import base64
from collections.abc import Callable
from dataclasses import replace

from corpus.document import Document, InvalidDocument
from corpus.reading.findings import Findings
from corpus.reading.formats import Unreadable, Unsupported
from corpus.reading.parts import Attachment
from corpus.reading.report import OriginalFile, Reading

DEEPEST = 3  # files within files within files
MOST = 200  # attachments of one file that are read
_LONGEST_PARENT = 110  # code points of a file's id in the ids of its attachments


def attached_documents(
    attached: list[Attachment], parent: Document, depth: int, read: Callable[..., Reading], findings: Findings
) -> tuple[list[Document], list[OriginalFile]]:
    """Documents of what is attached to one, and the files they were read from; what cannot be read becomes a warning.

    All of them have the outermost file's document as their parent, so that they go with it.

    depth  how many files the parent lies in
    read   reads one file
    """
    if depth >= DEEPEST:
        findings.warnings += [f"attachment {one.name}: it lies too deep to be read" for one in attached[:MOST]]
        return [], []
    if len(attached) > MOST:
        findings.warnings.append(f"{len(attached) - MOST} of its {len(attached)} attachments were not read")
    documents: list[Document] = []
    files: list[OriginalFile] = []
    for number, one in enumerate(attached[:MOST], start=1):
        own_id = f"{parent.id[:_LONGEST_PARENT]}~{number}"
        raw = base64.b64decode(one.base64)
        try:
            reading = read(raw, own_id, name=one.name, media_type=one.media_type, depth=depth + 1)
        except (Unreadable, Unsupported, InvalidDocument) as error:
            findings.warnings.append(f"attachment {one.name or number} was not read: {error}")
            continue
        findings.dropped += [f"attachment {one.name}: {line}" for line in reading.report.dropped]
        findings.warnings += [f"attachment {one.name}: {line}" for line in reading.report.warnings]
        documents += [replace(document, parent=parent.id) for document in reading.documents]
        files += reading.files
    return documents, files
