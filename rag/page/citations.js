/** Citations: numbers that show their quote at a glance and open the document at the exact sentence. */

import { showsCard } from "./card.js";
import { el } from "./dom.js";
import { openCitation } from "./panel.js";
import { documentAddress } from "./router.js";
import { sourceLines } from "./sources.js";
import { headingPath } from "./words.js";

/**
 * A number behind a statement: a real link, opened in the side panel.
 * @param {import("./api.js").Citation} citation
 */
export function citationMark(citation) {
  const link = citationLink(citation, String(citation.index), { class: "cite", "aria-label": `出处 ${citation.index}：${citation.title}` });
  showsCard(link, () => cardContent(citation));
  return el("sup", {}, "\u2060", link); // the joiner keeps the number on the line of its sentence
}

/** A link with any text that opens the citation beside the answer. */
export function citationLink(citation, text, attributes = {}) {
  const href = documentAddress(citation.document_id, citation);
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window, as anywhere
    event.preventDefault();
    openCitation(citation, event.currentTarget);
  };
  return el("a", { ...attributes, href, onclick }, text);
}

/** The list under an answer: number, document, heading path, sources. */
export function citationList(citations) {
  const items = citations.map((citation) =>
    el(
      "li",
      { class: "cited-item" },
      el("span", { class: "cited-number", "aria-hidden": "true" }, String(citation.index)),
      el(
        "div",
        {},
        citationLink(citation, headingPath(citation.title, citation.section), { class: "cited-title" }),
        ...sourceLines(citation.sources),
      ),
    ),
  );
  return el("ol", { class: "cited", "aria-label": "出处" }, ...items);
}

function cardContent(citation) {
  return [
    el("blockquote", { class: "card-quote" }, citation.quote),
    el("p", { class: "card-title" }, headingPath(citation.title, citation.section)),
    ...sourceLines(citation.sources),
  ];
}
