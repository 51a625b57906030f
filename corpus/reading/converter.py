"""Conversion: old Word and PowerPoint files, and those of WPS, through LibreOffice where it is installed.

The office suite runs in a process of its own, with a fresh profile that forbids macros and
linked files, in a folder of its own, within limits on time, memory and file size.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.reading.formats import NeedsConverter

CONVERTED = {"doc": "docx", "ppt": "pptx"}  # kind → what it is converted to and read as
SECONDS = 120.0  # of computing, and by the clock
MEMORY = 4 * 2**30  # bytes of address space
LARGEST_OUTPUT = 256 * 2**20  # bytes
_PROGRAMMES = ("soffice", "libreoffice")
_NAMES = {"doc": "Word 97–2003 or WPS", "ppt": "PowerPoint 97–2003 or WPS"}
_LIMITED = (
    "import os, resource, sys; "
    "[resource.setrlimit(getattr(resource, name), (int(size), int(size))) "
    "for name, size in zip(('RLIMIT_CPU', 'RLIMIT_AS', 'RLIMIT_FSIZE', 'RLIMIT_CORE'), sys.argv[1:5])]; "
    "os.execv(sys.argv[5], sys.argv[5:])"
)
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item>
</oor:items>
"""
_one_at_a_time = threading.Lock()  # a conversion takes a core and much memory


class ConversionFailed(ValueError):
    """A file that LibreOffice could not convert within the limits; the message says why, without its name."""


def converted(kind: str, raw: bytes) -> tuple[str, bytes]:
    """Convert a file of one of the kinds in CONVERTED: the new kind and its bytes.

    raises  NeedsConverter where LibreOffice is not installed; ConversionFailed
    """
    programme = next((found for name in _PROGRAMMES if (found := shutil.which(name))), None)
    if programme is None:
        raise NeedsConverter(
            f"the content is a {_NAMES[kind]} file ({kind.upper()}), which is read through LibreOffice; install it "
            "(soffice on the PATH), or save the file as DOCX, XLSX or PDF"
        )
    target = CONVERTED[kind]
    with _one_at_a_time, TemporaryDirectory(prefix="rag-convert-") as folder:
        home = Path(folder)
        (home / "profile" / "user").mkdir(parents=True)
        (home / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        (home / f"in.{kind}").write_bytes(raw)
        _run([programme, *_arguments(home, kind, target)], home)
        made = home / "out" / f"in.{target}"
        if not made.is_file():
            raise ConversionFailed("LibreOffice cannot read it: it is damaged or locked with a password")
        return target, made.read_bytes()


def _arguments(home: Path, kind: str, target: str) -> list[str]:
    switches = ["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard"]
    profile = f"-env:UserInstallation={(home / 'profile').as_uri()}"
    return [profile, *switches, "--convert-to", target, "--outdir", str(home / "out"), str(home / f"in.{kind}")]


def _run(command: Sequence[str], home: Path) -> None:
    """Run the suite, and end all of its processes when the time is over."""
    limits = [str(int(limit)) for limit in (SECONDS, MEMORY, LARGEST_OUTPUT, 0)]
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(home)}
    null = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _LIMITED, *limits, *command],
        stdin=null,
        stdout=null,
        stderr=null,
        cwd=home,
        env=environment,
        start_new_session=True,
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise ConversionFailed(
            f"converting it takes longer than {SECONDS:.0f} s; save it as DOCX, XLSX or PDF"
        ) from None
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the whole group: soffice is a script that starts others."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
