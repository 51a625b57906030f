/** Words that the page shows for values of the contract. */

const KINDS = new Map([
  ["community", "产业社区"],
  ["park", "园区平台"],
  ["town", "特色小镇"],
  ["policy", "政策"],
  ["concept", "概念"],
  ["case", "案例"],
  ["city", "城市比较"],
  ["operator", "运营方"],
  ["article", "文章"],
  ["snippet", "摘录"],
]);

const ORIGINS = new Map([["bundled", "内置"], ["user", "自行添加"]]);

/** The kind in Chinese; a kind we do not know stays as it is. */
export const kindWord = (kind) => KINDS.get(kind) ?? kind;

/** Kinds in the order in which people look for them, unknown ones last. */
export function kindOrder(kinds) {
  const known = [...KINDS.keys()];
  const place = (kind) => (KINDS.has(kind) ? known.indexOf(kind) : known.length);
  return [...kinds].sort((a, b) => place(a) - place(b));
}

export const originWord = (origin) => ORIGINS.get(origin) ?? origin;

/** Relevance with two decimals; never 1.00, since nothing is certain. */
export const relevanceWord = (relevance) => Math.min(relevance, 0.99).toFixed(2);

/** «标题 › 章 › 节». */
export const headingPath = (title, section) => [title, ...section].join(" › ");

/** The date of a source as known: its date, else the note about it. */
export const sourceDate = (source) => source.date || source.date_note || "日期未注明";

/** A moment as people say it: 14:05 today, else 11月22日 or 2025年11月22日. */
export function momentWord(milliseconds, now = new Date()) {
  const moment = new Date(milliseconds);
  if (moment.toDateString() === now.toDateString()) {
    return moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
  }
  const year = moment.getFullYear() === now.getFullYear() ? "" : `${moment.getFullYear()}年`;
  return `${year}${moment.getMonth() + 1}月${moment.getDate()}日`;
}

/** YYYY-MM-DD in the reader's own time zone. */
export function isoDay(moment = new Date()) {
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
