"""The options of the command line that choose documents, the same for every command."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final

import typer

from rag.query.filters import Filter, FilterInvalid, passing

_Several = list[str] | None
_SEVERAL: Final = {  # name in the contract → option
    "kind": typer.Option("--kind", help="Only documents of this kind; repeatable."),
    "district": typer.Option("--district", help="Only documents of this district; repeatable."),
    "id": typer.Option("--id", help="Only the document with this id; repeatable."),
    "publisher": typer.Option("--publisher", help="Only documents that this office or publisher issued; repeatable."),
    "number": typer.Option("--number", help="Only the document with this number, as 杭政办〔2019〕2号; repeatable."),
    "origin": typer.Option("--origin", help="Only bundled documents, or those of a user."),
}
_SINGLE: Final = {
    "from": typer.Option(
        "--from", help="Only documents whose newest source is not older: YYYY, YYYY-MM or YYYY-MM-DD."
    ),
    "to": typer.Option("--to", help="Only documents whose newest source is not younger than this date."),
    "q": typer.Option("--title", help="Only documents with these words in the title or an alias."),
}


def takes_filter(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose documents; it gets what they mean as `only`.

    The command refuses dates that do not exist or are in the wrong order, as it does other bad options.
    """
    options = [_parameter(name, _Several, option, None) for name, option in _SEVERAL.items()]
    options += [_parameter(name, str, option, "") for name, option in _SINGLE.items()]
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.name != "only"]

    @wraps(command)
    def with_options(**given: Any) -> None:
        chosen = {option.name: given.pop(option.name) for option in options}
        command(**given, only=_filter_of(chosen))

    told = [*own, *options]
    with_options.__signature__ = signature.replace(parameters=told)  # type: ignore[attr-defined]
    with_options.__annotations__ = {one.name: one.annotation for one in told}
    return with_options


def _parameter(name: str, kind: Any, option: Any, default: Any) -> inspect.Parameter:
    annotation = Annotated[kind, option]
    return inspect.Parameter(f"only_{name}", inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _filter_of(chosen: dict[str, Any]) -> Filter:
    """The filter that these options mean; empty options are left out."""
    written = {name.removeprefix("only_"): value for name, value in chosen.items() if value}
    only = {name: value if name in _SEVERAL else [value] for name, value in written.items()}
    try:
        passing(only)
    except FilterInvalid as error:
        raise typer.BadParameter(str(error), param_hint=f"--{error.field}") from None
    return only
