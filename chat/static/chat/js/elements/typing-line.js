/** `<typing-line>`: who is writing just now. It has its place whether anybody writes or not. */

import { parts } from "./part.js";

export class TypingLine extends HTMLElement {
  /** @type {(names: string[]) => void} */
  show(names) {
    const form = names.length === 0 ? "" : names.length === 1 ? "one" : names.length === 2 ? "two" : "several";
    for (const words of parts(this, "[data-form]")) words.hidden = words.dataset.form !== form;
    const shown = this.querySelector(`[data-form="${form}"]`);
    if (!shown) return;
    for (const place of parts(shown, "[data-name]")) place.textContent = names[Number(place.dataset.name)];
  }
}

customElements.define("typing-line", TypingLine);
