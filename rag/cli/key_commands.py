"""rag key: add, list, remove."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from rag.api.api_keys import KeyRefused, Role, add_key, read_keys, remove_key
from rag.cli import printing
from rag.settings import load_settings

key_app = typer.Typer(help="Make, list and remove API keys.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Name = Annotated[str, typer.Argument(help="What the key is called in the list and in the logs.")]


@key_app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="ask: search and ask; write: documents too; admin: everything.")] = "ask",
    json: Json = False,
) -> None:
    """Make a key and show it, once; a running server knows it at once."""
    try:
        key, secret = add_key(load_settings().home, name, role)
    except KeyRefused as refusal:
        raise typer.BadParameter(str(refusal)) from None
    if json:
        printing.as_json({"name": key.name, "role": key.role, "created": key.created, "key": secret})
        return
    print(secret)
    print(f"key {key.name} ({key.role}): keep it now, it is not shown again", file=sys.stderr)


@key_app.command("list")
def list_keys(json: Json = False) -> None:
    """List the keys, without what is secret."""
    rows = [asdict(key) for key in read_keys(load_settings().home)]
    for row in rows:
        del row["sha256"]
    if json:
        printing.as_json(rows)
    else:
        printing.table(("name", "role", "created"), (tuple(row.values()) for row in rows))


@key_app.command()
def remove(name: Name, json: Json = False) -> None:
    """Remove a key; a running server refuses it at once. Exit status 1 if it was not there."""
    removed = remove_key(load_settings().home, name)
    if json:
        printing.as_json({"name": name, "removed": removed})
    elif removed:
        print(f"removed {name}")
    else:
        print(f"there is no key {name}", file=sys.stderr)
    raise typer.Exit(0 if removed else 1)
