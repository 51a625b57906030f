/** Conversations kept in this browser, newest first. Nothing of them leaves it. */

/**
 * @typedef {{asked: number, reply: import("./api.js").Reply, request: ?string, feedback: ?{id: string, helpful: boolean}}} Turn
 *   asked in milliseconds since 1970; request is the id under which the service logged the question
 * @typedef {{id: string, title: string, updated: number, turns: Turn[]}} Conversation
 */

const KEY = "hangzhou-rag.conversations";
const MOST = 100; // conversations kept; the oldest goes first

/** Fires "change" when conversations come, grow or go, in this window or another. */
export const conversations = new EventTarget();

let unsaved = null; // what could not be written, for as long as the window is open

window.addEventListener("storage", (event) => event.key === KEY && changed());

/** @returns {Conversation} an empty one, kept only when it gets a turn */
export function newConversation() {
  return { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, title: "", updated: Date.now(), turns: [] };
}

/** @returns {Conversation[]} newest first */
export function keptConversations() {
  if (unsaved) return unsaved;
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isConversation) : [];
  } catch {
    return []; // storage is forbidden or was written by something else
  }
}

/** Keep a conversation as it is now. */
export function keep(conversation) {
  conversation.updated = Date.now();
  conversation.title ||= conversation.turns[0].reply.question;
  write([conversation, ...keptConversations().filter(({ id }) => id !== conversation.id)].slice(0, MOST));
}

export function forget(id) {
  write(keptConversations().filter((conversation) => conversation.id !== id));
}

export function forgetAll() {
  write([]);
}

/** What the service needs to understand a follow-up question: the latest turns, oldest first. */
export function historyOf({ turns }) {
  return turns.slice(-20).flatMap(({ reply }) => [
    { role: "user", content: reply.question },
    { role: "assistant", content: reply.answer.slice(0, 5000) },
  ]);
}

/** Write, leaving out the oldest conversations where the browser grants no more room. */
function write(list) {
  unsaved = null;
  for (let count = list.length; count >= 0; count -= Math.max(1, count >> 3)) {
    if (stored(list.slice(0, count))) break;
    unsaved = list;
  }
  changed();
}

function stored(list) {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
    return true;
  } catch {
    return false; // no room, or storage is forbidden
  }
}

const changed = () => conversations.dispatchEvent(new Event("change"));

/** Whether kept JSON has the shape that the page shows; an older or foreign shape is left out. */
function isConversation(kept) {
  const whole = ({ reply } = {}) =>
    typeof reply?.question === "string" && typeof reply.answer === "string" &&
    [reply.statements, reply.citations, reply.passages].every(Array.isArray);
  return typeof kept?.id === "string" && typeof kept.title === "string" && Array.isArray(kept.turns) && kept.turns.every(whole);
}
