/** The conversation on the page: asks, shows what comes, keeps what was answered. */

import { ask, readStats } from "./api.js";
import { Composer } from "./composer.js";
import { saveFile } from "./clipboard.js";
import { announce, button, byId, el } from "./dom.js";
import { conversationAsJson, conversationAsMarkdown, fileName } from "./export.js";
import { historyOf, keep, newConversation } from "./history.js";
import { startHistory } from "./history_list.js";
import { closePanel } from "./panel.js";
import { TurnView } from "./turn.js";

const EXAMPLES = [
  "linkpark产业社区占地多少亩？",
  "梦想小镇规划面积多少？",
  "紫金港科技城面积多少？",
  "云栖小镇是哪年开始建设的？",
  "标准地是什么？",
  "linkpark的邻里中心有什么设施？",
  "梦创社区有多少家企业？",
  "建德航空小镇有多少企业？",
];

export class Chat {
  #conversation = newConversation();
  #underway = null; // AbortController of the question that is being answered
  #composer;
  #history;

  constructor() {
    this.#composer = new Composer({
      ask: (question) => this.ask(question),
      stop: () => this.#underway?.abort(),
      last: () => this.#conversation.turns.at(-1)?.reply.question ?? "",
    });
    this.#history = startHistory({
      open: (conversation) => this.open(conversation),
      current: () => this.#conversation.id,
      removed: (id) => (id === null || id === this.#conversation.id) && this.start(),
    });
    byId("new-conversation").addEventListener("click", () => this.start());
    byId("export-markdown").addEventListener("click", () => this.#save("md", "text/markdown", conversationAsMarkdown));
    byId("export-json").addEventListener("click", () => this.#save("json", "application/json", conversationAsJson));
    showCorpus((question) => this.ask(question));
  }

  focus() {
    this.#composer.focus();
  }

  /** Begin a new, empty conversation. */
  start() {
    this.open(newConversation());
    this.focus();
  }

  /** Show a kept conversation. */
  open(conversation) {
    this.#underway?.abort();
    closePanel();
    this.#conversation = conversation;
    location.hash = "#/";
    byId("thread").replaceChildren();
    for (const turn of conversation.turns) this.#addTurn(turn.reply.question).finish(turn, () => keep(conversation));
    byId("thread").lastElementChild?.scrollIntoView({ block: "start" });
    this.#showState();
    this.#history.close();
    this.#history.refresh();
  }

  /** Ask within the conversation. */
  async ask(question) {
    this.#underway?.abort();
    const turn = this.#addTurn(question);
    this.#showState();
    turn.intoView();
    await this.#answer(question, turn);
  }

  async #answer(question, turn) {
    const conversation = this.#conversation;
    const underway = (this.#underway = new AbortController());
    const again = () => this.#answer(question, turn);
    this.#composer.busy = true;
    turn.wait();
    try {
      const answered = await receive(ask(question, historyOf(conversation), underway.signal), turn);
      turn.finish(answered, () => keep(conversation));
      conversation.turns.push(answered);
      keep(conversation);
      announce(`回答：${answered.reply.answer}`);
    } catch (problem) {
      if (problem.name === "AbortError") turn.stop(again);
      else turn.fail(problem, again);
    } finally {
      if (this.#underway === underway) {
        this.#underway = null;
        this.#composer.busy = false;
      }
      this.#showState();
    }
  }

  #addTurn(question) {
    const turn = new TurnView(question, (text) => this.#composer.fill(text));
    byId("thread").append(turn.element);
    return turn;
  }

  #showState() {
    byId("chat").toggleAttribute("data-empty", !byId("thread").hasChildNodes());
    byId("conversation-bar").hidden = !this.#conversation.turns.length;
    byId("conversation-size").textContent = `${this.#conversation.turns.length} 问`;
  }

  #save(suffix, mediaType, write) {
    saveFile(fileName(this.#conversation.title, suffix), write(this.#conversation), mediaType);
  }
}

/** Show events as they come; the turn to keep at the end. */
async function receive(events, turn) {
  for await (const { name, body, request } of events) {
    if (name === "retrieval") turn.showPassages(body.passages);
    if (name === "delta") turn.grow(body.text);
    if (name === "done") return { asked: Date.now(), reply: body, request };
  }
  return undefined; // never: the stream ends with done or an error
}

/** What there is to ask about: the size of the corpus, and examples where the bundled documents are kept. */
async function showCorpus(askExample) {
  try {
    const { documents, passages, facets } = await readStats();
    byId("corpus-size").textContent = documents
      ? `${documents} 份文档 · ${passages} 个段落`
      : "知识库还是空的：请先到“文档”页上传资料。";
    if (!facets.origin?.bundled) return;
    const items = EXAMPLES.map((example) => el("li", {}, button(example, () => askExample(example), { class: "button example" })));
    byId("examples").replaceChildren(el("p", { class: "fine", id: "examples-title" }, "可以这样问"), el("ul", { "aria-labelledby": "examples-title" }, ...items));
    byId("examples").hidden = false;
  } catch {
    byId("corpus-size").textContent = ""; // the banner tells that the service cannot be reached
  }
}
