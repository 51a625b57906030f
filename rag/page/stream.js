/** Server-sent events out of a fetch body: chunks may split anywhere, comments are heartbeats. */

const LONGEST = 32 * 1024 * 1024; // characters held of one event; beyond that the stream is broken

/** Grows events from pieces of text. */
export class EventParser {
  #rest = "";
  #name = "";
  #lines = [];
  #held = 0;

  /**
   * @param {string} piece any part of the stream
   * @returns {{name: string, text: string}[]} the events that the piece completes
   */
  feed(piece) {
    this.#rest += piece;
    const events = [];
    for (let line = this.#nextLine(); line !== null; line = this.#nextLine()) {
      const event = this.#take(line);
      if (event) events.push(event);
    }
    if (this.#rest.length + this.#held > LONGEST) throw new RangeError("an event of the stream is too long");
    return events;
  }

  /** The next whole line, or null. A carriage return at the very end may still get its line feed. */
  #nextLine() {
    const at = this.#rest.search(/[\r\n]/);
    if (at < 0 || (this.#rest[at] === "\r" && at === this.#rest.length - 1)) return null;
    const line = this.#rest.slice(0, at);
    this.#rest = this.#rest.slice(at + (this.#rest.startsWith("\r\n", at) ? 2 : 1));
    return line;
  }

  /** One line; an empty one ends the event. */
  #take(line) {
    if (line === "") {
      const event = this.#lines.length ? { name: this.#name || "message", text: this.#lines.join("\n") } : null;
      this.#name = "";
      this.#lines = [];
      this.#held = 0;
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#name = value;
    if (field === "data") {
      this.#lines.push(value);
      this.#held += value.length;
    }
    return null; // comments (empty field) and id, retry: nothing to do
  }
}

/**
 * Events of a response body, as they arrive.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{name: string, body: any}>}
 */
export async function* readEvents(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      const piece = done ? decoder.decode() : decoder.decode(value, { stream: true });
      for (const event of parser.feed(piece)) yield { name: event.name, body: JSON.parse(event.text) };
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {}); // nobody listens any more; a stream that already ended refuses, which is fine
  }
}
