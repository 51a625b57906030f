"""Reading: bytes of any accepted format → documents, through one function, `read`."""

from corpus.reading.formats import Unreadable, Unsupported
from corpus.reading.reader import Reading, Report, read, read_members
from corpus.reading.recognition import suffixes

__all__ = ["SUFFIXES", "Reading", "Report", "Unreadable", "Unsupported", "read", "read_members"]

SUFFIXES = suffixes()
