"""Reading: bytes of any accepted format → documents, through one door, `read`."""

from corpus.reading.door import Reading, Report, read, read_members
from corpus.reading.formats import SUFFIXES, Unreadable, Unsupported

__all__ = ["SUFFIXES", "Reading", "Report", "Unreadable", "Unsupported", "read", "read_members"]
