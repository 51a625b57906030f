"""What lies over or under the text of a PDF page: watermarks, letters drawn twice, text that nobody sees."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median_low

from corpus.reading.pdf_runs import SLANTED, Box, PageText, Run

_MOST_SLANTED = 0.5  # of a page's letters; beyond that the page itself is askew
_TILES = 4  # times that a pale text stands on a page as a watermark
_LARGE = 2.0  # times the usual size: a single pale text across others is a watermark
_COVERS = 0.3  # of the page that an image fills whose text is behind it
_SAME_PLACE = 0.3  # font sizes between two drawings of one letter
_ROW = 8.0  # points of a stripe in which runs are compared
_MOST_TWICE = 2000  # pairs of runs that are compared on one page


@dataclass(slots=True)
class Dropped:
    """Text that was left out, by reason."""

    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, reason: str, runs: Sequence[Run]) -> None:
        if runs:
            self.texts[reason] += [run.text for run in runs]


def cleared(runs: list[Run], page: PageText, box: Box, images: Sequence[Box], dropped: Dropped) -> list[Run]:
    """Runs that a person reads as the text of the page; what is left out is noted.

    box  of the page that is shown
    """
    inside = runs
    if any(_is_outside(run, box) for run in runs):
        inside, outside = _split(runs, lambda run: not _is_outside(run, box))
        dropped.note("outside the page", outside)
    shown = _without_hidden(inside, box, images, dropped)
    shown = _without_slanted(shown, dropped)
    shown = _without_tiles(shown, page, dropped)
    return _once(shown, page, dropped)


def _split(runs: Sequence[Run], keep: Callable[[Run], bool]) -> tuple[list[Run], list[Run]]:
    kept: list[Run] = []
    left: list[Run] = []
    for run in runs:
        (kept if keep(run) else left).append(run)
    return kept, left


def _is_outside(run: Run, box: Box) -> bool:
    left, right, bottom, top = box
    return run.right <= left or run.left >= right or run.top <= bottom or run.bottom >= top


def _without_hidden(runs: list[Run], box: Box, images: Sequence[Box], dropped: Dropped) -> list[Run]:
    """Invisible text stays only where it is the text of a scan."""
    if not any(run.hidden for run in runs):
        return runs
    visible, hidden = _split(runs, lambda run: not run.hidden)
    if not hidden or not visible:
        return runs
    area = (box[1] - box[0]) * (box[3] - box[2])
    if any((image[1] - image[0]) * (image[3] - image[2]) > _COVERS * area for image in images):
        return runs
    dropped.note("invisible text", hidden)
    return visible


def _without_slanted(runs: list[Run], dropped: Dropped) -> list[Run]:
    if all(run.turn != SLANTED for run in runs):
        return runs
    straight, slanted = _split(runs, lambda run: run.turn != SLANTED)
    if sum(len(run.text) for run in slanted) > _MOST_SLANTED * sum(len(run.text) for run in runs) and not straight:
        return [replace(run, turn=0) for run in runs]
    dropped.note("watermark", slanted)
    return straight


def _without_tiles(runs: list[Run], page: PageText, dropped: Dropped) -> list[Run]:
    """Pale text that repeats all over the page, or is large and lies across other text, is a watermark."""
    places: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if len(run.text) > 1:
            places[run.text].append(run)
    usual = median_low([run.size for run in runs]) if runs else 0.0
    if all(len(same) < _TILES and same[0].size <= _LARGE * usual for same in places.values()):
        return runs
    marks: set[int] = set()
    for same in places.values():
        tiled = len(same) >= _TILES and len({round(run.base) for run in same}) > 1
        large = same[0].size > _LARGE * usual and any(_lies_across(one, runs) for one in same)
        if (tiled or large) and all(page.is_pale(run) for run in same):
            marks.update(map(id, same))
    kept, left = _split(runs, lambda run: id(run) not in marks)
    if not kept:
        return runs
    dropped.note("watermark", left)
    return kept


def _lies_across(one: Run, runs: Sequence[Run]) -> bool:
    return any(other is not one and other.size < one.size and _overlap(one, other) for other in runs)


def _overlap(one: Run, other: Run) -> bool:
    return one.left < other.right and other.left < one.right and one.bottom < other.top and other.bottom < one.top


def _once(runs: list[Run], page: PageText, dropped: Dropped) -> list[Run]:
    """Letters that are drawn twice at nearly one place, as some programs make bold ones, stand once."""
    made: dict[int, list[Run]] = {}
    bold: set[int] = set()
    for number, earlier in sorted(_lying_upon(runs).items()):
        drawn = {letter for at in earlier for letter in _letters(runs[at], page)}
        pieces, double = _new_pieces(runs[number], drawn, page)
        if double:
            made[number] = page.cut(runs[number], pieces)
            bold.update(earlier, [number])
            dropped.texts["drawn twice"].append(double)
    if not bold:
        return runs
    kept = []
    for number, run in enumerate(runs):
        pieces_of = made.get(number, [run])
        kept += [replace(one, face=replace(one.face, bold=True)) for one in pieces_of] if number in bold else pieces_of
    return kept


def _lying_upon(runs: Sequence[Run]) -> dict[int, set[int]]:
    """Runs that lie upon others, by number, and these."""
    found: dict[int, set[int]] = defaultdict(set)
    compared = 0
    for shift in (0.0, 0.5):
        rows: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
        for number, run in enumerate(runs):
            if run.first >= 0:
                rows[run.turn, int(run.base / _ROW + shift)].append((run.left, number))
        for row in rows.values():
            row.sort()
            right, last = -1e9, -1
            for left, number in row:
                run = runs[number]
                if left < right - 0.5 * run.size and compared < _MOST_TWICE and _overlaps_much(runs[last], run):
                    compared += 1
                    found[max(last, number)].add(min(last, number))
                if run.right > right:
                    right, last = run.right, number
    return found


def _overlaps_much(one: Run, other: Run) -> bool:
    if abs(one.size - other.size) > 0.2 * other.size or abs(one.base - other.base) > 0.3 * other.size:
        return False
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.top, other.top) - max(one.bottom, other.bottom)
    return min(wide, high) > 0.5 * other.size


def _letters(run: Run, page: PageText) -> list[tuple[str, float, float]]:
    found = []
    for index in range(run.first, run.last + 1):
        box = page.box(index)
        found.append((page.characters[index], (box[0] + box[1]) / 2, (box[2] + box[3]) / 2))
    return found


def _new_pieces(run: Run, drawn: set[tuple[str, float, float]], page: PageText) -> tuple[list[tuple[int, int]], str]:
    """Ranges of the run's characters that are not drawn yet, and those that are."""
    reach = _SAME_PLACE * run.size
    pieces: list[tuple[int, int]] = []
    double, first = "", run.first
    for index, (letter, x, y) in enumerate(_letters(run, page), start=run.first):
        if any(letter == other and abs(x - u) < reach and abs(y - v) < reach for other, u, v in drawn):
            double += letter
            pieces.append((first, index - 1))
            first = index + 1
    return [*pieces, (first, run.last)], double.strip()
