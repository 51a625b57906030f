/** The side panel: the cited document, open at the exact sentence. A bottom sheet on small screens. */

import { readDocument } from "./api.js";
import { lostCitation, showDocument } from "./document_view.js";
import { button, byId, el } from "./dom.js";
import { problemCard } from "./problem_card.js";
import { documentAddress } from "./router.js";
import { holds } from "./spans.js";

const SMALL = matchMedia("(max-width: 1023px)");

const panel = byId("panel");
let opener = null;
let loading = null;

panel.addEventListener("close", () => {
  loading?.abort();
  document.body.classList.remove("panel-open");
  if (opener?.isConnected) opener.focus();
});
panel.addEventListener("click", (event) => event.target === panel && panel.close()); // the veil around a sheet
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !document.querySelector("dialog:modal")) closePanel();
});

/**
 * Open the document of a citation, with its sentence marked.
 * @param {import("./api.js").Citation} citation
 * @param {HTMLElement} from gets the focus back when the panel closes
 */
export async function openCitation(citation, from) {
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  const body = openPanel(citation, from);
  try {
    const document_ = await readDocument(citation.document_id, signal);
    if (signal.aborted) return;
    const exact = holds(document_.text, citation);
    const shown = showDocument(document_, { span: exact ? citation : null, nested: true });
    body.replaceChildren(...(exact ? [] : [lostCitation(citation, "文档已经更新，这句话不在原来的位置。当时的引文：")]), shown);
    scrollToMark(body);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    const gone = problem.status === 404;
    body.replaceChildren(
      gone ? lostCitation(citation, "这份文档已经删除。当时的引文：") : problemCard(problem, () => openCitation(citation, from)),
    );
  }
}

/** Close the panel if it is open. */
export function closePanel() {
  if (panel.open) panel.close();
}

function openPanel(citation, from) {
  const title = el("h2", { id: "panel-title", class: "panel-title", tabindex: "-1" }, citation.title);
  const body = el("div", { class: "panel-body", tabindex: "0", role: "region", "aria-label": "原文" }, el("p", { class: "waiting" }, "正在打开原文…"));
  const whole = el("a", { class: "link-button", href: documentAddress(citation.document_id, citation), onclick: () => panel.close() }, "全文页");
  const close = button("关闭", () => panel.close(), { class: "link-button", "aria-keyshortcuts": "Escape" });
  panel.replaceChildren(el("div", { class: "panel-head" }, title, whole, close), body);
  if (!panel.open) {
    if (SMALL.matches) panel.showModal();
    else panel.show();
  }
  opener = from;
  document.body.classList.add("panel-open");
  title.focus();
  return body;
}

/** Scroll the panel alone, so that the sentence stands in its upper half. */
function scrollToMark(body) {
  const mark = body.querySelector("mark");
  if (!mark) return;
  const offset = mark.getBoundingClientRect().top - body.getBoundingClientRect().top;
  body.scrollTop += offset - body.clientHeight / 3;
}
