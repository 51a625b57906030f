"""rag corpus: check."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from corpus.bundled import bundled_documents, bundled_texts
from corpus.checking import Fact, FactCoverage, Finding, check, fact_coverage, read_facts
from rag.cli import printing
from rag.service import Service
from rag.settings import load_settings

if TYPE_CHECKING:
    from rag.evaluation.fact_questions import SelfRetrieval

WANTED: Final = 0.98  # share of the facts whose statement must come first

corpus_app = typer.Typer(help="Look after the bundled knowledge base.", no_args_is_help=True, rich_markup_mode=None)


@corpus_app.callback()
def corpus() -> None:
    """Look after the bundled knowledge base."""


@corpus_app.command("check")
def check_corpus(
    facts: Annotated[Path | None, typer.Option(help="Folder of YAML facts; each one's figures must stand.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask the index each fact; its statement must come first.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Check sources, attributions, dates, links, duplicates. Exit status 1 if something is wrong."""
    if ask and facts is None:
        raise typer.BadParameter("--ask needs --facts")
    documents = list(bundled_documents())
    findings = check(documents, bundled_texts())
    known = read_facts(facts) if facts else []
    coverage = fact_coverage(documents, known) if facts else None
    asked = _ask(known) if ask else None
    if json:
        printing.as_json(_body(len(documents), findings, coverage, asked))
    else:
        missing = (*(coverage.missing if coverage else ()), *(asked.missed if asked else ()))
        for finding in [*findings, *missing]:
            print(f"{finding.document_id}: {finding.problem}")
        print(f"{len(documents)} documents, {len(findings)} findings")
        if coverage:
            print(f"{coverage.found} of {coverage.facts} facts found ({coverage.share:.1%})")
        if asked:
            print(f"{asked.first} of {asked.asked} facts come first when asked for ({asked.share:.1%})")
    late = asked is not None and asked.share < WANTED
    raise typer.Exit(1 if findings or (coverage and coverage.missing) or late else 0)


def _ask(facts: Sequence[Fact]) -> "SelfRetrieval":
    from rag.evaluation.fact_questions import ask_facts

    with closing(Service.open(load_settings(), writable=False)) as service:
        return ask_facts(service, facts)


def _body(
    documents: int, findings: list[Finding], coverage: FactCoverage | None, asked: "SelfRetrieval | None"
) -> dict[str, object]:
    body: dict[str, object] = {"documents": documents, "findings": [asdict(finding) for finding in findings]}
    body |= {"facts": asdict(coverage)} if coverage else {}
    return body | ({"asked": asdict(asked)} if asked else {})
