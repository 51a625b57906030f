/** The list of kept conversations: beside the thread on wide screens, in a drawer on small ones. */

import { confirmed } from "./dialogs.js";
import { announce, button, byId, el } from "./dom.js";
import { conversations, forget, forgetAll, keptConversations } from "./history.js";
import { momentWord } from "./words.js";

/**
 * @param {{open: function(object): void, current: function(): ?string, removed: function(?string): void}} chat
 *   open shows a conversation; current is the id shown; removed hears which one is gone (null: all)
 */
export function startHistory(chat) {
  const drawer = byId("drawer");
  const side = byId("side");
  const frame = side.parentElement;
  const show = () => byId("history").replaceChildren(...historyNodes(chat, () => drawer.open && drawer.close()));
  byId("open-history").addEventListener("click", () => {
    drawer.append(side);
    drawer.showModal();
  });
  byId("close-history").addEventListener("click", () => drawer.close());
  drawer.addEventListener("close", () => frame.prepend(side));
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  conversations.addEventListener("change", show);
  show();
  return { refresh: show, close: () => drawer.open && drawer.close() };
}

function historyNodes(chat, close) {
  const kept = keptConversations();
  if (!kept.length) return [el("p", { class: "fine" }, "问过的问题会留在这个浏览器里，只有你能看到。")];
  return [
    el("ul", { class: "history-list" }, ...kept.map((one) => item(one, chat, close))),
    button("清空历史", () => removeAll(chat), { class: "link-button" }),
  ];
}

function item(conversation, chat, close) {
  const open = () => {
    chat.open(conversation);
    close();
  };
  const here = conversation.id === chat.current();
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "history-open", "aria-current": here ? "true" : null, onclick: open },
      el("span", { class: "history-title" }, conversation.title),
      el("span", { class: "fine" }, `${momentWord(conversation.updated)} · ${conversation.turns.length} 问`),
    ),
    button("删除", () => removeOne(conversation, chat), { class: "history-delete", "aria-label": `删除对话：${conversation.title}` }),
  );
}

async function removeOne(conversation, chat) {
  if (!(await confirmed("删除这段对话？", `“${conversation.title}”将从这个浏览器中删除。`, "删除"))) return;
  forget(conversation.id);
  chat.removed(conversation.id);
  announce("对话已删除");
}

async function removeAll(chat) {
  if (!(await confirmed("清空历史？", "这个浏览器里的全部对话都会删除。", "清空"))) return;
  forgetAll();
  chat.removed(null);
  announce("历史已清空");
}
