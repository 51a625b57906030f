/** What can be done with one answer: copy it with its citations, or copy a link that asks it again. */

import { copyText } from "./clipboard.js";
import { announce, button, el } from "./dom.js";
import { answerAsMarkdown, answerWithReferences } from "./export.js";

/** @param {import("./api.js").Reply} reply */
export function answerActions(reply) {
  return el(
    "div",
    { class: "actions" },
    copyButton("复制 Markdown", () => answerAsMarkdown(reply)),
    copyButton("复制 GB/T 7714", () => answerWithReferences(reply)),
    copyButton("复制链接", () => `${location.origin}/?q=${encodeURIComponent(reply.resolved_question)}`),
  );
}

function copyButton(label, text) {
  const copy = async ({ currentTarget: pressed }) => {
    const copied = await copyText(text());
    pressed.textContent = copied ? "已复制" : "复制失败";
    announce(pressed.textContent);
    setTimeout(() => (pressed.textContent = label), 1600);
  };
  return button(label, copy, { class: "link-button" });
}
