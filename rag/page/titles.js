/** Titles of documents by id: asked for once, forgotten when documents come or go. */

import { listDocuments } from "./api.js";

let known = null;

/**
 * @param {string[]} ids
 * @returns {Promise<Map<string, string>>} id → title of those that exist; empty if the list cannot be had
 */
export async function titlesOf(ids) {
  known ??= listDocuments().then(({ documents }) => new Map(documents.map(({ id, title }) => [id, title])));
  try {
    const titles = await known;
    return new Map(ids.filter((id) => titles.has(id)).map((id) => [id, titles.get(id)]));
  } catch {
    known = null;
    return new Map();
  }
}

export function forgetTitles() {
  known = null;
}
