/** One question and what becomes of it on the page: waiting, slow, growing, answered, failed, stopped. */

import { showReply } from "./answer.js";
import { bringIntoView, button, el } from "./dom.js";
import { feedbackControls } from "./feedback.js";
import { RELATED, passageList } from "./passages.js";
import { problemCard } from "./problem_card.js";

const SLOW = 1000; // milliseconds after which the wait is told

export class TurnView {
  #resolved = el("p", { class: "resolved", hidden: true });
  #reply = el("div", { class: "reply", "aria-busy": "false" });
  #slow = 0;
  #text = null;
  #passages = null;

  /**
   * @param {string} question
   * @param {function(string): void} edit puts a question into the question box
   */
  constructor(question, edit) {
    this.edit = edit;
    this.element = el("article", { class: "turn" }, el("h2", { class: "question" }, question), this.#resolved, this.#reply);
  }

  /** The question is on its way. */
  wait() {
    this.#text = this.#passages = null;
    const line = el("p", { class: "waiting" }, "正在检索…");
    this.#set([line, el("div", { class: "skeleton", "aria-hidden": "true" }, el("i"), el("i"), el("i"))], true);
    const since = performance.now();
    this.#slow = setInterval(() => {
      const seconds = Math.round((performance.now() - since) / 1000);
      line.textContent = seconds < 10 ? `还在检索，已 ${seconds} 秒…` : `比平时慢，已 ${seconds} 秒。可以再等等，或停止后重试。`;
    }, SLOW);
  }

  /** The passages are here, the words are not yet. */
  showPassages(passages) {
    this.#text = el("p", { class: "prose growing" });
    this.#passages = passageList(passages, RELATED);
    this.#set([this.#text, this.#passages], true);
  }

  /** Words of the answer, as they come; numbers become links when the answer is whole. */
  grow(text) {
    if (!this.#text) this.showPassages([]);
    this.#text.append(text);
  }

  /**
   * The answer is whole.
   * @param {import("./history.js").Turn} turn
   * @param {function(): void} changed is told when there is more to keep of the turn
   */
  finish(turn, changed) {
    const { reply } = turn;
    if (reply.resolved_question !== reply.question) this.#showResolved(reply.resolved_question);
    const passages = this.#passages ?? passageList(reply.passages, RELATED); // what is on the page already stays there
    this.#set(showReply(reply, feedbackControls(turn, changed), passages), false);
  }

  fail(problem, retry) {
    this.#set([problemCard(problem, retry)], false);
  }

  stop(retry) {
    this.#set([el("p", { class: "waiting" }, "已停止。"), button("重新提问", retry)], false);
  }

  intoView() {
    bringIntoView(this.element, "start");
  }

  #showResolved(question) {
    this.#resolved.hidden = false;
    this.#resolved.replaceChildren(
      el("span", {}, `理解为：${question}`),
      button("修改", () => this.edit(question), { class: "link-button", "aria-label": "修改理解后的问题再问" }),
    );
  }

  #set(nodes, busy) {
    clearInterval(this.#slow);
    this.#reply.setAttribute("aria-busy", String(busy));
    this.#reply.replaceChildren(...nodes.filter(Boolean));
  }
}

