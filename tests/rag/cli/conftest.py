"""The command line, run in this process."""

import os
import sys

import pytest
from support_cli import Outcome, Rag

from rag.cli.main import main
from rag.service import Service


@pytest.fixture
def rag(
    quick_opening: None,
    own_service: Service,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Rag:
    """Runs the command line in this process, on a home with two documents that nobody else has open."""
    own_service.close()
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_HOME", str(own_service.settings.home))
    monkeypatch.setenv("RAG_CORPUS", "none")
    monkeypatch.setenv("RAG_ENCODER", "static")

    def run(*arguments: str, **settings: str) -> Outcome:
        for name, value in settings.items():
            monkeypatch.setenv(f"RAG_{name}", value)
        monkeypatch.setattr(sys, "argv", ["rag", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    return run
