"""Reading: bytes of any accepted format → documents, through one function, `read`."""

from corpus.reading.formats import SUFFIXES, Unreadable, Unsupported
from corpus.reading.reader import OriginalFile, Reading, Report, read, read_members

__all__ = ["SUFFIXES", "OriginalFile", "Reading", "Report", "Unreadable", "Unsupported", "read", "read_members"]
