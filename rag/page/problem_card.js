/** A failure as the reader sees it: what happened, what to do, and a way to try again. */

import { button, el } from "./dom.js";
import { askForKey } from "./key_dialog.js";

/**
 * @param {import("./api.js").Problem|Error} problem
 * @param {?function(): void} retry
 */
export function problemCard(problem, retry = null) {
  const otherKey = async () => (await askForKey(problem.detail)) && retry?.();
  const errors = Array.isArray(problem.errors) ? problem.errors : [];
  return el(
    "div",
    { class: "problem", role: "alert" },
    el("p", { class: "problem-title" }, problem.title ?? "页面遇到意外错误"),
    el("p", {}, problem.detail ?? String(problem.message)),
    errors.length > 0 && el("ul", {}, ...errors.map(({ pointer, detail }) => el("li", {}, `${pointer}：${detail}`))),
    problem.wait > 0 && el("p", {}, `请在 ${problem.wait} 秒后再试。`),
    problem.requestId && el("p", { class: "fine" }, `请求编号 ${problem.requestId}`),
    retry && button(problem.status === 401 ? "输入密钥" : "重试", retry),
    problem.code === "role_too_low" && button("换一个密钥", otherKey),
  );
}
