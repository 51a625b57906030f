/** The documents view: a shelf with filters, and a reader beside it (instead of it on small screens). */

import { deleteDocument, listDocuments, readDocument, readStats } from "./api.js";
import { confirmed } from "./dialogs.js";
import { showDocument } from "./document_view.js";
import { announce, bringIntoView, button, byId, el } from "./dom.js";
import { problemCard } from "./problem_card.js";
import { documentAddress } from "./router.js";
import { forgetTitles } from "./titles.js";
import { startUpload } from "./upload.js";
import { kindOrder, kindWord } from "./words.js";

const STEP = 200; // rows added at a time
const MOST_PAGES = 10; // pages of 1000 that the list holds
const PAUSE = 200; // milliseconds without a key after which the title is looked for

export class Documents {
  #kept = []; // loaded summaries that fit the filters
  #total = 0;
  #shown = STEP;
  #reading = null; // id of the document in the reader
  #latest = 0; // number of the latest request of each kind; older answers are dropped
  #loaded = false;
  #typing = 0; // timer of the title filter

  constructor() {
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("title-filter").addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.refresh(), PAUSE);
    });
    for (const id of ["kind-filter", "district-filter", "year-filter"]) byId(id).addEventListener("change", () => this.refresh());
    byId("more-documents").addEventListener("click", () => {
      this.#shown += STEP;
      this.#showList();
    });
    startUpload(() => this.#changed());
  }

  /** Show the view, with one document open if an id is given. */
  async show({ id, span }) {
    byId("documents").toggleAttribute("data-reading", Boolean(id));
    if (!this.#loaded) this.refresh();
    this.#markCurrent(id);
    await this.#read(id, span);
  }

  /** Load facets and list again. */
  async refresh() {
    this.#loaded = true;
    const request = ++this.#latest;
    const year = byId("year-filter").value;
    const [q, kind, district] = ["title", "kind", "district"].map((name) => byId(`${name}-filter`).value);
    const wanted = { q, kind, district, from: year, to: year };
    byId("shelf-size").textContent = "正在载入…";
    try {
      const [stats, list] = await Promise.all([readStats(), wholeList(wanted)]);
      if (request !== this.#latest) return;
      showFacets(stats);
      [this.#kept, this.#total] = [list.documents, list.total];
      this.#shown = STEP;
      this.#showList();
    } catch (problem) {
      this.#loaded = false;
      byId("shelf-size").textContent = "";
      byId("shelf-list").replaceChildren(el("li", {}, problemCard(problem, () => this.refresh())));
    }
  }

  #showList() {
    const [kept, total] = [this.#kept, this.#total];
    const cutOff = kept.length < total ? `（列出前 ${kept.length} 份）` : "";
    byId("shelf-size").textContent = total ? `${total} 份文档${cutOff}` : "没有符合条件的文档";
    byId("shelf-list").replaceChildren(...kept.slice(0, this.#shown).map(row));
    byId("more-documents").hidden = kept.length <= this.#shown;
    this.#markCurrent(this.#reading);
  }

  #markCurrent(id) {
    const address = id && documentAddress(id);
    for (const link of byId("shelf-list").querySelectorAll("a")) {
      const here = link.getAttribute("href") === address;
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  async #read(id, span) {
    this.#reading = id;
    const reader = byId("reader");
    if (!id) {
      reader.replaceChildren(el("p", { class: "reader-empty" }, "从左边选一份文档来读。"));
      return;
    }
    const back = el("a", { class: "link-button back", href: "#/documents" }, "返回列表");
    reader.replaceChildren(back, el("p", { class: "waiting" }, "正在打开…"));
    try {
      const doc = await readDocument(id);
      if (this.#reading !== id) return;
      reader.replaceChildren(el("div", { class: "reader-bar" }, back, this.#deleteButton(doc)), showDocument(doc, { span }));
      document.title = `${doc.title} · 杭州产业社区问答`;
      this.#arrive(reader);
    } catch (problem) {
      if (this.#reading === id) reader.replaceChildren(back, problemCard(problem, problem.status === 404 ? null : () => this.#read(id, span)));
    }
  }

  #arrive(reader) {
    const mark = reader.querySelector("mark");
    reader.querySelector("h1").focus({ preventScroll: true });
    if (mark) bringIntoView(mark);
    else scrollTo(0, 0);
  }

  #deleteButton(doc) {
    const remove = async () => {
      if (!(await confirmed("删除这份文档？", `“${doc.title}”删除后立即检索不到，不能撤销。`, "删除"))) return;
      try {
        await deleteDocument(doc.id);
        announce(`已删除：${doc.title}`);
        location.hash = "#/documents";
        await this.#changed();
      } catch (problem) {
        byId("reader").prepend(problemCard(problem));
      }
    };
    return button("删除", remove, { class: "link-button danger-text" });
  }

  async #changed() {
    forgetTitles();
    await this.refresh();
  }
}

/** All summaries that fit, page by page. */
async function wholeList(wanted) {
  let page = await listDocuments(wanted);
  const documents = [...page.documents];
  for (let count = 1; page.next_cursor && count < MOST_PAGES; count++) {
    page = await listDocuments({ ...wanted, cursor: page.next_cursor });
    documents.push(...page.documents);
  }
  return { documents, total: page.total };
}

function row({ id, title, kind, districts, date, origin }) {
  const facts = [kind && kindWord(kind), districts.join("、"), date].filter(Boolean).join(" · ");
  return el(
    "li",
    {},
    el(
      "a",
      { href: documentAddress(id) },
      el("span", { class: "shelf-title" }, title),
      el("span", { class: "fine" }, facts || id),
      origin !== "bundled" && el("span", { class: "badge" }, "自行添加"),
    ),
  );
}

function showFacets({ facets }) {
  const kinds = facets.kind ?? {};
  const districts = Object.entries(facets.district ?? {}).sort(([a, m], [b, n]) => n - m || a.localeCompare(b, "zh-CN"));
  setOptions("kind-filter", "全部类别", kindOrder(Object.keys(kinds)).map((kind) => [kind, `${kindWord(kind)}（${kinds[kind]}）`]));
  setOptions("district-filter", "全部区县", districts.map(([district, count]) => [district, `${district}（${count}）`]));
  const years = Object.entries(facets.year ?? {}).sort(([a], [b]) => b.localeCompare(a));
  setOptions("year-filter", "全部年份", years.map(([year, count]) => [year, `${year} 年（${count}）`]));
}

function setOptions(id, all, options) {
  const chosen = byId(id).value;
  byId(id).replaceChildren(el("option", { value: "" }, all), ...options.map(([value, word]) => el("option", { value }, word)));
  byId(id).value = options.some(([value]) => value === chosen) ? chosen : "";
}
