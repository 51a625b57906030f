/** A document to read: sections, numbered source notes, disagreements, related documents, one span marked. */

import { showsCard } from "./card.js";
import { bringIntoView, el } from "./dom.js";
import { documentAddress } from "./router.js";
import { sourceLine } from "./sources.js";
import { cutter, length } from "./spans.js";
import { titlesOf } from "./titles.js";
import { kindWord, originWord } from "./words.js";

/**
 * @param {object} doc a document of the contract: text, sections, sources, attributions, disagreements, related, pages
 * @param {{span?: ?{start: number, end: number}, nested?: boolean}} options
 *   span    code points to mark; nested  shown under a title of its own (in the panel)
 * @returns {HTMLElement} the article; the span is in its `mark` elements
 */
export function showDocument(doc, { span = null, nested = false } = {}) {
  const cut = cutter(doc.text);
  const notes = new Notes(doc.sources, doc.attributions);
  const layout = new Layout(doc, cut, notes, span);
  const level = nested ? 3 : 2;
  const part = (title) => el(`h${level}`, { class: "document-part" }, title);
  return el(
    "article",
    { class: "document" },
    el("header", { class: "document-head" }, !nested && el("h1", { tabindex: "-1" }, doc.title), ...facts(doc)),
    el("div", { class: "document-text" }, ...layout.blocks(level)),
    ...disagreements(doc, cut, part),
    ...notes.list(part),
    nearDuplicates(doc.near_duplicates ?? [], part),
    related(doc.related, part),
  );
}

/** A citation whose document no longer holds it: what was quoted, with its surroundings. */
export function lostCitation(citation, why) {
  return el(
    "div",
    { class: "lost" },
    el("p", { class: "lost-why", role: "status" }, why),
    el("blockquote", { class: "passage-text" }, citation.before, el("mark", {}, citation.quote), citation.after),
  );
}

function facts(doc) {
  const parts = [doc.kind && kindWord(doc.kind), doc.districts.join("、"), doc.date, `${doc.characters} 字`, originWord(doc.origin)];
  return [
    el("p", { class: "fine" }, parts.filter(Boolean).join(" · ")),
    doc.aliases.length > 0 && el("p", { class: "fine" }, `又名：${doc.aliases.join("、")}`),
  ];
}

/** Numbers for sources, in the order in which the text uses them. */
class Notes {
  #numbers = new Map();
  #items = new Map();

  constructor(sources, attributions) {
    const used = attributions.flatMap((attribution) => attribution.sources);
    for (const key of [...used, ...Object.keys(sources)]) {
      if (!this.#numbers.has(key)) this.#numbers.set(key, this.#numbers.size + 1);
    }
    for (const [key, number] of this.#numbers) {
      this.#items.set(key, el("li", { tabindex: "-1", value: number }, sourceLine(sources[key])));
    }
    this.sources = sources;
  }

  /** The number behind a statement; leads to the list below. */
  mark(key) {
    const number = this.#numbers.get(key);
    const go = () => {
      bringIntoView(this.#items.get(key));
      this.#items.get(key).focus({ preventScroll: true });
    };
    const note = el("button", { type: "button", class: "note", "aria-label": `来源 ${number}`, onclick: go }, String(number));
    showsCard(note, () => [sourceLine(this.sources[key])]);
    return el("sup", {}, "\u2060", note);
  }

  list(part) {
    if (!this.#items.size) return [];
    return [part("来源"), el("ol", { class: "notes" }, ...this.#items.values())];
  }
}

/** Cuts the text at every place where something changes, and lays the pieces into headings and paragraphs. */
class Layout {
  constructor(doc, cut, notes, span) {
    Object.assign(this, { doc, cut, notes, span });
    this.ends = new Map(); // offset → sources of the statements that end there
    for (const { end, sources } of doc.attributions) this.ends.set(end, [...(this.ends.get(end) ?? []), ...sources]);
    const places = [...this.ends.keys(), ...doc.pages, ...(span ? [span.start, span.end] : [])];
    this.places = [...new Set(places)].sort((a, b) => a - b);
    this.pages = new Map(doc.pages.map((offset, before) => [offset, before + 1]));
  }

  blocks(level) {
    const blocks = [];
    let at = 0;
    for (const section of this.doc.sections) {
      blocks.push(...this.#headings(at, section.start, section.path.length, level), ...this.#paragraphs(section.start, section.end));
      at = section.end;
    }
    const end = length(this.doc.text);
    blocks.push(...(at ? this.#headings(at, end, 1, level) : this.#paragraphs(0, end)));
    return blocks;
  }

  /** What stands between two sections: one heading a line, the last one the deepest. */
  #headings(start, end, depth, level) {
    const lines = this.cut(start, end).split("\n").filter((line) => line.trim());
    return lines.map((line, i) => el(`h${Math.max(level, Math.min(6, level + depth - lines.length + i))}`, {}, line));
  }

  #paragraphs(start, end) {
    const paragraphs = [el("p")];
    const inside = this.places.filter((place) => start < place && place < end);
    [start, ...inside].forEach((from, i) => {
      const to = inside[i] ?? end;
      if (this.pages.has(from)) paragraphs.at(-1).append(el("span", { class: "page-mark" }, `第 ${this.pages.get(from)} 页`));
      this.cut(from, to).split("\n\n").forEach((piece, j) => {
        if (j) paragraphs.push(el("p"));
        if (piece) paragraphs.at(-1).append(this.#marked(from, to) ? el("mark", {}, piece) : piece);
      });
      paragraphs.at(-1).append(...(this.ends.get(to) ?? []).map((key) => this.notes.mark(key)));
    });
    return paragraphs.filter((paragraph) => paragraph.hasChildNodes());
  }

  #marked(from, to) {
    return this.span !== null && this.span.start <= from && to <= this.span.end;
  }
}

function disagreements(doc, cut, part) {
  if (!doc.disagreements.length) return [];
  const topics = doc.disagreements.flatMap(({ topic, spans }) => [
    el("dt", {}, topic),
    ...spans.map(([start, end]) => el("dd", {}, cut(start, end))),
  ]);
  return [part("各来源说法不一之处"), el("dl", { class: "topics" }, ...topics)];
}

function nearDuplicates(others, part) {
  if (!others.length) return null;
  const items = others.map(({ id, title, resemblance }) =>
    el("li", {}, el("a", { href: documentAddress(id) }, title), ` · 相像 ${Math.round(100 * resemblance)}%`),
  );
  return el("div", {}, part("几乎相同的文档"), el("ul", { class: "near-duplicates" }, ...items));
}

/** Links to the related documents that exist; filled in when their titles are known. */
function related(ids, part) {
  if (!ids.length) return null;
  const box = el("div");
  titlesOf(ids).then((titles) => {
    const items = [...titles].map(([id, title]) => el("li", {}, el("a", { href: documentAddress(id) }, title)));
    if (items.length) box.append(part("相关文档"), el("ul", { class: "related" }, ...items));
  });
  return box;
}
