/** Uploading documents: by button or by dropping files, one after the other, each with its report. */

import { Problem, uploadDocument } from "./api.js";
import { announce, button, byId, el } from "./dom.js";
import { problemCard } from "./problem_card.js";
import { documentAddress } from "./router.js";

const LARGE = 20 * 2 ** 20; // bytes; the limit that the service has by default

/** @param {function(): Promise<void>} changed is told when documents were kept */
export function startUpload(changed) {
  const view = byId("documents");
  const chooser = byId("files");
  byId("choose-files").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    uploadAll([...chooser.files], changed);
    chooser.value = ""; // so that the same file can be chosen again
  });
  let depth = 0; // dragenter and dragleave come for every element crossed
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const veil = () => view.toggleAttribute("data-dropping", depth > 0);
  view.addEventListener("dragenter", (event) => {
    if (holdsFiles(event)) depth += 1;
    veil();
  });
  view.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    veil();
  });
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // a file dropped anywhere else would replace the page
    depth = 0;
    veil();
    if (!view.hidden) uploadAll([...event.dataTransfer.files], changed);
  });
}

async function uploadAll(files, changed) {
  for (const file of files) await uploadOne(file, changed);
  if (files.length) await changed();
}

async function uploadOne(file, changed, replace = false) {
  const entry = el("div", { class: "report", role: "group", "aria-label": `上传 ${file.name}` }, el("p", { class: "waiting" }, `正在收录 ${file.name}…`));
  byId("reports").prepend(entry);
  try {
    const kept = await uploadDocument(file, replace);
    entry.replaceChildren(...reportNodes(file, kept), dismiss(entry));
    announce(`已收录：${kept.title}`);
  } catch (problem) {
    const shown = problem.code === "unreachable" && file.size > LARGE ? tooLarge(file) : problem;
    entry.replaceChildren(el("p", { class: "report-title" }, file.name), problemCard(shown), ...replacing(problem, file, entry, changed), dismiss(entry));
  }
}

/** A file of the same name is there already: it is replaced only when that is asked for. */
function replacing(problem, file, entry, changed) {
  if (problem.code !== "already_there") return [];
  const again = async () => {
    entry.remove();
    await uploadOne(file, changed, true);
    await changed();
  };
  return [button("替换", again, { class: "link-button" })];
}

const dismiss = (entry) => button("收起", () => entry.remove(), { class: "link-button" });

/** A server that refuses a large body may close the connection before its answer can be read. */
function tooLarge(file) {
  return new Problem({ title: "文件可能太大", detail: `这个文件有 ${Math.round(file.size / 2 ** 20)} MiB，服务默认最多接收 20 MiB。` });
}

function reportNodes(file, { id, title, replaced, documents, report }) {
  const facts = [
    report.format,
    report.encoding && encodingWord(report),
    report.pages > 0 && `${report.pages} 页`,
    `${report.sections} 节`,
    `${report.passages} 个段落`,
    `${report.characters} 字`,
    documents.length > 1 && `共 ${documents.length} 份文档`,
  ];
  return [
    el("p", { class: "report-title" }, replaced ? "已替换原有文档：" : "已收录：", el("a", { href: documentAddress(id) }, title)),
    el("p", { class: "fine" }, `${file.name} → ${id}`),
    el("p", { class: "fine" }, facts.filter(Boolean).join(" · ")),
    ...remarks("没有收入", report.dropped),
    ...remarks("请留意", report.warnings),
  ];
}

function encodingWord({ encoding, encoding_confidence: confidence }) {
  return confidence < 1 ? `${encoding}（把握 ${Math.round(100 * confidence)}%）` : encoding;
}

function remarks(title, lines) {
  return lines.length ? [el("p", { class: "fine" }, `${title}：`), el("ul", { class: "fine" }, ...lines.map((line) => el("li", {}, line)))] : [];
}
