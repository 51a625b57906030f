"""Reading: bytes of any accepted format → documents, through one function, `read`."""

from corpus.reading.formats import Unreadable, Unsupported
from corpus.reading.reader import read, read_members
from corpus.reading.recognition import suffixes
from corpus.reading.report import OriginalFile, Reading, Report

__all__ = ["SUFFIXES", "OriginalFile", "Reading", "Report", "Unreadable", "Unsupported", "read", "read_members"]

SUFFIXES = suffixes()
