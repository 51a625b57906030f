/** Sources that disagree: which statements of an answer belong together, and how they stand side by side. */

import { readDocument } from "./api.js";
import { citationMark } from "./citations.js";
import { el } from "./dom.js";
import { sourceDate } from "./words.js";

/**
 * Sort the statements of an answer into topics on which the documents mark a disagreement.
 * Where the documents cannot be had, all statements form one group: better too much side by side than too little.
 * @param {import("./api.js").Reply} reply
 * @returns {Promise<{groups: {topic: string, statements: object[]}[], rest: object[]}>}
 */
export async function groupsOf(reply) {
  const topics = await topicsOf(reply.citations);
  const groups = new Map();
  const rest = [];
  for (const statement of reply.statements) {
    const topic = statement.citations.map((number) => topics.get(number)).find(Boolean);
    if (topic) groups.set(topic, [...(groups.get(topic) ?? []), statement]);
    else rest.push(statement);
  }
  const several = [...groups].filter(([, statements]) => statements.length > 1);
  if (!several.length) return { groups: [{ topic: "", statements: reply.statements }], rest: [] };
  const alone = [...groups.values()].filter((statements) => statements.length === 1).flat();
  return { groups: several.map(([topic, statements]) => ({ topic, statements })), rest: [...alone, ...rest] };
}

/** Statements side by side, each under its date and publisher. */
export function comparison({ topic, statements }, citations) {
  const byNumber = new Map(citations.map((citation) => [citation.index, citation]));
  const cards = statements.map((statement) => {
    const cited = statement.citations.map((number) => byNumber.get(number)).filter(Boolean);
    const source = cited[0]?.sources[0];
    return el(
      "li",
      { class: "rival" },
      el("p", { class: "rival-head" }, el("span", { class: "rival-date" }, source ? sourceDate(source) : "来源未注明"), source?.publisher ?? ""),
      el("p", { class: "prose" }, el("span", { class: "statement" }, statement.text), ...cited.map(citationMark)),
    );
  });
  return el(
    "section",
    { class: "rivals", "aria-label": "各来源说法不一" },
    el("p", { class: "rivals-title" }, topic ? `各来源说法不一：${topic}` : "各来源说法不一"),
    el("ul", {}, ...cards),
  );
}

/** Citation number → topic of the disagreement that its sentence is part of. */
async function topicsOf(citations) {
  const topics = new Map();
  const ids = [...new Set(citations.map((citation) => citation.document_id))];
  const documents = await Promise.allSettled(ids.map((id) => readDocument(id)));
  documents.forEach(({ value }, i) => {
    for (const { topic, spans } of value?.disagreements ?? []) {
      for (const citation of citations) {
        const inside = spans.some(([start, end]) => start < citation.end && citation.start < end);
        if (citation.document_id === ids[i] && inside) topics.set(citation.index, topic);
      }
    }
  });
  return topics;
}
