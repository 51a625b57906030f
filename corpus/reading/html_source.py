"""What a page says of itself: title, publisher, author, date and address, from its meta elements and JSON-LD."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from corpus.reading.dates import iso_date

# Names of meta elements in order of trust; those of Chinese government sites are fixed by their standard.
_NAMES = {
    "title": ("articletitle", "og:title", "twitter:title", "dc.title", "citation_title"),
    "publisher": ("contentsource", "og:site_name", "publisher", "source", "sitename", "dc.publisher", "mediaid"),
    "author": ("author", "article:author", "dc.creator", "citation_author", "byl"),
    "date": (
        "pubdate",
        "article:published_time",
        "og:release_date",
        "publishdate",
        "datepublished",
        "dc.date",
        "dc.date.issued",
        "date",
        "publish_time",
        "weibo: article:create_at",
    ),
    "url": ("og:url",),
}
_LONGEST_JSON = 200_000  # code points of JSON-LD


def told_by(root: Any) -> dict[str, str]:
    """Title, publisher, author, date and url; what the page does not say is missing."""
    metas = _metas(root)
    linked = next(_linked_values(root), {})
    told = {}
    for field, names in _NAMES.items():
        said = next((metas[name] for name in names if metas.get(name)), "") or linked.get(field, "")
        told[field] = said
    told["date"] = iso_date(told["date"])
    address = next((one.get("href", "") for one in root.iter("link") if one.get("rel", "").lower() == "canonical"), "")
    told["url"] = address or told["url"]
    if not told["title"]:
        heading = next(root.iter("title"), None)
        told["title"] = " ".join("".join(heading.itertext()).split()) if heading is not None else ""
    return {field: " ".join(value.split()) for field, value in told.items() if value.strip()}


def _metas(root: Any) -> dict[str, str]:
    """Contents of meta elements by name, the first of each."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
        if name and meta.get("content"):
            found.setdefault(name, meta.get("content").strip())
    return found


def _linked_values(root: Any) -> Iterator[dict[str, str]]:
    """Values of the first JSON-LD object that describes an article."""
    for script in root.iter("script"):
        text = script.text or ""
        if script.get("type") != "application/ld+json" or len(text) > _LONGEST_JSON:
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            continue
        listed = found if isinstance(found, list) else [found]
        for one in listed:
            if isinstance(one, dict) and (one.get("headline") or one.get("datePublished")):
                yield {
                    "title": _text(one.get("headline")),
                    "publisher": _text(one.get("publisher")),
                    "author": _text(one.get("author")),
                    "date": _text(one.get("datePublished")),
                }


def _text(value: object) -> str:
    """A value, or the name of what it describes."""
    if isinstance(value, list):
        return "，".join(filter(None, map(_text, value[:20])))
    if isinstance(value, Mapping):
        return _text(value.get("name")) if not isinstance(value.get("name"), Mapping) else ""
    return value if isinstance(value, str) else ""
