/** Where a statement comes from, in one line: title, publisher, author, date, address. */

import { el, webLink } from "./dom.js";
import { sourceDate } from "./words.js";

/**
 * @param {import("./api.js").Source} source
 * @returns {HTMLElement} a line with a link, if the address leads to the web
 */
export function sourceLine(source) {
  const facts = [source.publisher, source.number, source.author, sourceDate(source)].filter(Boolean);
  return el(
    "span",
    { class: "source" },
    webLink(source.url, source.title || source.url || "未命名的来源", { class: "source-title" }),
    el("span", { class: "source-facts" }, facts.join(" · ")),
  );
}

/** Lines for all sources, or one that says that none is known. */
export function sourceLines(sources) {
  if (!sources.length) return [el("span", { class: "source source-facts" }, "文档没有注明更早的来源")];
  return sources.map(sourceLine);
}
