"""How well, how fast and in how much memory each format is read: python -m tests.benchmarks.reading

Prints four tables: what is kept of hand-checked files (fidelity); time of computing and peak memory
of inputs of about the given size, each read several times in a process of its own (speed; formats
that pack their text are made so that the file has the size); what hostile files get (bad); and what
inputs made to be slow take (slow). Choose tables, formats, size and runs on the command line.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "corpus" / "reading")]
MIB = 2**20
_LETTERS = "杭州园区企业产业社区占地亩入驻服务研发生产配套孵化运营公司面积楼宇位于滨江萧山余杭西湖上城"


def sentences(seed: int = 7) -> Iterator[str]:
    """Sentences without end that do not repeat, so that packing them does not help much."""
    dice = random.Random(seed)
    while True:
        first, second = ("".join(dice.choices(_LETTERS, k=k)) for k in (30, 20))
        yield f"{first}{dice.randrange(10**6)}，{second}。"


def lines(size: int, form: str) -> bytes:
    pieces, length = [], 0
    for sentence in sentences():
        pieces.append(form.format(sentence).encode())
        length += len(pieces[-1])
        if length >= size:
            return b"".join(pieces)
    return b""


def html(size: int) -> bytes:
    return b"<!doctype html><html><body>" + lines(size, "<p>{}</p>\n") + b"</body></html>"


def docx(size: int) -> bytes:
    from support_files import docx_of

    return docx_of(lines(4 * size, "<w:p><w:r><w:t>{}</w:t></w:r></w:p>").decode())


def xlsx(size: int) -> bytes:
    import io

    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("园区")
    sheet.append(["名称", "说明", "面积"])
    made = sentences()
    for number in range(size // 60):
        sheet.append([f"园区{number}", next(made), number])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def pdf(size: int) -> bytes:
    from support_files import pdf_of

    made = sentences()
    pages = [
        [(72.0, 780.0 - 18 * row, 12.0, next(made)[:36]) for row in range(40)] for _ in range(max(1, size // 2600))
    ]
    return pdf_of(pages)


def archive(size: int) -> bytes:
    from support_files import zipped

    part = size // 20
    return zipped({f"{number}.md": lines(2 * part, "{}\n\n") for number in range(20)})


MAKERS: dict[str, Callable[[int], bytes]] = {
    "md": lambda size: lines(size, "{}\n\n"),
    "txt": lambda size: lines(size, "{}\n"),
    "html": html,
    "csv": lambda size: b"name,text\n" + lines(size, "甲园,{}\n"),
    "xlsx": xlsx,
    "docx": docx,
    "pdf": pdf,
    "zip": archive,
}
_CHILD = """
import json, resource, sys
from corpus.reading import read
from corpus.reading.formats import Unreadable
name = sys.argv[1]
raw = open(name, "rb").read()
used = resource.getrusage(resource.RUSAGE_SELF)
try:
    report = read(raw, name=name).report
    told = f"{report.characters} characters"
except Unreadable as error:
    told = str(error)[:80]
from corpus.reading import bounded
bounded._end_idle()
now, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime + child.ru_utime + child.ru_stime
own = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([seconds, own, child.ru_maxrss, told]))
"""


SLOW: dict[str, Callable[[], bytes]] = {
    "brackets.md": lambda: b"[" * 10**6,
    "images.md": lambda: b"![" * 500_000,
    "stars.md": lambda: b"*a" * 500_000,
    "backticks.md": lambda: b"`a" * 500_000,
    "sparse brackets.md": lambda: b"[aaaaaaaaa" * 100_000,
    "table rows.md": lambda: b"|a|b|\n|-|-|\n" * 83_000,
    "list.md": lambda: b"- a\n" * 250_000,
    "footnotes.md": lambda: "".join(f"甲[^a{n}]\n\n[^a{n}]: b\n" for n in range(45_000)).encode(),
    "one line of 100 MB.txt": lambda: b"a" * 100_000_000,
    "lines.txt": lambda: b"a\n" * 500_000,
    "page of lines.txt": lambda: "来源:某刊 | 被引量:0次\n下载到本地\n".encode() + b"a\n" * 480_000,
    "quotes.txt": lambda: b'"' * 10**6,
    "less than.html": lambda: b"<html>" + b"<" * 10**6,
    "deep.html": lambda: b"<html>" + b"<div>" * 200_000 + b"a",
    "articles in articles.html": lambda: b"<html>" + b"<article>" * 200 + b"<p>a" * 250_000,
    "row spans.html": lambda: b"<html><table>" + b"<tr><td rowspan=1000>a<td>b" * 36_000,
    "tables in tables.html": lambda: b"<html>" + b"<table><tr><td>" * 200 + b"<p>a" * 240_000,
    "many tables.html": lambda: b"<html>" + b"<table><tr><td>a</table>" * 40_000,
    "scripts.html": lambda: b"<html><body><p>x</p>" + b"<script></script>a" * 55_000,
    "selectors.html": lambda: b"<html><style>" + b".a," * 330_000 + b"{display:none}</style><p>a",
    "lines.csv": lambda: b"a\n" * 500_000,
    "a million cells.csv": lambda: b"a,b,c,d\n" + b"1,2,3,4\n" * 250_000,
    "a million columns.csv": lambda: b"a," * 10**6,
    "10,000 pages.pdf": lambda: many_pages(10_000),
    "captions.xlsx": lambda: xlsx_of([["a"]] * 100_000 + [["a", "b"]]),
}


def many_pages(count: int) -> bytes:
    from test_bad_files import many_pages

    return many_pages(count)


def xlsx_of(rows: list[list[str]]) -> bytes:
    from support_files import xlsx_of

    return xlsx_of(rows)


def measured(path: Path) -> tuple[float, float, float, str]:
    """Seconds of computing, peak MB of the service and of the parser, and what came of it."""
    command = [sys.executable, "-c", _CHILD, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, own, child, told = json.loads(done.stdout)
    return seconds, own / 1024, child / 1024, told


def show_fidelity(formats: list[str], folder: Path) -> None:
    from support_fidelity import SAMPLES, kept_share, printed_by_chromium, told, true_offsets

    from corpus.reading import read

    samples = [*SAMPLES, *([printed_by_chromium(folder)] if Path("/usr/bin/chromium").exists() else [])]
    print(f"{'format':8}{'files':>7}{'characters':>12}{'kept':>8}{'passages':>10}{'true offsets':>14}")
    for suffix in formats:
        ours = [sample for sample in samples if sample.name.endswith(f".{suffix}")]
        pairs, offsets = [], []
        for sample in ours:
            (one,) = read(sample.make(), name=sample.name).documents
            pairs.append(told(sample, one))
            offsets.append(true_offsets(one))
        total = sum(len(wanted) for wanted, _ in pairs)
        kept = sum(kept_share(*pair) * len(pair[0]) for pair in pairs) / max(total, 1)
        true, passages = (sum(column) for column in zip(*offsets, strict=True)) if offsets else (0, 0)
        print(f"{suffix:8}{len(ours):7}{total:12}{kept:8.1%}{passages:10}{true / max(passages, 1):14.1%}", flush=True)


def show_speed(formats: list[str], folder: Path, size: int, runs: int) -> None:
    print(f"{'format':8}{'MB':>8}{'s':>8}{'MB/s':>8}{'service MB':>12}{'parser MB':>12}  outcome")
    for suffix in formats:
        path = folder / f"a.{suffix}"
        path.write_bytes(MAKERS[suffix](size))
        results = [measured(path) for _ in range(runs)]
        seconds = statistics.median(result[0] for result in results)
        own, child = (max(result[column] for result in results) for column in (1, 2))
        mib = path.stat().st_size / MIB
        print(
            f"{suffix:8}{mib:8.1f}{seconds:8.1f}{mib / seconds:8.2f}{own:12.0f}{child:12.0f}  {results[0][3]}",
            flush=True,
        )
        path.unlink()


def show_bad(formats: list[str]) -> None:
    """Counts of tests/corpus/reading/test_bad_files.py, which checks each of them."""
    from test_bad_files import ROWS

    print(f"{'format':8}{'files':>7}{'refused':>9}{'read, with a warning':>22}{'read':>6}")
    counts: dict[str, Counter[str]] = {}
    for row in ROWS:
        suffix = {"docm": "docx", "tsv": "csv"}.get(ending := row.name.rsplit(".", 1)[-1], ending)
        kind = suffix if suffix in formats else "others"
        outcome = "refused" if row.error is not None else "warned" if row.warning else "read"
        counts.setdefault(kind, Counter())[outcome] += 1
    for kind in [*formats, "others"]:
        count = counts.get(kind, Counter())
        print(f"{kind:8}{count.total():7}{count['refused']:9}{count['warned']:22}{count['read']:6}")


def show_slow(formats: list[str], folder: Path) -> None:
    print(f"{'input':28}{'MB':>8}{'s':>8}{'service MB':>12}{'parser MB':>12}  outcome")
    for name, make in SLOW.items():
        if name.rsplit(".", 1)[-1] in formats:
            path = folder / name.replace(" ", "-")
            path.write_bytes(make())
            seconds, own, child, told = measured(path)
            mib = path.stat().st_size / MIB
            print(f"{name:28}{mib:8.1f}{seconds:8.1f}{own:12.0f}{child:12.0f}  {told}", flush=True)
            path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", default=["fidelity", "speed", "bad", "slow"])
    parser.add_argument("--mb", type=float, default=50, help="size of the inputs of the speed table")
    parser.add_argument("--runs", type=int, default=3, help="of which the median is shown")
    parser.add_argument("--formats", nargs="+", default=list(MAKERS), choices=list(MAKERS))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables: dict[str, Callable[[], None]] = {
            "fidelity": lambda: show_fidelity(chosen.formats, folder),
            "speed": lambda: show_speed(chosen.formats, folder, int(chosen.mb * MIB), chosen.runs),
            "bad": lambda: show_bad(chosen.formats),
            "slow": lambda: show_slow(chosen.formats, folder),
        }
        for table in chosen.tables:
            tables[table]()
            print()


if __name__ == "__main__":
    main()
