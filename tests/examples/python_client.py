"""Ask the service from Python with nothing but the standard library.

python python_client.py http://127.0.0.1:8000 linkpark产业社区占地多少亩？
"""

import json
import sys
import urllib.request
from typing import Any


def post(address: str, path: str, **body: Any) -> Any:
    """POST JSON, get JSON; an error raises urllib.error.HTTPError, whose body is a problem object."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def ask(address: str, question: str) -> str:
    """The answer, and under it each quote with its title and sources."""
    answer = post(address, "/v1/ask", question=question)
    lines = [answer["answer"]]
    for citation in answer["citations"]:
        sources = "；".join(f"{source['publisher']} {source['date']}" for source in citation["sources"])
        lines.append(f"[{citation['index']}] {citation['title']}：「{citation['quote']}」 {sources}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(ask(sys.argv[1], sys.argv[2]))
