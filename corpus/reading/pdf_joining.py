"""How the lines of a paged text are joined: without a blank in Chinese, without the hyphen of a parted word."""

import re
from collections.abc import Sequence

from corpus.reading.pdf_rows import SPREAD_LINE, Segment, rows_of
from corpus.reading.pdf_runs import DOWNWARDS, HYPHEN, UPRIGHT, Run
from corpus.reading.pdf_turning import turned_run

WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff“”‘’…—·]")
_PARTED = re.compile("[a-z]-")
_ENDS = re.compile("[。！？；]$")
OPENS_ITEM = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、]"
    r"|[•●■◆○▪□☑☐\uf06c\uf0b7-]\s?|[①-⑳]|\d{1,2}[.．]\D"
)


def joined(text: str, line: str) -> tuple[str, str]:
    """What stays of the text, and what parts it from the line that goes on with it."""
    if text.endswith(HYPHEN) or (_PARTED.fullmatch(text[-2:]) and re.match("[a-z]", line)):
        return text[:-1], ""
    if text and not (WIDE.match(text[-1]) or WIDE.match(line[:1])):
        return text, " "
    return text, ""


def cell_text(runs: Sequence[Run]) -> str:
    """The text of a cell: its lines joined, but a new line where a sentence ends or an item opens."""
    turned = [run for run in runs if run.turn not in (UPRIGHT, -1)]
    upright = [run for run in runs if run.turn == UPRIGHT]
    lines = [row_text(row.segments()) for row in rows_of(upright)]
    for turn in (90, 180, DOWNWARDS):
        rows = rows_of(turned_run(run, turn, 0, 0) for run in turned if run.turn == turn)
        lines += [row_text(row.segments()) for row in rows]
    text = ""
    for line in filter(None, lines):
        if text and (_ENDS.search(text) or OPENS_ITEM.match(line)):
            text += f"\n{line}"
        else:
            kept, blank = joined(text, line)
            text = kept + blank + line
    return text.replace(HYPHEN, "-")


def row_text(segments: Sequence[Segment]) -> str:
    """Segments of one row behind one another; a word whose letters are spread over the row stands as one."""
    whole = " ".join(filter(None, (segment.text() for segment in segments)))
    return whole.replace(" ", "") if len(segments) > 1 and SPREAD_LINE.fullmatch(whole) else whole
