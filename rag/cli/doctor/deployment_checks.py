"""The place: packages, folder, disk, keys, port."""

import http.client
import os
import re
import shutil
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

from rag.api.api_keys import ADD, KEY_FILE, KeysUnusable, read_keys
from rag.api.serving import listen
from rag.cli.doctor.finding import CheckResult
from rag.settings import Settings, SettingsInvalid, is_loopback

PACKAGE: Final = "hangzhou-community-rag"
LEAST_FREE: Final = 100 * 2**20  # bytes on the disk of the home, below which changes will soon fail
FEW_FREE: Final = 2**30  # bytes below which somebody should look
PATIENCE: Final = 3.0  # seconds for a server to say that it lives

_NEED = re.compile(r"([0-9A-Za-z._-]+)(?:\[[^\]]*\])?\s*(?:==\s*([0-9A-Za-z.+!]+))?")
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def check_packages(settings: Settings) -> CheckResult:
    """Every package that is needed is there, and those that are pinned have the pinned version."""
    pinned, wrong = 0, []
    for name, version in _needed():
        try:
            found = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            found = "missing"
        pinned += version is not None
        if found == "missing" or version not in (None, found):
            wrong.append(f"{name} is {found}" + (f", pinned to {version}" if version else ""))
    if wrong:
        return CheckResult("packages", "bad", "; ".join(wrong), f"install them as pinned: pip install {PACKAGE}")
    if not pinned:
        remedy = "install the package, so that its pins are known: pip install ."
        return CheckResult("packages", "warn", "it is not known which versions are pinned", remedy)
    return CheckResult("packages", "ok", f"{pinned} pinned versions are the installed ones")


def check_home(settings: Settings) -> CheckResult:
    """The folder can be written, or made; and only by whom it should."""
    home = settings.home
    existing = _existing(home)
    if home.exists() and not home.is_dir():
        return CheckResult("home", "bad", f"{home} is no folder", "set RAG_HOME to a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        remedy = "give this user the right to write there, or set RAG_HOME"
        return CheckResult("home", "bad", f"{existing} cannot be written", remedy)
    if home.exists() and home.stat().st_mode & 0o002:
        return CheckResult("home", "bad", f"every user can write to {home}", f"chmod o-w {home}")
    return CheckResult("home", "ok", f"{home} can be {'written' if home.exists() else 'made'}")


def check_disk(settings: Settings) -> CheckResult:
    """There is room for changes."""
    free = shutil.disk_usage(_existing(settings.home)).free
    found = f"{free / 2**30:.1f} GiB free"
    if free < LEAST_FREE:
        return CheckResult("disk", "bad", found, "free some space: changes are refused when the disk is full")
    if free < FEW_FREE:
        return CheckResult("disk", "warn", found, "free some space before it is used up")
    return CheckResult("disk", "ok", found)


def check_keys(settings: Settings) -> CheckResult:
    """The key file is private, and there is a key where others can reach the server."""
    path = settings.home / KEY_FILE
    try:
        keys = read_keys(settings.home)
    except KeysUnusable as problem:
        said, _, remedy = str(problem).rpartition("; ")
        return CheckResult("keys", "bad", said, remedy)
    if path.exists() and path.stat().st_mode & 0o077:
        return CheckResult("keys", "bad", f"{path} can be read or written by other users", f"chmod 600 {path}")
    if keys:
        return CheckResult("keys", "ok", f"{len(keys)} keys, in a file that only its owner reads")
    if not is_loopback(settings.host):
        found = f"RAG_HOST={settings.host} lets other machines in and there is no key, so the server will not start"
        return CheckResult("keys", "bad", found, f"make one with: {ADD}")
    if settings.allowed_hosts or settings.trusted_proxies:
        found = "there is no key, and the settings name a proxy or other hosts: everybody whom those let in may do all"
        return CheckResult("keys", "warn", found, f"make one with: {ADD}")
    return CheckResult("keys", "ok", "none; only this machine can ask")


def check_port(settings: Settings) -> CheckResult:
    """The address is free, or our own server answers there."""
    host, port = settings.host, settings.port
    where = f"{host}:{port}"
    if port == 0:
        return CheckResult("port", "ok", "any free one will be taken")
    try:
        alive = _ask(host, port, "/health/live")
    except ConnectionRefusedError:
        try:
            listen(host, port).close()
        except SettingsInvalid as problem:
            return CheckResult("port", "bad", str(problem), "choose another with RAG_HOST and RAG_PORT")
        return CheckResult("port", "ok", f"{where} is free")
    except (OSError, http.client.HTTPException) as error:
        found = f"something listens on {where} and does not answer as our server ({type(error).__name__})"
        return CheckResult("port", "bad", found, "stop it, or set RAG_PORT")
    if not alive:
        return CheckResult("port", "bad", f"another program answers on {where}", "stop it, or set RAG_PORT")
    if not _ask(host, port, "/health/ready"):
        return CheckResult("port", "bad", f"our server on {where} is not ready", "read its log")
    return CheckResult("port", "ok", f"our server answers on {where}")


def _ask(host: str, port: int, path: str) -> bool:
    """Whether a server of ours says 200 to this.

    raises  OSError or HTTPException if nothing sensible answers
    """
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        ours = len(response.getheader("X-Request-Id", "")) == 16 and response.read(200).startswith(b'{"status":')
        return response.status == 200 and ours
    finally:
        connection.close()


def _needed() -> list[tuple[str, str | None]]:
    """Names of the packages that are needed on this system, with the version where it is pinned."""
    needs = [need for need in _requirements() if "extra ==" not in need and "win32" not in need]
    return [(found[1], found[2]) for need in needs if (found := _NEED.match(need))]


def _requirements() -> list[str]:
    """As the installed package states them; from its source where it runs without being installed."""
    try:
        return metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:
        source = Path(__file__).parents[3] / "pyproject.toml"
    try:
        return list(tomllib.loads(source.read_text(encoding="utf-8"))["project"]["dependencies"])
    except (OSError, ValueError, KeyError):
        return []


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
