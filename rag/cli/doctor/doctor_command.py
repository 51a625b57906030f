"""rag doctor on the command line."""

from dataclasses import asdict
from typing import Annotated

import typer

from rag.cli import printing


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """Examine this deployment and say what to do. Exit status 1 if something must be mended."""
    from rag.cli.doctor.examination import examine

    findings = examine()
    must = [finding for finding in findings if finding.state == "bad"]
    if json:
        printing.as_json({"well": not must, "findings": [asdict(finding) for finding in findings]})
    else:
        rows = ((one.check, one.state, one.found, one.remedy) for one in findings)
        printing.table(("check", "state", "found", "what to do"), rows)
        print(f"{len(must)} things must be mended" if must else "nothing must be mended")
    raise typer.Exit(1 if must else 0)
