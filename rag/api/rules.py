"""Who may do what: one table of path and method. What is not in it, only an administrator may do."""

from collections.abc import Mapping
from typing import Final, Literal

from rag.keys import Role

Need = Literal["open"] | Role

RULES: Final[Mapping[str, Mapping[str, Need]]] = {
    "/": {"GET": "open"},
    "/page/{file}": {"GET": "open"},
    "/health/live": {"GET": "open"},
    "/health/ready": {"GET": "open"},
    "/docs": {"GET": "open"},  # a page like the others; what it describes is behind /openapi.json
    "/openapi.json": {"GET": "ask"},
    "/v1/search": {"POST": "ask"},
    "/v1/ask": {"POST": "ask"},
    "/v1/analyze": {"POST": "ask"},
    "/v1/stats": {"GET": "ask"},
    "/v1/documents": {"GET": "ask", "POST": "write"},
    "/v1/documents/{document_id}": {"GET": "ask", "PUT": "write", "DELETE": "write"},
    "/v1/feedback": {"POST": "ask", "GET": "admin"},
    "/v1/chat/completions": {"POST": "ask"},
    "/v1/models": {"GET": "ask"},
    "/v1/models/{model}": {"GET": "ask"},
    "/retrieval": {"POST": "ask"},
    "/mcp": {"GET": "ask", "POST": "ask", "DELETE": "ask"},
    "/mcp/{rest}": {"GET": "ask", "POST": "ask", "DELETE": "ask"},
    "/v1/lexicon": {"GET": "admin", "PUT": "admin"},
    "/metrics": {"GET": "admin"},
}
OTHER: Final = "other"  # the name of every path that is not in the table

_EXACT = {template for template in RULES if "{" not in template}
_PREFIXES = sorted(
    ((template.partition("{")[0], template) for template in RULES if "{" in template),
    key=lambda pair: -len(pair[0]),
)


def template_of(path: str) -> str:
    """The row of the table that a path belongs to; `other` if none. The longest one wins.

    path  as the router sees it (scope["path"]): never rebuilt from Host or anything else that a client says
    """
    if path in _EXACT:
        return path
    return next((template for prefix, template in _PREFIXES if path.startswith(prefix)), OTHER)


def need_of(method: str, path: str) -> Need:
    """What a request needs. OPTIONS tells no more than which methods there are, and browsers send no key with it."""
    if method == "OPTIONS":
        return "open"
    return RULES.get(template_of(path), {}).get("GET" if method == "HEAD" else method, "admin")
