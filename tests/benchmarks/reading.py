"""How fast each format is read, and how much memory that takes: python -m tests.benchmarks.reading [MB]

Makes one input a format of about that size (50 MB unless said otherwise; formats that pack their
text are made so that the file has the size), reads it in a process of its own, and prints a table.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
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
    sys.path.insert(0, str(ROOT / "tests"))
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
    sys.path.insert(0, str(ROOT / "tests"))
    from support_files import pdf_of

    made = sentences()
    pages = [
        [(72.0, 780.0 - 18 * row, 12.0, next(made)[:36]) for row in range(40)] for _ in range(max(1, size // 2600))
    ]
    return pdf_of(pages)


def archive(size: int) -> bytes:
    sys.path.insert(0, str(ROOT / "tests"))
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
import json, resource, sys, time
from corpus.reading import read
from corpus.reading.formats import Unreadable
name = sys.argv[1]
raw = open(name, "rb").read()
began = time.perf_counter()
try:
    report = read(raw, name=name).report
    told = f"{report.characters} characters"
except Unreadable as error:
    told = str(error)[:80]
seconds = time.perf_counter() - began
from corpus.reading import bounded
bounded._end_idle()
own = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([seconds, own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, told]))
"""


def main() -> None:
    size = int(float(sys.argv[1]) * MIB) if len(sys.argv) > 1 else 50 * MIB
    wanted = sys.argv[2:] or list(MAKERS)
    print(f"{'format':8}{'MB':>8}{'s':>8}{'MB/s':>8}{'service MB':>12}{'parser MB':>12}  outcome")
    with tempfile.TemporaryDirectory() as folder:
        for suffix in wanted:
            path = Path(folder) / f"a.{suffix}"
            path.write_bytes(MAKERS[suffix](size))
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
            )
            seconds, own, child, told = json.loads(done.stdout)
            mib = path.stat().st_size / MIB
            print(
                f"{suffix:8}{mib:8.1f}{seconds:8.1f}{mib / seconds:8.2f}{own / 1024:12.0f}{child / 1024:12.0f}  {told}",
                flush=True,
            )
            path.unlink()


if __name__ == "__main__":
    main()
