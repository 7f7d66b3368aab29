/** `<chat-log>`: the talk, line by line, and how it scrolls. */

import { copy } from "./template.js";

/** Whoever is this close to the end, in pixels, wants to stay there. */
const NEAR = 100;
const TEMPLATES = { day: "day-template", message: "message-template", notice: "notice-template" };
const PRESENCE_TEMPLATES = { join: "join-template", leave: "leave-template" };

class ChatLog extends HTMLElement {
  #scroller;
  #list;
  #lines = new Map();
  #isAtEnd = true;
  #lastSeen = 0;
  #messages = [];

  connectedCallback() {
    this.#scroller = this.querySelector("[data-scroller]");
    this.#list = this.querySelector("[data-lines]");
    this.#scroller.addEventListener("scroll", () => this.#look(), { passive: true });
    this.querySelector("[data-jump]").addEventListener("click", () => this.#jump());
    // A growing composer or a phone's keyboard takes room away at the bottom, where the reader is.
    new ResizeObserver(() => this.#isAtEnd && this.#toEnd()).observe(this.#scroller);
  }

  /** Show these rows. `isCaughtUp` says that the history is among them. */
  show(rows, isCaughtUp) {
    const anchor = this.#isAtEnd ? null : this.#anchor();
    const last = rows.at(-1);
    const hasPosted = last?.isOwn && last.key > newest(this.#messages);
    this.#messages = rows.filter(({ kind }) => kind === "message");
    this.#arrange(rows);
    if (this.#isAtEnd || hasPosted) this.#toEnd();
    else if (anchor?.line.isConnected) this.#scroller.scrollTop += anchor.line.offsetTop - anchor.top;

    this.querySelector("[data-empty]").hidden = !isCaughtUp || this.#messages.length > 0;
    // From here on new lines are read out; the history itself is not.
    if (isCaughtUp) setTimeout(() => this.#scroller.setAttribute("aria-live", "polite"));
    this.#look();
  }

  #arrange(rows) {
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, line] of this.#lines) {
      if (keys.has(key)) continue;
      line.remove();
      this.#lines.delete(key);
    }
    let next = this.#list.firstElementChild;
    for (const row of rows) {
      const line = this.#line(row);
      line.show(row);
      if (line === next) next = line.nextElementSibling;
      else this.#list.insertBefore(line, next);
    }
  }

  #line(row) {
    const known = this.#lines.get(row.key);
    if (known) return known;
    const line = copy(PRESENCE_TEMPLATES[row.frame?.event] ?? TEMPLATES[row.kind]);
    this.#lines.set(row.key, line);
    return line;
  }

  /** The first message in sight, and where it is: what comes in above must not move it. */
  #anchor() {
    const { scrollTop } = this.#scroller;
    const lines = Array.from(this.#list.querySelectorAll("chat-message"));
    const line = lines.find(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop);
    return line && { line, top: line.offsetTop };
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#isAtEnd) this.#lastSeen = newest(this.#messages);

    const unseen = this.#messages.filter(({ key, isOwn }) => key > this.#lastSeen && !isOwn);
    this.querySelector("[data-jump]").hidden = this.#isAtEnd;
    this.querySelector("[data-unseen]").hidden = unseen.length === 0;
    this.querySelector("[data-unseen-count]").textContent = unseen.length;
  }

  #jump() {
    this.#toEnd();
    this.#scroller.focus({ preventScroll: true });
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

/** The key of the latest arrival, which need not stand last: history comes in above. */
function newest(messages) {
  return Math.max(0, ...messages.map(({ key }) => key));
}

customElements.define("chat-log", ChatLog);
