/** Building the page: text becomes text nodes. Nothing on this page ever parses a string as HTML. */

/**
 * Make an element.
 * @param {string} tag
 * @param {Object<string, string|number|boolean|null|undefined|function>} attributes
 *   functions are listeners (`onclick`), true is an empty attribute, false and null leave it out;
 *   an address that comes from documents goes through `webLink`, never in here
 * @param {...(Node|string|null|false)} children strings become text nodes
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** A small drawing in the colour of the text around it. */
export function icon(path) {
  const [drawing, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  const look = { class: "icon", viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" };
  for (const [name, value] of Object.entries(look)) drawing.setAttribute(name, value);
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

/** The element of index.html with this id. */
export const byId = (id) => document.getElementById(id);

/** A button that does something on this page. */
export function button(label, onclick, attributes = {}) {
  return el("button", { type: "button", class: "button", ...attributes, onclick }, label);
}

/** A link to the web, or plain text where the address is not http or https. */
export function webLink(address, text, attributes = {}) {
  const safe = webAddress(address);
  if (!safe) return el("span", attributes, text);
  return el("a", { ...attributes, href: safe, target: "_blank", rel: "noopener noreferrer" }, text);
}

/** The address if a click may lead there, else null: only http and https do. */
export function webAddress(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Whether the reader asked for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Scroll so that the element is in view. */
export function bringIntoView(element, block = "center") {
  element.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });
}

/** Say something to screen readers, once. */
export function announce(text) {
  const live = byId("live");
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50); // an empty moment makes a repeated sentence heard again
}
