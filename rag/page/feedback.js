/** Whether an answer helped: one press, a reason if it did not, and a way to take it back. */

import { sendFeedback, takeBackFeedback } from "./api.js";
import { announce, bringIntoView, button, el, icon } from "./dom.js";
import { problemCard } from "./problem_card.js";

const LONGEST = 500; // characters of a remark
const CLOSED = [403, 404, 405]; // what a service answers that takes no feedback

const REASONS = {
  answered: [
    ["wrong", "内容有误"],
    ["incomplete", "不完整"],
    ["irrelevant", "答非所问"],
    ["outdated", "已经过时"],
    ["should_refuse", "资料里没有，不该回答"],
    ["other", "其他"],
  ],
  no_answer: [
    ["should_answer", "资料里有，应当能答"],
    ["irrelevant", "最接近的段落不相关"],
    ["other", "其他"],
  ],
};
const UP = "M6.5 9 10 2.5c1.2 0 2 .9 2 2V8h4.1c1 0 1.7.9 1.5 1.9l-1.1 5.5c-.2.7-.8 1.1-1.5 1.1H6.5m0-7.5v7.5m0-7.5H3v7.5h3.5";
const DOWN = "M6.5 11 10 17.5c1.2 0 2-.9 2-2V12h4.1c1 0 1.7-.9 1.5-1.9l-1.1-5.5c-.2-.7-.8-1.1-1.5-1.1H6.5m0 7.5V3.5m0 7.5H3V3.5h3.5";

const service = new EventTarget(); // fires "closed" when it turns out that no feedback is taken
let closed = false;

/**
 * The controls under one answer.
 * @param {import("./history.js").Turn} turn gets `feedback` when it was sent and loses it when it is taken back
 * @param {function(): void} changed keeps the turn
 */
export function feedbackControls(turn, changed) {
  return new Feedback(turn, changed).element;
}

class Feedback {
  constructor(turn, changed) {
    Object.assign(this, { turn, changed });
    this.element = el("div", { class: "feedback", role: "group", "aria-label": "对这个回答的反馈" });
    service.addEventListener("closed", () => (this.element.hidden = true));
    this.element.hidden = closed;
    this.#showStanding();
  }

  #showStanding() {
    if (this.turn.feedback) this.#showSent();
    else this.#showChoice();
  }

  #showChoice() {
    this.element.replaceChildren(
      thumb(UP, "有帮助", () => this.#send({ helpful: true, reason: null, comment: null })),
      thumb(DOWN, "没帮助", () => this.#showForm()),
    );
  }

  #showForm() {
    const reasons = REASONS[this.turn.reply.status].map(([value, word]) =>
      el("label", { class: "reason" }, el("input", { type: "radio", name: "reason", value }), word));
    const remark = el("textarea", { rows: 2, maxlength: LONGEST, placeholder: "可以补充说明（不必填）", "aria-label": "补充说明" });
    const send = (event) => {
      event.preventDefault();
      const reason = form.querySelector("input:checked")?.value ?? null;
      this.#send({ helpful: false, reason, comment: remark.value.trim() || null });
    };
    const cancel = () => {
      this.#showChoice();
      this.element.lastElementChild.focus();
    };
    const form = el(
      "form",
      { class: "feedback-form", onsubmit: send, onkeydown: (event) => event.key === "Escape" && cancel() },
      el("fieldset", {}, el("legend", {}, "哪里不好？"), ...reasons),
      remark,
      el("p", { class: "fine" }, "问题、回答和引文的位置会发给本服务保存，用来改进回答；可以收回。"),
      el("button", { type: "submit", class: "button" }, "发送反馈"),
      button("取消", cancel, { class: "link-button" }),
    );
    this.element.replaceChildren(form);
    form.querySelector("input").focus({ preventScroll: true });
    bringIntoView(form);
  }

  #showSent() {
    const said = this.turn.feedback.helpful ? "已记下：有帮助。" : "已记下：没帮助。";
    this.element.replaceChildren(
      el("span", { class: "fine", tabindex: "-1" }, said),
      button("收回", () => this.#takeBack(), { class: "link-button", "aria-label": "收回反馈" }),
    );
  }

  async #send(verdict) {
    await this.#attempt(async () => {
      const { id } = await sendFeedback(feedbackOf(this.turn, verdict));
      this.turn.feedback = { id, helpful: verdict.helpful };
      announce("反馈已记下，谢谢");
    });
  }

  async #takeBack() {
    await this.#attempt(async () => {
      try {
        await takeBackFeedback(this.turn.feedback.id);
      } catch (problem) {
        if (problem.status !== 404) throw problem; // what is gone needs no taking back
      }
      delete this.turn.feedback;
      announce("反馈已收回");
    });
  }

  /** Do it, keep the turn and show how things stand; or tell what went wrong. */
  async #attempt(deed) {
    const pressed = this.element.contains(document.activeElement);
    this.element.setAttribute("aria-busy", "true");
    try {
      await deed();
      this.changed();
      this.#showStanding();
      if (pressed) this.element.firstElementChild.focus();
    } catch (problem) {
      this.#fail(problem, () => this.#attempt(deed));
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  #fail(problem, retry) {
    if (!this.turn.feedback && CLOSED.includes(problem.status)) {
      closed = true;
      service.dispatchEvent(new Event("closed"));
      this.element.hidden = false; // here the reader is told why; elsewhere the buttons just go
      const why = problem.status === 403 ? problem.detail : "这个服务不收集反馈。";
      this.element.replaceChildren(el("p", { class: "fine", role: "status" }, why));
      return;
    }
    const back = button("返回", () => this.#showStanding(), { class: "link-button" });
    this.element.replaceChildren(problemCard(problem, retry), back);
  }
}

function thumb(path, word, onclick) {
  return el("button", { type: "button", class: "link-button", onclick }, icon(path), word);
}

/** The body of the contract. */
function feedbackOf({ reply, request }, verdict) {
  const cited = reply.citations.length ? reply.citations : reply.passages.map(({ citation }) => citation);
  return {
    question: reply.question,
    resolved: reply.resolved_question === reply.question ? null : reply.resolved_question,
    status: reply.status,
    ...verdict,
    answer: reply.answer,
    passages: cited.map(({ document_id, start, end }) => ({ document_id, start, end })),
    trace_id: request ?? null,
  };
}
