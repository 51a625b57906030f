"""Reading: bytes of any accepted format → documents, through one door, `read`."""

from corpus.reading.door import Reading, Report, Unreadable, Unsupported, read

__all__ = ["Reading", "Report", "Unreadable", "Unsupported", "read"]
