/** An answer on the page: quoted sentences with numbers, sources side by side where they disagree, or an honest no. */

import { answerActions } from "./actions.js";
import { citationList, citationMark } from "./citations.js";
import { comparison, groupsOf } from "./disagreement.js";
import { el } from "./dom.js";
import { NEAREST, passageList } from "./passages.js";
import { relevanceWord } from "./words.js";

const DEGRADED = new Map([
  ["generation_unavailable", "大模型暂不可用，这里是由原文句子组成的回答。"],
  ["generation_timeout", "大模型没有按时答完。"],
  ["generation_failed", "大模型出错，没有答完。"],
  ["generation_unsupported", "大模型的措辞没有原文依据，已换成由原文句子组成的回答。"],
  ["reranker_unavailable", "重排模型暂不可用，段落按通常的次序排列。"],
  ["reranker_timeout", "重排模型没有按时读完，段落按通常的次序排列。"],
  ["reranker_failed", "重排模型出错，段落按通常的次序排列。"],
]);

/**
 * @param {import("./api.js").Reply} reply
 * @param {HTMLElement} feedback the controls that say whether it helped
 * @param {?HTMLElement} passages the list of passages for an answer; where none was found it is made anew
 * @returns {HTMLElement[]} answer, sources, actions, passages
 */
export function showReply(reply, feedback, passages) {
  return reply.status === "answered" ? answered(reply, feedback, passages) : notFound(reply, feedback);
}

/** The text of statements with their numbers, as one paragraph. */
export function prose(statements, citations) {
  const byNumber = new Map(citations.map((citation) => [citation.index, citation]));
  const parts = statements.flatMap(({ text, citations: numbers }) => [
    el("span", { class: "statement" }, text),
    ...numbers.filter((number) => byNumber.has(number)).map((number) => citationMark(byNumber.get(number))),
  ]);
  return el("p", { class: "prose" }, ...parts);
}

function answered(reply, feedback, passages) {
  const body = el("div", { class: "answer" }, prose(reply.statements, reply.citations));
  if (reply.disagreement) setSideBySide(body, reply);
  return [
    body,
    ...lacking(reply),
    citationList(reply.citations),
    el("div", { class: "under" }, answerActions(reply), feedback),
    passages,
    byline(reply),
  ];
}

/** Of what was compared, the sides on which nothing was found. */
function lacking({ unanswered = [] }) {
  return unanswered.length ? [el("p", { class: "fine" }, `关于${unanswered.map((side) => `「${side}」`).join("、")}，语料中没有找到可以比较的内容。`)] : [];
}

function notFound(reply, feedback) {
  const nearest = reply.passages.length > 0;
  return [
    el(
      "div",
      { class: "answer not-found" },
      el("p", { class: "prose" }, reply.answer),
      el("p", { class: "fine" }, nearest ? "下面是最接近的段落，它们未必回答了这个问题。也可以换一种说法再问。" : "可以换一种说法再问，或者先上传相关文档。"),
    ),
    el("div", { class: "under" }, feedback),
    passageList(reply.passages, NEAREST),
    byline(reply),
  ];
}

/** Replace the statements that disagree by a comparison, once the documents have told which they are. */
async function setSideBySide(body, reply) {
  const { groups, rest } = await groupsOf(reply);
  body.replaceChildren(...(rest.length ? [prose(rest, reply.citations)] : []), ...groups.map((group) => comparison(group, reply.citations)));
}

function byline(reply) {
  const made = reply.generated_by === "extractive" ? "由原文句子组成" : `由 ${reply.generated_by} 措辞`;
  const took = reply.timing_ms?.total;
  const facts = [
    reply.status === "answered" && made,
    `相关度 ${relevanceWord(reply.relevance)}`,
    took !== undefined && `检索用时 ${took < 10 ? took.toFixed(1) : Math.round(took)} 毫秒`,
    `资料第 ${reply.generation} 版`,
  ];
  const notes = (reply.degraded ?? []).map((code) => DEGRADED.get(code) ?? `部分功能暂不可用（${code}）`);
  return el("p", { class: "fine byline" }, facts.filter(Boolean).join(" · "), ...notes.map((note) => el("span", { class: "degraded" }, note)));
}
