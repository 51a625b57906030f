/** The small card that shows what is behind a number, on hover and on keyboard focus. Esc closes it. */

import { el } from "./dom.js";

const MARGIN = 8; // pixels kept free around the card
const LINGER = 180; // milliseconds in which the pointer may travel from the number to the card

let card = null;
let closing = 0;
let shownFor = null;

/**
 * Show a card while the pointer is over the element or the keyboard is on it.
 * @param {HTMLElement} element
 * @param {function(): Node[]} content made when the card opens
 */
export function showsCard(element, content) {
  element.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && open(element, content));
  element.addEventListener("pointerleave", closeSoon);
  element.addEventListener("focus", () => element.matches(":focus-visible") && open(element, content));
  element.addEventListener("blur", () => card?.matches(":hover") || close()); // a press inside the card must reach its link
  element.addEventListener("click", close);
}

function open(element, content) {
  clearTimeout(closing);
  if (shownFor === element) return;
  card ??= makeCard();
  shownFor = element;
  card.replaceChildren(...content());
  (element.closest("dialog[open]") ?? document.body).append(card); // above a modal dialog only from inside it
  card.hidden = false;
  element.setAttribute("aria-describedby", card.id);
  place(element.getBoundingClientRect());
}

function makeCard() {
  const made = el("div", { class: "card", id: "card", role: "tooltip", hidden: true });
  made.addEventListener("pointerenter", () => clearTimeout(closing));
  made.addEventListener("pointerleave", closeSoon);
  document.addEventListener("keydown", closeOnEscape, true);
  document.addEventListener("scroll", close, { capture: true, passive: true });
  return made;
}

/** Above the number if it fits there, else below; never outside the window. */
function place(target) {
  const { width, height } = card.getBoundingClientRect();
  const above = target.top - height - MARGIN;
  const left = Math.min(target.left + target.width / 2 - width / 2, innerWidth - width - MARGIN);
  card.style.left = `${Math.max(MARGIN, left)}px`;
  card.style.top = `${above >= MARGIN ? above : target.bottom + MARGIN}px`;
}

function closeOnEscape(event) {
  if (event.key !== "Escape" || !shownFor) return;
  close();
  event.stopPropagation(); // the first Esc closes the card, the next one what lies under it
  event.preventDefault();
}

function closeSoon() {
  clearTimeout(closing);
  closing = setTimeout(close, LINGER);
}

function close() {
  clearTimeout(closing);
  if (!shownFor) return;
  shownFor.removeAttribute("aria-describedby");
  shownFor = null;
  card.hidden = true;
}
