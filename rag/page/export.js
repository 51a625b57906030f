/** Answers and conversations as text that can be pasted or kept: Markdown, GB/T 7714—2015, JSON. Pure functions. */

import { isoDay, sourceDate } from "./words.js";

/** An answer with footnotes: quote, document, sources. */
export function answerAsMarkdown(reply, prefix = "") {
  const text = reply.statements.map((s) => plain(s.text) + s.citations.map((n) => `[^${prefix}${n}]`).join("")).join("");
  const notes = reply.citations.map((citation) => `[^${prefix}${citation.index}]: ${noteOf(citation)}`);
  return [text || reply.answer, notes.join("\n")].filter(Boolean).join("\n\n");
}

/** An answer with numbered references as GB/T 7714—2015 writes them; one source has one number. */
export function answerWithReferences(reply, day = isoDay()) {
  const numbers = new Map(); // reference → number, in order of first use
  const cited = new Map(reply.citations.map((citation) => [citation.index, citation]));
  const marksOf = (number) => referencesOf(cited.get(number), day).map((reference) => {
    if (!numbers.has(reference)) numbers.set(reference, numbers.size + 1);
    return numbers.get(reference);
  });
  const text = reply.statements.map((statement) => {
    const marks = [...new Set(statement.citations.filter((number) => cited.has(number)).flatMap(marksOf))];
    return statement.text + (marks.length ? `[${marks.sort((a, b) => a - b).join(",")}]` : "");
  });
  const references = [...numbers].map(([reference, number]) => `[${number}] ${reference}`);
  return `${text.join("")}\n\n参考文献\n${references.join("\n")}`;
}

/** A whole conversation as Markdown. */
export function conversationAsMarkdown({ title, turns }) {
  const parts = turns.map(({ reply }, i) => {
    const understood = reply.resolved_question === reply.question ? "" : `\n\n理解为：${plain(reply.resolved_question)}`;
    return `## ${plain(reply.question)}${understood}\n\n${answerAsMarkdown(reply, `${i + 1}-`)}`;
  });
  return `# ${plain(title)}\n\n${parts.join("\n\n")}\n`;
}

/** A whole conversation as JSON: every reply as the service gave it. */
export function conversationAsJson({ title, turns }) {
  return JSON.stringify({ title, turns: turns.map(({ asked, reply }) => ({ asked: new Date(asked).toISOString(), ...reply })) }, null, 2);
}

/** A file name made of the title. */
export function fileName(title, suffix) {
  const name = title.replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]+/gu, " ").trim().slice(0, 60);
  return `${name || "对话"}.${suffix}`;
}

function noteOf(citation) {
  const where = [citation.title, ...citation.section].map(plain).join(" › ");
  const sources = citation.sources.map((source) => {
    const facts = [`《${plain(source.title)}》`, source.publisher, source.number, source.author, sourceDate(source)].filter(Boolean).map(plain);
    return facts.join("，") + (source.url ? `，<${source.url.replace(/[<>\s]/g, encodeURIComponent)}>` : "");
  });
  return `“${plain(citation.quote)}”——${[where, ...sources].join("；")}`;
}

/** References of a citation: its sources, or the document itself where no source is known. */
function referencesOf(citation, day) {
  if (!citation.sources.length) return [`${oneLine(citation.title)}[Z]. 文档编号 ${citation.document_id}.`];
  return citation.sources.map((source) => {
    const head = (source.author ? `${oneLine(source.author)}. ` : "") + oneLine(source.title);
    const issue = issueOf(source);
    return source.url ? `${head}[EB/OL]. ${issue}[${day}]. ${source.url}.` : `${head}[Z].${issue && ` ${issue}.`}`;
  });
}

/** «出版者, 2023(2023-01-03)», as far as known. */
function issueOf({ publisher, date }) {
  const exact = date.length > 4 ? `(${date})` : "";
  if (!publisher) return exact || date;
  return [oneLine(publisher), date.slice(0, 4)].filter(Boolean).join(", ") + exact;
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();

/** Text that Markdown will show as it is. */
function plain(text) {
  return oneLine(text).replace(/[\\`*_[\]<>#|~]/g, "\\$&");
}
