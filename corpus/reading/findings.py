"""Findings: what a reader left out or could not place; every ingest reports them."""

from dataclasses import dataclass, field

from corpus.reading.coverage import Coverage


@dataclass
class Findings:
    """Lines for the report: what was dropped, and what a person should look at; and what was lost."""

    dropped: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
