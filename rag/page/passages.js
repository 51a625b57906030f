/** The ranked passages under an answer: relevance, ranks and shares of both legs, best sentence and matched words marked. */

import { citationLink } from "./citations.js";
import { el, webAddress, webLink } from "./dom.js";
import { documentAddress } from "./router.js";
import { cutter, length } from "./spans.js";
import { headingPath, relevanceWord } from "./words.js";

let wanted = false; // whether the reader last opened or closed the passages under an answer

const LEGS = [["lexical", "词面"], ["dense", "稠密"]];

/** How passages are shown under an answer, and where none was found. */
export const RELATED = { title: "相关段落", open: false };
export const NEAREST = { title: "最接近的段落", open: true };

/**
 * @param {import("./api.js").Passage[]} passages best first
 * @param {{title: string, open: boolean}} options
 */
export function passageList(passages, { title, open }) {
  if (!passages.length) return null;
  const remember = ({ target }) => !open && (wanted = target.open);
  return el(
    "details",
    { class: "passages", open: open || wanted, ontoggle: remember },
    el("summary", {}, `${title}（${passages.length}）`),
    el("ol", {}, ...passages.map(passageItem)),
    el("p", { class: "fine legend" }, el("mark", {}, "底色"), "是最切题的一句，", el("em", { class: "hit" }, "下划线"), "是与问题相合的词；右边的数是这个段落能回答问题的概率。"),
  );
}

function passageItem(passage) {
  const { rank, relevance, citation, scores } = passage;
  return el(
    "li",
    { class: "passage" },
    el(
      "div",
      { class: "passage-head" },
      el("span", { class: "passage-rank", "aria-hidden": "true" }, String(rank)),
      citationLink(citation, headingPath(citation.title, citation.section), { class: "passage-title" }),
      relevanceBar(relevance),
    ),
    el("p", { class: "passage-text" }, ...markedText(passage)),
    alsoIn(passage.also_in ?? []),
    legs(scores),
  );
}

/** The other documents that hold the passage: where it was re-posted or quoted. */
function alsoIn(copies) {
  if (!copies.length) return null;
  const items = copies.map(({ document_id: id, title, publisher, date, address, start, end }) =>
    el(
      "li",
      {},
      el("a", { href: documentAddress(id, { start, end }) }, title),
      [publisher, date].filter(Boolean).map((fact) => ` · ${fact}`).join(""),
      webAddress(address) && " · ",
      webAddress(address) && webLink(address, "原网页"),
    ),
  );
  return el("div", { class: "also-in fine" }, el("span", {}, "另见"), el("ul", {}, ...items));
}

/** The passage in pieces: words that match the question, inside and outside the best sentence. */
function markedText({ text, citation, matches }) {
  const { before, quote, after } = citation;
  const known = before + quote + after === text ? matches ?? [] : []; // conversations kept by older pages have none
  const [start, end] = [length(before), length(before) + length(quote)];
  const cut = cutter(before + quote + after);
  const piece = (from, to) => withHits(from, to, known, cut);
  return [...piece(0, start), el("mark", {}, ...piece(start, end)), ...piece(end, end + length(after))];
}

/** [from, to) as text nodes and marked words; all in code points of the passage. */
function withHits(from, to, matches, cut) {
  const nodes = [];
  let at = from;
  for (const [start, end] of matches) {
    const [left, right] = [Math.max(start, from), Math.min(end, to)];
    if (left >= right) continue;
    nodes.push(cut(at, left), el("em", { class: "hit" }, cut(left, right)));
    at = right;
  }
  return [...nodes, cut(at, to)].filter(Boolean);
}

/** «词面第 1 · 稠密第 3», and how much each of them adds. */
function legs(scores) {
  const shared = LEGS.every(([leg]) => scores[leg]?.share !== undefined);
  const words = LEGS.map(([leg, word]) => legWord(word, scores[leg], shared)).join(" · ");
  return el("p", { class: "fine legs" }, shared && shareBar(scores.lexical.share), words);
}

function legWord(word, hit, shared) {
  if (!hit) return `${word}未入选`;
  return shared ? `${word}第 ${hit.rank}，占 ${Math.round(100 * hit.share)}%` : `${word}第 ${hit.rank}`;
}

function shareBar(lexical) {
  const bar = el("span", { class: "share-lexical" });
  bar.style.width = `${Math.round(100 * lexical)}%`;
  return el("span", { class: "bar share", "aria-hidden": "true" }, bar);
}

function relevanceBar(relevance) {
  const bar = el("span", { class: "bar-fill" });
  bar.style.width = `${Math.round(100 * Math.min(Math.max(relevance, 0), 1))}%`;
  return el(
    "span",
    { class: "relevance", title: "能回答这个问题的概率" },
    el("span", { class: "visually-hidden" }, "相关度"),
    el("span", { class: "bar", "aria-hidden": "true" }, bar),
    el("span", { class: "relevance-number" }, relevanceWord(relevance)),
  );
}
