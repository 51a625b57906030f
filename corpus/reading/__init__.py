"""Reading: bytes of any accepted format → documents, through one door, `read`."""

from corpus.reading.door import SUFFIXES, Reading, Report, Unreadable, Unsupported, read

__all__ = ["SUFFIXES", "Reading", "Report", "Unreadable", "Unsupported", "read"]
