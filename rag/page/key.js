/** The API key of this reader: held for the tab, or kept in the browser if wished for. It goes into a header and nowhere else. */

const NAME = "hangzhou-rag.key";
const SHAPE = /^[\x21-\x7e]+$/; // what a header can carry and a key consists of

/** Fires "change" when a key comes or goes, in this window or another, and "needed" when the service asked for one. */
export const keys = new EventTarget();

let held = ""; // for as long as the page is open, also where storage is forbidden

window.addEventListener("storage", (event) => {
  if (event.key !== NAME) return;
  held = ""; // another window kept or forgot the key: what is stored now counts
  keys.dispatchEvent(new Event("change"));
});

/** @returns {string} the key, empty if there is none */
export function currentKey() {
  return held || read(() => sessionStorage) || read(() => localStorage);
}

/** @returns {boolean} whether the key outlives the tab */
export const isRemembered = () => read(() => localStorage) !== "";

/** @returns {string} the key in what was typed or pasted; empty if it cannot be one */
export function keyIn(text) {
  const key = text.trim().replace(/^(authorization:\s*)?bearer\s+/i, "");
  return SHAPE.test(key) ? key : "";
}

/** Use a key from now on. */
export function keepKey(key, remember) {
  forget();
  held = key;
  write(() => (remember ? localStorage : sessionStorage), key);
  keys.dispatchEvent(new Event("change"));
}

/** Use no key any more, here and in other windows. */
export function forgetKey() {
  forget();
  keys.dispatchEvent(new Event("change"));
}

/** Headers of a request with this key. */
export const keyHeaders = (key) => (key ? { Authorization: `Bearer ${key}` } : {});

function forget() {
  held = "";
  for (const storage of [() => sessionStorage, () => localStorage]) write(storage, null);
}

function read(storage) {
  try {
    return storage().getItem(NAME) ?? "";
  } catch {
    return ""; // storage is forbidden
  }
}

function write(storage, key) {
  try {
    if (key === null) storage().removeItem(NAME);
    else storage().setItem(NAME, key);
  } catch {
    // storage is forbidden or full: the key holds for as long as the page is open
  }
}
