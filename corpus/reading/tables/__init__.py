"""Tables: one model for every format, and the lines of canonical text that are made of it.

A reader fills a `Table` (or gives rows of `Cell` to `laid_out`); `read_table` finds out its shape (heads in several
rows, a form of labels and values, names in the first column …) and gives lines, of which each says what its cells
are called and can be quoted alone. Where nothing names the columns, a row stays a line of its cells.
"""

from corpus.reading.tables.interpretation import read_table
from corpus.reading.tables.model import CAPTION, NOTE, ROW, Cell, Line, Merge, Table, laid_out
from corpus.reading.tables.sheets import read_sheet

__all__ = ["CAPTION", "NOTE", "ROW", "Cell", "Line", "Merge", "Table", "laid_out", "read_sheet", "read_table"]
