/** `<unsent-line>`: that several messages could not be sent. Tells of `retry-all` and `discard-all`. */

import { PageElement } from "./page-element.js";
import { around, part } from "./part.js";
import { showCount } from "./plural.js";
import { tell } from "./tell.js";

/** @import { Unsent } from "../unsent.js" */

export class UnsentLine extends PageElement {
  begin() {
    this.addEventListener("click", (event) => {
      if (around(event, "[data-retry-all]")) tell(this, "retry-all");
      if (around(event, "[data-discard-all]")) this.#ask(true);
      if (around(event, "[data-keep]")) this.#ask(false);
      if (around(event, "[data-surely]")) tell(this, "discard-all");
    });
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#ask(false));
  }

  /** @type {(unsent: Unsent | null) => void} */
  show(unsent) {
    const line = part(this, ".unsent", HTMLElement);
    const focused = this.contains(document.activeElement);
    line.hidden = unsent === null;
    if (unsent) showCount(part(this, "[data-count]", HTMLElement), unsent.count);
    this.#part("elsewhere").hidden = !unsent?.isElsewhere;
    this.#part("retry-all").hidden = !unsent?.retryable;
    // What is asked about is another number now, and what had the focus may be gone.
    if (!this.#part("sure").hidden) this.#ask(false);
    if (focused && !document.activeElement?.checkVisibility()) tell(this, "write");
  }

  /** They are gone for good, so it is asked for twice. @type {(isAsked: boolean) => void} */
  #ask(isAsked) {
    const focused = this.contains(document.activeElement);
    this.#part("choice").hidden = isAsked;
    this.#part("sure").hidden = !isAsked;
    if (focused) this.#part(isAsked ? "keep" : "discard-all").focus();
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

customElements.define("unsent-line", UnsentLine);
