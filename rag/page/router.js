/** Addresses within the page, all behind the #: the conversation, the documents, one document at a span. */

/**
 * @typedef {{view: "chat"} | {view: "documents", id: ?string, span: ?{start: number, end: number}}} Place
 */

/** @returns {Place} where an address leads; anything unknown leads to the conversation */
export function placeOf(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [view, id] = path.split("/", 2);
  if (view !== "documents") return { view: "chat" };
  return { view, id: id ? decode(id) : null, span: spanOf(new URLSearchParams(query)) };
}

/** The address of a document, at a span if one is given. */
export function documentAddress(id, span = null) {
  const at = span ? `?start=${Number(span.start)}&end=${Number(span.end)}` : "";
  return `#/documents/${encodeURIComponent(id)}${at}`;
}

function spanOf(query) {
  const [start, end] = ["start", "end"].map((name) => Number(query.get(name) ?? NaN));
  return Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end ? { start, end } : null;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
