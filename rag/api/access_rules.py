"""Who may do what: one table of path and method. What is not in it, only an administrator may do."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from rag.api.api_keys import Role

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
    "/v1/documents/{document_id}/original": {"GET": "ask"},
    "/v1/feedback": {"GET": "write", "POST": "ask"},
    "/v1/feedback/export": {"GET": "write"},
    "/v1/feedback/{feedback_id}": {"DELETE": "ask"},  # one's own; of others, `write` and more
    "/v1/documents/{document_id}/similar-questions": {"GET": "write", "POST": "write"},
    "/v1/documents/{document_id}/similar-questions/proposals": {"POST": "write"},
    "/v1/documents/{document_id}/similar-questions/{number}": {"DELETE": "write"},
    "/v1/documents/{document_id}/similar-questions/{number}/approval": {"PUT": "write"},
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
_NAME = re.compile(r"\\{\w+\\}")  # {name} as re.escape writes it


def _pattern(template: str) -> re.Pattern[str]:
    """Paths of a template: a name in its middle stands for one part, one at its end for all that follows."""
    inner = _NAME.sub("[^/]+", re.escape(template))
    return re.compile(inner.removesuffix("[^/]+") + ".*" if template.endswith("}") else inner, re.DOTALL)


_BY_PARTS = sorted(RULES.keys() - _EXACT, key=lambda one: (-one.count("/"), one.count("{"), one))
_PATTERNS = [(_pattern(template), template) for template in _BY_PARTS]


def template_of(path: str) -> str:
    """The row of the table that a path belongs to; `other` if none. The one with most parts wins.

    path  as the router sees it (scope["path"]): never rebuilt from Host or anything else that a client says
    """
    if path in _EXACT:
        return path
    return next((template for pattern, template in _PATTERNS if pattern.fullmatch(path)), OTHER)


def need_of(method: str, path: str) -> Need:
    """What a request needs. OPTIONS tells no more than which methods there are, and browsers send no key with it."""
    if method == "OPTIONS":
        return "open"
    return RULES.get(template_of(path), {}).get("GET" if method == "HEAD" else method, "admin")
