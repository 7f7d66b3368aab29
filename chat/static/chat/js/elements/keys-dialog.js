/** `<keys-dialog>`: what can be done by the keyboard. Tells of `write` where somebody skips the rest. */

import { PageElement } from "./page-element.js";
import { around, part } from "./part.js";
import { tell } from "./tell.js";

/** Where a question mark is a letter like any other. */
const WRITTEN = "input, textarea, [contenteditable]";

export class KeysDialog extends PageElement {
  begin() {
    document.addEventListener("click", (event) => {
      if (around(event, "[data-keys]")) this.#ask();
      if (around(event, "[data-skip]")) tell(this, "write");
    });
    document.addEventListener("keydown", (event) => {
      if (!isAsked(event)) return;
      event.preventDefault();
      this.#ask();
    });
  }

  #ask() {
    // One question at a time.
    if (document.querySelector("dialog[open]")) return;
    part(this, "dialog", HTMLDialogElement).showModal();
    part(this, "[data-lists]", HTMLElement).focus();
  }
}

/** @type {(event: KeyboardEvent) => boolean} */
function isAsked(event) {
  const { key, code, ctrlKey, metaKey, altKey } = event;
  if (altKey) return false;
  // The place of the slash, where the letters of a keyboard are no Latin ones.
  if (ctrlKey || metaKey) return key === "/" || code === "Slash";
  return key === "?" && !around(event, WRITTEN);
}

customElements.define("keys-dialog", KeysDialog);
