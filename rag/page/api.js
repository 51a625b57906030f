/** The HTTP contract as the page uses it. Every failure is a Problem with a Chinese title and detail. */

import { currentKey, keyHeaders } from "./key.js";
import { NO_KEY, askForKey } from "./key_dialog.js";
import { readEvents } from "./stream.js";

/**
 * @typedef {{title: string, publisher: string, author: string, date: string, date_note: string, url: string}} Source
 * @typedef {{index: number, document_id: string, title: string, section: string[], page: ?number, start: number,
 *   end: number, quote: string, before: string, after: string, sources: Source[]}} Citation
 * @typedef {{document_id: string, title: string, publisher: string, date: string, address: string, start: number,
 *   end: number}} Copy
 * @typedef {{rank: number, relevance: number, passage_id: string, text: string, also_in: Copy[], citation: Citation,
 *   matches: [number, number][], scores: Object<string, {score: number, rank: number, share: number}>}} Passage
 * @typedef {{question: string, resolved_question: string, status: "answered"|"no_answer", answer: string,
 *   statements: {text: string, citations: number[]}[], disagreement: boolean, unanswered: string[], citations: Citation[],
 *   passages: Passage[], relevance: number, generated_by: string, generation: number,
 *   timing_ms: Object<string, number>, degraded: string[]}} Reply
 * @typedef {{id: string, title: string, aliases: string[], kind: string, districts: string[], date: string,
 *   characters: number, origin: string, near_duplicates: {id: string, title: string, resemblance: number}[]}} Summary
 */

/** What went wrong, in words for the reader. code "unreachable" means that no answer came at all. */
export class Problem extends Error {
  constructor({ title = "请求失败", detail = "", status = 0, code = "", request_id = "", errors = [], wait = 0 }) {
    super(`${title}：${detail}`);
    Object.assign(this, { title, detail, status, code, requestId: request_id, errors, wait });
  }
}

/** Fires "lost" when the service cannot be reached and "held" when it answers. */
export const connection = new EventTarget();

const unreachable = () =>
  new Problem({ code: "unreachable", title: "连不上问答服务", detail: "请检查网络，或确认服务正在运行，然后重试。" });

/**
 * Ask, and give the events as they arrive: retrieval, delta, citation, done; each with the id of the request.
 * @param {string} question
 * @param {{role: string, content: string}[]} history oldest first
 * @param {AbortSignal} signal
 */
export async function* ask(question, history, signal) {
  const response = await request("/v1/ask", json("POST", { question, history, stream: true }, signal));
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    yield { name: "done", body: await response.json(), request: idOf(response) };
    return;
  }
  try {
    for await (const event of readEvents(response.body)) {
      if (event.name === "error") throw new Problem(event.body);
      yield { ...event, request: idOf(response) };
      if (event.name === "done") return;
    }
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
  }
  throw new Problem({ code: "interrupted", title: "回答中断了", detail: "连接在回答结束之前断开，请重试。" });
}

/**
 * @param {{limit?: number, cursor?: string, q?: string, kind?: string, district?: string, from?: string, to?: string}} wanted
 *   empty ones are left out; q: words of the title; from, to: YYYY, YYYY-MM or YYYY-MM-DD
 * @returns {Promise<{documents: Summary[], total: number, next_cursor: ?string}>}
 */
export async function listDocuments({ limit = 1000, ...wanted } = {}) {
  const query = new URLSearchParams({ limit });
  for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
  return (await request(`/v1/documents?${query}`)).json();
}

export async function readDocument(id, signal) {
  return (await request(`/v1/documents/${encodeURIComponent(id)}`, { signal })).json();
}

export async function deleteDocument(id) {
  await request(`/v1/documents/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Upload one file; the id comes from its content or its path. With replace it may take the place of one of its name. */
export async function uploadDocument(file, replace = false) {
  const form = new FormData();
  form.append("file", file, file.webkitRelativePath || file.name);
  return (await request(`/v1/documents${replace ? "?replace=true" : ""}`, { method: "POST", body: form })).json();
}

/** @returns {Promise<{id: string}>} */
export async function sendFeedback(feedback) {
  return (await request("/v1/feedback", json("POST", feedback))).json();
}

export async function takeBackFeedback(id) {
  await request(`/v1/feedback/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export async function readDescription() {
  return (await request("/openapi.json")).json();
}

export async function readStats() {
  return (await request("/v1/stats")).json();
}

/** Resolves if the service can answer questions. */
export async function checkReady() {
  await request("/health/ready", { signal: AbortSignal.timeout(3000) });
}

const json = (method, body, signal) => ({
  method,
  signal,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

const idOf = (response) => response.headers.get("x-request-id");

/** Send a request with the reader's key; where the service wants one or another, ask for it and send again. */
async function request(path, options = {}) {
  for (;;) {
    const key = currentKey();
    const response = await reached(path, { ...options, headers: { ...options.headers, ...keyHeaders(key) } });
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status === 401 && !key) problem.detail = NO_KEY;
    const changed = currentKey() !== key; // given while this request was under way
    if (problem.status !== 401 || !(changed || (await askForKey(problem.detail)))) throw problem;
  }
}

async function reached(path, options) {
  try {
    const response = await fetch(path, options);
    connection.dispatchEvent(new Event("held"));
    return response;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    connection.dispatchEvent(new Event("lost"));
    throw unreachable();
  }
}

/** The problem+json of a response; anything else (a proxy's page) is told by its status alone. */
async function problemOf(response) {
  const wait = Number(response.headers.get("retry-after")) || 0;
  try {
    return new Problem({ ...(await response.json()), status: response.status, wait });
  } catch {
    return new Problem({ title: "服务没有正常回应", detail: `HTTP 状态 ${response.status}`, status: response.status, wait });
  }
}
