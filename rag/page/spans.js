/** Spans of the contract count Unicode code points; JavaScript strings count UTF-16 units. Here they meet. */

const ASTRAL = /[\ud800-\udfff]/;

/**
 * A function that cuts [start, end) out of the text, both in code points.
 * @param {string} text
 * @returns {function(number, number=): string}
 */
export function cutter(text) {
  if (!ASTRAL.test(text)) return (start, end) => text.slice(start, end); // both counts agree
  const points = Array.from(text);
  return (start, end) => points.slice(start, end).join("");
}

/** The number of code points of a text. */
export function length(text) {
  return ASTRAL.test(text) ? Array.from(text).length : text.length;
}

/** Whether the document still holds the quote exactly where the citation says. */
export function holds(text, citation) {
  return cutter(text)(citation.start, citation.end) === citation.quote;
}
