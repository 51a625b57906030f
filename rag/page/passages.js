/** The ranked passages under an answer: relevance, ranks of both legs, heading path, best sentence marked. */

import { citationLink } from "./citations.js";
import { el } from "./dom.js";
import { headingPath, relevanceWord } from "./words.js";

let wanted = false; // whether the reader last opened or closed the passages under an answer

const LEGS = [["lexical", "词面"], ["dense", "稠密"]];

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
  );
}

function passageItem({ rank, relevance, citation, scores }) {
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
    el("p", { class: "passage-text" }, citation.before, el("mark", {}, citation.quote), citation.after),
    el("p", { class: "fine" }, LEGS.map(([leg, word]) => legWord(word, scores[leg])).join(" · ")),
  );
}

const legWord = (word, hit) => (hit ? `${word}第 ${hit.rank}` : `${word}未入选`);

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
