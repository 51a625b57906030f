/** The question box: Enter sends, Shift+Enter breaks the line, an input method may finish its word first. */

import { byId } from "./dom.js";

/** The question box of the page. */
export class Composer {
  #form = byId("composer");
  #box = byId("question");
  #send = byId("send");
  #busy = false;

  /**
   * @param {{ask: function(string): void, stop: function(): void, last: function(): string}} chat
   *   last is the latest question, recalled by the up arrow in an empty box
   */
  constructor(chat) {
    this.chat = chat;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#busy) chat.stop();
      else this.#submit();
    });
    this.#box.addEventListener("input", () => this.#fit());
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      location.hash = "#/";
      this.focus();
    });
  }

  focus() {
    this.#box.focus();
  }

  /** Put a question into the box, ready to be changed and sent. */
  fill(question) {
    this.#box.value = question;
    this.#fit();
    this.#box.focus();
    this.#box.setSelectionRange(question.length, question.length);
  }

  /** While a question is under way the button stops it. */
  set busy(busy) {
    this.#busy = busy;
    this.#send.textContent = busy ? "停止" : "提问";
    this.#send.classList.toggle("primary", !busy);
  }

  #key(event) {
    if (event.key === "ArrowUp" && this.#box.value === "") {
      this.fill(this.chat.last());
      event.preventDefault();
    }
    const composing = event.isComposing || event.keyCode === 229; // Safari ends the composition before this event
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    if (!this.#busy) this.#submit();
  }

  #submit() {
    const question = this.#box.value.trim();
    if (!question) return;
    this.#box.value = "";
    this.#fit();
    if (matchMedia("(pointer: coarse)").matches) this.#box.blur(); // a screen keyboard would cover the answer
    this.chat.ask(question);
  }

  /** As tall as its text, up to the limit that the style sets. */
  #fit() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }
}
