"""The README says what there is: commands, settings and routes are in step with the code."""

import re
from pathlib import Path

import typer

from rag.api.document_routes import router as documents
from rag.api.feedback_routes import router as feedback
from rag.api.proposal_routes import router as proposing
from rag.api.question_routes import router as questions
from rag.api.similar_question_routes import router as similar_questions
from rag.api.status_routes import router as status
from rag.cli.main import app
from rag.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> set[str]:
    group = typer.main.get_command(app)
    found = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        if command.hidden:
            continue
        inner = getattr(command, "commands", None)
        found |= {f"rag {name} {sub}" for sub in inner} if inner else {f"rag {name}"}
    return found


def test_every_command_is_described() -> None:
    described = set(re.findall(r"^\| `(rag [a-z]+(?: [a-z]+)?)", README, re.M))
    assert described == commands()


def test_every_setting_is_described_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `RAG_([A-Z_]+)` \| `([^`]*)`", README, re.M))
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if field.default_factory is None:
            assert rows[name.upper()] == str(field.default), name


def test_every_route_is_described() -> None:
    described = set(re.findall(r"`(GET|PUT|POST|DELETE) (/[^`]*)`", README))
    served = {
        (method, route.path)
        for router in (questions, documents, similar_questions, proposing, feedback, status)
        for route in router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert served <= described


def test_every_file_named_in_the_architecture_exists() -> None:
    architecture = README.split("## Architecture")[1]
    for name in re.findall(r"`((?:corpus|index|rag)/[a-z_/]*(?:\.py)?)`", architecture):
        assert (ROOT / name).exists(), name


def test_every_picture_is_there_and_light() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert {ROOT / name for name in shown} == set((ROOT / ".readme").iterdir())
    assert all((ROOT / name).stat().st_size < 150 * 1024 for name in shown)


def test_the_changelog_opens_with_the_version_of_the_package() -> None:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    changelog = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert version
    assert changelog
    assert version[1] == changelog[1]
