/**
 * `<chat-composer>`: where a message is written, or written anew. Tells of `draft` (every change), `post`,
 * `edit-last` (Arrow Up in an empty box) and `dismiss` (what it was about is to be forgotten).
 */

import { isBlank, length } from "../text.js";
import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";

/** How near the limit the count of what is left comes into sight. */
const NEAR = 200;

class ChatComposer extends PageElement {
  #box;
  #limit;
  /** What the text is about, `{ kind, id }`; null for a new message. */
  #composing = null;
  /** What was being written before an edit, and comes back after it. */
  #aside = "";

  begin() {
    this.#box = this.querySelector("textarea");
    this.#limit = Number(this.dataset.limit);
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("keydown", (event) => this.#press(event));
    this.querySelector("[data-dismiss]").addEventListener("click", () => tell(this, "dismiss"));
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#post();
    });
    this.#measure();
  }

  /** Put an earlier draft into the box. */
  restore(text) {
    this.#box.value = text;
    this.#changed();
  }

  /** Write about this: `{ kind: "edit" | "reply", id, author, text }`, or null for nothing but a new message. */
  compose(composing) {
    if (this.#isEdit()) this.#box.value = this.#aside;
    this.#composing = composing;
    if (this.#isEdit()) {
      this.#aside = this.#box.value;
      this.#box.value = composing.text;
    }
    this.#showContext();
    this.#changed();
    if (!composing) return;
    this.#box.focus();
    this.#box.setSelectionRange(this.#box.value.length, this.#box.value.length);
  }

  /** Ready to write, where that does not make a keyboard cover half of the screen. */
  focus() {
    if (!isTouch()) this.#box.focus();
  }

  #showContext() {
    const { kind, author = "", text = "" } = this.#composing ?? {};
    const context = this.querySelector("[data-context]");
    // The button that has put it away goes with it, and would leave the focus to nobody.
    if (!kind && context.contains(document.activeElement)) this.#box.focus();
    context.hidden = !kind;
    for (const part of this.querySelectorAll("[data-kind]")) {
      // Not `hidden =`, which an icon does not have.
      part.toggleAttribute("hidden", part.dataset.kind !== kind);
    }
    this.querySelector("[data-context-author]").textContent = author;
    this.querySelector("[data-context-text]").textContent = text;
  }

  #press(event) {
    // The key that picks a word in an input method does nothing else; Safari says so by 229 alone.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape" && this.#composing) tell(this, "dismiss");
    if (event.key === "ArrowUp" && this.#box.value === "" && !this.#composing) {
      event.preventDefault();
      tell(this, "edit-last");
    }
    // A touch keyboard has no Shift+Enter, so there Enter breaks the line and the button sends.
    if (event.key !== "Enter" || event.shiftKey || isTouch()) return;
    event.preventDefault();
    this.#post();
  }

  #post() {
    if (!this.#canPost()) return;
    const text = this.#text();
    // An edit is put away by `compose`, which brings back what was written before.
    if (!this.#isEdit()) this.#box.value = "";
    this.#changed();
    tell(this, "post", text);
  }

  #changed() {
    this.#measure();
    tell(this, "draft", this.#isEdit() ? this.#aside : this.#box.value);
  }

  #measure() {
    // The invisible twin behind the box holds the same text, and so the box grows with it.
    this.querySelector("[data-twin]").dataset.text = this.#box.value;
    const left = this.#limit - length(this.#text());
    const count = this.querySelector("[data-count]");
    count.hidden = left > NEAR;
    count.toggleAttribute("data-over", left < 0);
    this.querySelector("[data-left]").textContent = left;
    this.#box.setAttribute("aria-invalid", left < 0);
    this.querySelector("[data-send]").disabled = !this.#canPost();
  }

  #canPost() {
    const text = this.#text();
    return !isBlank(text) && length(text) <= this.#limit;
  }

  #isEdit() {
    return this.#composing?.kind === "edit";
  }

  #text() {
    return this.#box.value.trimEnd();
  }
}

function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

customElements.define("chat-composer", ChatComposer);
