/** `<chat-composer>`: where a message is written. Tells of `draft` (every change) and `post` (cancelable). */

import { isBlank, length } from "../text.js";

/** How near the limit the count of what is left comes into sight. */
const NEAR = 200;

class ChatComposer extends HTMLElement {
  #box;
  #limit;
  #isOpen = false;

  connectedCallback() {
    this.#box = this.querySelector("textarea");
    this.#limit = Number(this.dataset.limit);
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("keydown", (event) => this.#press(event));
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#post();
    });
    this.#measure();
  }

  /** Whether there is somebody to send to. Writing is always possible. */
  show(isOpen) {
    this.#isOpen = isOpen;
    this.#measure();
  }

  /** Put text in front of what is being written: an earlier draft, or what could not be sent. */
  restore(text) {
    this.#box.value = [text, this.#box.value].filter(Boolean).join("\n");
    this.#changed();
  }

  /** Ready to write, where that does not make a keyboard cover half of the screen. */
  focus() {
    if (!isTouch()) this.#box.focus();
  }

  #press(event) {
    // The Enter that picks a word in an input method sends nothing; Safari says so by 229 alone.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    // A touch keyboard has no Shift+Enter, so there Enter breaks the line and the button sends.
    if (isTouch()) return;
    event.preventDefault();
    this.#post();
  }

  #post() {
    if (!this.#canPost()) return;
    const detail = this.#text();
    if (!this.dispatchEvent(new CustomEvent("post", { detail, bubbles: true, cancelable: true }))) return;
    this.#box.value = "";
    this.#changed();
  }

  #changed() {
    this.#measure();
    this.dispatchEvent(new CustomEvent("draft", { detail: this.#box.value, bubbles: true }));
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
    return this.#isOpen && !isBlank(text) && length(text) <= this.#limit;
  }

  #text() {
    return this.#box.value.trimEnd();
  }
}

function isTouch() {
  return matchMedia("(pointer: coarse)").matches;
}

customElements.define("chat-composer", ChatComposer);
