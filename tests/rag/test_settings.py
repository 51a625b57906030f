"""Settings: read once from the environment or a file, frozen; a bad value is one line that does not repeat it."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.settings import Settings, SettingsInvalid, load_settings

SECRET = "geheim"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)


def write(folder: Path, content: str | bytes) -> str:
    file = folder / "settings.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def test_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    settings = load_settings()
    assert (settings.host, settings.port, settings.encoder, settings.corpus) == (
        "127.0.0.1",
        8000,
        "bundled",
        "bundled",
    )
    assert settings.home == Path.home() / ".local" / "share" / "hangzhou-rag"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert load_settings().home == Path("/data/hangzhou-rag")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_SETTINGS", write(tmp_path, 'port = 9001\nhost = "::1"\nthreshold = 0.7\n'))
    monkeypatch.setenv("RAG_PORT", "9002")
    monkeypatch.setenv("RAG_HOST", "")
    settings = load_settings()
    assert (settings.port, settings.host, settings.threshold) == (9002, "::1", 0.7)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", SECRET),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("PORT", "9" * 5000),
        ("CORPUS", SECRET),
        ("THRESHOLD", "nan"),
        ("THRESHOLD", "inf"),
        ("THRESHOLD", "1.01"),
        ("THRESHOLD", SECRET),
        ("MAX_BODY_MB", "0"),
        ("MAX_QUESTION", "100000"),
        ("LOG_LEVEL", SECRET),
        ("ALLOWED_HOSTS", f"http://{SECRET}/"),
    ],
)
def test_a_bad_value_is_named_in_one_line_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"RAG_{name}", value)
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    message = str(refused.value)
    assert message.startswith(f"RAG_{name}: ")
    assert "\n" not in message
    assert value not in message or len(value) < 3
    assert len(message) < 200


def test_every_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PORT", "x")
    monkeypatch.setenv("RAG_CORPUS", "x")
    with pytest.raises(SettingsInvalid, match=r"RAG_PORT: .*; RAG_CORPUS: "):
        load_settings()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("port = ", "RAG_SETTINGS: "),
        (b"port = 1 # \xff", "RAG_SETTINGS: the file is not UTF-8"),
        ("colour = 'geheim'", "RAG_COLOUR: "),
        ("port = 'geheim'", "RAG_PORT: "),
        ("[table]\nport = 1", "RAG_TABLE: "),
    ],
)
def test_a_bad_file_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes, told: str
) -> None:
    monkeypatch.setenv("RAG_SETTINGS", write(tmp_path, content))
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert str(refused.value).startswith(told)
    assert "\n" not in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / SECRET, tmp_path):
        monkeypatch.setenv("RAG_SETTINGS", str(path))
        with pytest.raises(SettingsInvalid, match=r"^RAG_SETTINGS names a file that does not exist$"):
            load_settings()


@pytest.mark.parametrize(
    ("host", "allowed", "names"),
    [
        ("127.0.0.1", "", {"localhost", "127.0.0.1", "[::1]"}),
        ("127.9.9.9", "", {"localhost", "127.0.0.1", "[::1]", "127.9.9.9"}),
        ("localhost", "", {"localhost", "127.0.0.1", "[::1]"}),
        ("::1", "", {"localhost", "127.0.0.1", "[::1]"}),
        ("0.0.0.0", "", set()),
        ("::", "", set()),
        ("rag.example", "", set()),
        ("127.0.0.1", "Rag.Example, intern", {"localhost", "127.0.0.1", "[::1]", "rag.example", "intern"}),
        ("0.0.0.0", "rag.example", {"localhost", "127.0.0.1", "[::1]", "rag.example", "0.0.0.0"}),
    ],
)
def test_a_loopback_server_answers_to_its_own_names_only(host: str, allowed: str, names: set[str]) -> None:
    assert Settings(host=host, allowed_hosts=allowed).host_names == names
