/** The page: conversation and documents, one of them shown, as the address says. */

import { Chat } from "./chat.js";
import { watchConnection } from "./connection.js";
import { Documents } from "./documents.js";
import { byId } from "./dom.js";
import { startKeyButton } from "./key_dialog.js";
import { closePanel } from "./panel.js";
import { placeOf } from "./router.js";

watchConnection();
startKeyButton();
const chat = new Chat();
const documents = new Documents();

function follow() {
  const place = placeOf(location.hash);
  const reading = place.view === "documents";
  byId("chat").hidden = reading;
  byId("documents").hidden = !reading;
  document.body.classList.toggle("in-documents", reading);
  byId("to-chat").setAttribute("aria-current", reading ? "false" : "page");
  byId("to-documents").setAttribute("aria-current", reading ? "page" : "false");
  document.title = reading ? "文档 · 杭州产业社区问答" : "杭州产业社区问答";
  if (!reading) return;
  closePanel();
  documents.show(place);
}

/** /?q=… asks; the address is cleaned so that a reload does not ask again. */
function askFromAddress() {
  const question = new URLSearchParams(location.search).get("q")?.trim();
  if (!question) return false;
  history.replaceState(null, "", "/#/");
  chat.ask(question);
  return true;
}

window.addEventListener("hashchange", follow);
byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part behind # is the address of a view
  byId("main").focus();
});
const asked = askFromAddress();
follow();
document.body.classList.remove("starting");
if (!asked && matchMedia("(pointer: fine)").matches && !byId("chat").hidden) chat.focus();
