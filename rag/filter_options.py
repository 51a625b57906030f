"""The options of the command line that choose documents, the same for every command."""

from collections.abc import Sequence
from typing import Annotated

import typer

from rag.filters import Filter, FilterInvalid, passing

Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only documents of this kind; repeatable.")]
Districts = Annotated[list[str] | None, typer.Option("--district", help="Only documents of this district; repeatable.")]
Ids = Annotated[list[str] | None, typer.Option("--id", help="Only the document with this id; repeatable.")]
Origins = Annotated[list[str] | None, typer.Option("--origin", help="Only bundled documents, or those of a user.")]
Since = Annotated[
    str,
    typer.Option("--from", help="Only documents whose newest source is not older: YYYY, YYYY-MM or YYYY-MM-DD."),
]
Until = Annotated[str, typer.Option("--to", help="Only documents whose newest source is not younger than this date.")]
Title = Annotated[str, typer.Option("--title", help="Only documents with these words in the title or an alias.")]


def filter_of(
    kind: Sequence[str] | None,
    district: Sequence[str] | None,
    document_id: Sequence[str] | None,
    origin: Sequence[str] | None,
    since: str,
    until: str,
    title: str,
) -> Filter:
    """The filter that these options mean; empty options are left out.

    raises  BadParameter for dates that do not exist or are in the wrong order
    """
    several = {"kind": kind, "district": district, "id": document_id, "origin": origin}
    single = {"from": since, "to": until, "q": title}
    written = {name: list(values) for name, values in several.items() if values}
    only = written | {name: [value] for name, value in single.items() if value}
    try:
        passing(only)
    except FilterInvalid as error:
        raise typer.BadParameter(str(error), param_hint=f"--{error.field}") from None
    return only
