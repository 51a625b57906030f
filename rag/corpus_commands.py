"""rag corpus: check."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from corpus.bundled import bundled_documents, bundled_texts
from corpus.checking import FactCoverage, Finding, check, fact_coverage
from rag import printing

corpus_app = typer.Typer(help="Look after the bundled knowledge base.", no_args_is_help=True, rich_markup_mode=None)


@corpus_app.callback()
def corpus() -> None:
    """Look after the bundled knowledge base."""


@corpus_app.command("check")
def check_corpus(
    facts: Annotated[Path | None, typer.Option(help="Folder of YAML facts; each one's figures must stand.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Check sources, attributions, dates, links, duplicates. Exit status 1 if something is wrong."""
    documents = list(bundled_documents())
    findings = check(documents, bundled_texts())
    coverage = fact_coverage(documents, facts) if facts else None
    if json:
        printing.as_json(_body(len(documents), findings, coverage))
    else:
        for finding in [*findings, *(coverage.missing if coverage else ())]:
            print(f"{finding.document_id}: {finding.problem}")
        print(f"{len(documents)} documents, {len(findings)} findings")
        if coverage:
            print(f"{coverage.found} of {coverage.facts} facts found ({coverage.share:.1%})")
    raise typer.Exit(1 if findings or (coverage and coverage.missing) else 0)


def _body(documents: int, findings: list[Finding], coverage: FactCoverage | None) -> dict[str, object]:
    body: dict[str, object] = {"documents": documents, "findings": [asdict(finding) for finding in findings]}
    return body | ({"facts": asdict(coverage)} if coverage else {})
