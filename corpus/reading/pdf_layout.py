"""Reading order of one PDF page: columns one after the other, tables as tables, all else line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from corpus.reading.pdf_cells import Cell, Table, with_heads_joined
from corpus.reading.pdf_joining import joined, row_text
from corpus.reading.pdf_lines import Line
from corpus.reading.pdf_rows import WIDE_GAP, Segment, is_spread, rows_of
from corpus.reading.pdf_runs import HYPHEN, Run

_FEWEST_BOTH, _FEWEST_ALONE = 2, 3  # rows that make a gutter: those with text on both sides, or on one side each
_PROSE_FILL, _PROSE_SHARE, _PROSE_LETTERS = 0.8, 0.5, 8  # lines of running text fill most of their column
_ALIGNED = 0.5  # of a table's rows have two cells or more
_LONGEST_CELL = 30  # letters on average in cells of a table without rules
_TIGHT = 1.6  # font sizes from one line of a cell to the next
_FAR_APART = 2.0  # font sizes between words of one line that belong to different things
_NUMBER = re.compile(r"[-−+]?[¥￥$]?\d[\d,，.]*\s*(?:[%％‰]|[元家个人户亩项台套辆吨]|万元?|亿元?|平方米|㎡|m²)?|[-—–/]")
_LISTED = re.compile(
    r"[•●■◆○▪□☑☐◇▲★※\uf06c\uf0b7·*-]|[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[a-zA-Z])[)）.．、]?|[①-⑳]|第.{1,4}[章节条]"
)
_COUNTED = re.compile(r"\d{1,4}|[ivxlc]{1,6}", re.I)

_FAR = 1e9

Gap = tuple[float, float]


@dataclass(slots=True)
class _Block:
    """What stands at one height: a row's segments, or a ruled table."""

    top: float
    bottom: float
    size: float
    segments: list[Segment]
    table: Table | None = None

    def is_bold(self) -> bool:
        """Whether all of a row is."""
        return all(segment.is_bold() for segment in self.segments)

    def sides(self) -> list[Gap]:
        if self.table is not None:
            return [(self.table.left, self.table.right)]
        return [(segment.left, segment.right) for segment in self.segments]


def ordered(runs: Sequence[Run], tables: Sequence[Table]) -> list[Line]:
    """The lines of upright runs and the tables of a page, in reading order."""
    blocks = [_Block(row.top, row.bottom, row.size, row.segments()) for row in rows_of(runs)]
    blocks += [_Block(table.top, table.bottom, 0.0, [], table) for table in tables]
    blocks.sort(key=lambda block: (-block.top, -block.bottom))
    return list(_region(blocks))


def _region(blocks: list[_Block], depth: int = 0) -> Iterator[Line]:
    at = 0
    while at < len(blocks):
        end, gutters = _band(blocks, at) if depth < 6 else (at + 1, [])
        if not gutters:
            yield from _lines(blocks[at])
            at += 1
            continue
        band = blocks[at:end]
        if _is_list(band, gutters):
            for block in band:
                yield from _lines(block)
        elif _are_columns(band, gutters):
            for column in _columns(band, gutters):
                yield from _region(column, depth + 1)
        elif (found := _unruled(band, gutters)) is not None:
            yield found
        else:
            for block in band:
                yield from _lines(block)
        at = end


def _lines(block: _Block) -> Iterator[Line]:
    if block.table is not None:
        yield table_line(block.table)
    elif text := row_text(block.segments):
        left, right = block.segments[0].left, max(segment.right for segment in block.segments)
        artifact = all(run.artifact for segment in block.segments for run in segment.runs)
        parted = any(
            other.left - one.right > _FAR_APART * block.size for one, other in pairwise(block.segments)
        ) and not is_spread(text)
        yield Line(text, left, right, block.bottom, block.top, block.size, block.is_bold(), None, artifact, parted)


def table_line(table: Table) -> Line:
    """A line that stands for a whole table."""
    text = " ".join(cell.text for cell in table.cells if cell.text)
    return Line(text, table.left, table.right, table.bottom, table.top, 0.0, table=table)


def _band(blocks: list[_Block], start: int) -> tuple[int, list[Gap]]:
    """The longest stretch of blocks from here on that gutters part, and these; no gutters where there are none.

    A stretch ends before a row that would close one of several gutters, as a caption or a paragraph does.
    """
    if _is_plain(blocks[start : start + _FEWEST_ALONE + 1]):
        return start + 1, []
    end, gutters = _stretch(blocks, start)
    parted = next((at for at in range(start, end) if len(blocks[at].sides()) > 1), start)
    if gutters and parted > start and len(_stretch(blocks, parted)[1]) > len(gutters):
        return start + 1, []
    return end, gutters


def _is_plain(blocks: Sequence[_Block]) -> bool:
    """Whether rows have no gap and stand below one another, as most do: nothing parts them."""
    if any(len(block.segments) != 1 for block in blocks):
        return False
    return max(block.segments[0].left for block in blocks) < min(block.segments[0].right for block in blocks)


def _stretch(blocks: list[_Block], start: int) -> tuple[int, list[Gap]]:
    best: tuple[int, list[Gap]] = (start + 1, [])
    free: list[Gap] = [(-_FAR, _FAR)]
    seen: list[list[Gap]] = []
    for end in range(start, len(blocks)):
        sides = blocks[end].sides()
        least = WIDE_GAP * (blocks[end].size or 10.0)
        free = [gap for gap in _without(free, sides) if gap[1] - gap[0] >= least]
        inner = [gap for gap in free if gap[0] > -_FAR and gap[1] < _FAR]
        seen.append(sides)
        if not inner and (len(sides) > 1 or len(seen) > _FEWEST_ALONE):
            break
        good = [gap for gap in inner if _parts(gap, seen)]
        if len(best[1]) > 1 and len(good) < len(best[1]):
            break
        if good:
            best = (end + 1, good)
    return best


def _without(free: list[Gap], sides: Sequence[Gap]) -> list[Gap]:
    """Free stretches less what is written."""
    for left, right in sides:
        kept = []
        for start, end in free:
            if right <= start or left >= end:
                kept.append((start, end))
                continue
            if left > start:
                kept.append((start, left))
            if right < end:
                kept.append((right, end))
        free = kept
    return free


def _parts(gap: Gap, rows: Sequence[Sequence[Gap]]) -> bool:
    """Whether enough stands on both sides of a free stretch."""
    both = left = right = 0
    for sides in rows:
        lefts = any(side[1] <= gap[0] for side in sides)
        rights = any(side[0] >= gap[1] for side in sides)
        both += lefts and rights
        left += lefts
        right += rights
    return both >= _FEWEST_BOTH or (left >= _FEWEST_ALONE and right >= _FEWEST_ALONE)


def _cells(block: _Block, gutters: Sequence[Gap]) -> list[list[Segment]]:
    """The segments of a block by column."""
    cells: list[list[Segment]] = [[] for _ in range(len(gutters) + 1)]
    for segment in block.segments:
        middle = (segment.left + segment.right) / 2
        cells[sum(middle > (gap[0] + gap[1]) / 2 for gap in gutters)].append(segment)
    return cells


def _is_list(band: Sequence[_Block], gutters: Sequence[Gap]) -> bool:
    """Whether the first column holds nothing but the marks of a list, or the last nothing but page numbers."""
    if len(gutters) > 1 or any(block.table for block in band):
        return False
    cells = [_cells(block, gutters) for block in band]
    first = [row_text(row[0]) for row in cells if row[0]]
    last = [row_text(row[-1]) for row in cells if row[-1]]
    pages = [int(text) for text in last if text.isdigit()]
    rising = len(pages) > 2 and pages == sorted(pages) and pages[-1] < 2000
    return all(map(_LISTED.fullmatch, first)) or (rising and all(map(_COUNTED.fullmatch, last)))


def _are_columns(band: Sequence[_Block], gutters: Sequence[Gap]) -> bool:
    """Whether the band is running text in columns: most lines fill their column, or do not stand level."""
    if any(block.table for block in band):
        return True
    rows = [_cells(block, gutters) for block in band]
    level = sum(sum(map(bool, row)) > 1 for row in rows)
    prose = 0
    for column in range(len(gutters) + 1):
        lines = [row[column] for row in rows if row[column]]
        widths = [cell[-1].right - cell[0].left for cell in lines]
        letters = [sum(len(run.text) for segment in cell for run in segment.runs) for cell in lines]
        full = sum(width >= _PROSE_FILL * max(widths) for width in widths)
        prose += full >= _PROSE_SHARE * len(lines) and sum(letters) >= _PROSE_LETTERS * len(lines) and len(lines) > 1
    if _wraps(rows, band):
        return True
    if prose > len(gutters) and median(len(row_text(cell)) for row in rows for cell in row if cell) >= _PROSE_LETTERS:
        return True
    return level < 0.35 * len(rows)


def _wraps(rows: Sequence[Sequence[list[Segment]]], band: Sequence[_Block]) -> bool:
    """Whether sentences go on from row to row in most columns at once, as in texts that stand side by side."""
    wrapping = 0
    for column in range(len(rows[0])):
        right = max((row[column][-1].right for row in rows if row[column]), default=0.0)
        for (row, block), (below, next_block) in pairwise(zip(rows, band, strict=True)):
            if not row[column] or not below[column] or block.bottom - next_block.bottom > _TIGHT * block.size:
                continue
            text = row_text(row[column])
            if row[column][-1].right > right - 1.5 * block.size and "，" in text and not text.endswith(("。", "；")):
                wrapping += 1
                break
    return wrapping > 1 and wrapping > 0.6 * len(rows[0])


def _columns(band: Sequence[_Block], gutters: Sequence[Gap]) -> list[list[_Block]]:
    columns: list[list[_Block]] = [[] for _ in range(len(gutters) + 1)]
    for block in band:
        if block.table is not None:
            middle = (block.table.left + block.table.right) / 2
            columns[sum(middle > (gap[0] + gap[1]) / 2 for gap in gutters)].append(block)
            continue
        for column, segments in zip(columns, _cells(block, gutters), strict=True):
            if segments:
                column.append(_Block(block.top, block.bottom, max(one.size for one in segments), segments))
    return columns


def _unruled(band: Sequence[_Block], gutters: Sequence[Gap]) -> Line | None:
    """A table without lines; None where the rows are no table."""
    rows = [(block, [row_text(cell) for cell in _cells(block, gutters)]) for block in band]
    level = [cells for _, cells in rows if sum(map(bool, cells)) > 1]
    texts = [text for cells in level for text in cells if text]
    if len(level) < _ALIGNED * len(rows) or sum(map(len, texts)) > _LONGEST_CELL * len(texts):
        return None
    grid: list[tuple[_Block, list[str]]] = []
    for block, cells in rows:
        if grid and not cells[0] and _goes_on(grid[-1], block, cells):
            grid[-1] = (block, [_with(above, below) for above, below in zip(grid[-1][1], cells, strict=True)])
        else:
            grid.append((block, cells))
    gutters, texts_of = with_heads_joined(gutters, [cells for _, cells in grid])
    grid = [(block, cells) for (block, _), cells in zip(grid, texts_of, strict=True)]
    if len(grid) < 3 or not gutters or (len(gutters) == 1 and not _has_values([cells for _, cells in grid])):
        return None
    placed = [
        Cell(row, column, 1, 1, text, block.is_bold())
        for row, (block, one) in enumerate(grid)
        for column, text in enumerate(one)
    ]
    left = min(block.segments[0].left for block in band)
    right = max(segment.right for block in band for segment in block.segments)
    edges = (left, *((gap[0] + gap[1]) / 2 for gap in gutters), right)
    return table_line(Table(placed, edges, left, right, band[-1].bottom, band[0].top, ruled=False, rows=len(grid)))


def _goes_on(above: tuple[_Block, list[str]], block: _Block, cells: list[str]) -> bool:
    """Whether a row is the second line of cells of the row above."""
    filled = sum(map(bool, cells))
    close = above[0].bottom - block.bottom < _TIGHT * block.size
    return (
        close
        and filled < sum(map(bool, above[1]))
        and all(one or not other for one, other in zip(above[1], cells, strict=True))
    )


def _with(above: str, below: str) -> str:
    kept, blank = joined(above, below) if above and below else (above, "")
    return (kept + blank + below).replace(HYPHEN, "-")


def _has_values(grid: Sequence[Sequence[str]]) -> bool:
    """Whether below two names the second column holds numbers."""
    head, *body = grid
    numbers = sum(_NUMBER.fullmatch(row[1]) is not None for row in body)
    return all(head) and not _NUMBER.fullmatch(head[1]) and numbers >= 0.6 * len(body)
