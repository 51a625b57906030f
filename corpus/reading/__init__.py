"""Reading: bytes of any accepted format → documents, through one function, `read`."""

from corpus.reading.formats import SUFFIXES, Unreadable, Unsupported
from corpus.reading.reader import read, read_members
from corpus.reading.report import OriginalFile, Reading, Report

__all__ = ["SUFFIXES", "OriginalFile", "Reading", "Report", "Unreadable", "Unsupported", "read", "read_members"]
