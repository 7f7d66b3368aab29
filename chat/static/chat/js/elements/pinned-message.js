/** `<pinned-message>`: the message that is shown above all others. Tells of `seek` (detail: its id). */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

/** @import { Pinned } from "../protocol.js" */

export class PinnedMessage extends PageElement {
  /** @type {Pinned | null} */
  #pinned = null;

  begin() {
    this.#part("go").addEventListener("click", () => tell(this, "seek", this.#pinned?.id));
    this.#part("unfold").addEventListener("click", () => this.#fold(!this.hasAttribute("data-folded")));
    // Whether it fits depends on the width.
    new ResizeObserver(() => this.#measure()).observe(this.#part("text"));
  }

  /** @type {(pinned: Pinned | null) => void} */
  show(pinned) {
    if (pinned?.id !== this.#pinned?.id) this.#fold(true);
    this.#pinned = pinned;
    part(this, ".pinned", HTMLElement).hidden = pinned === null;
    this.#part("sender").textContent = pinned?.sender ?? "";
    this.#part("text").textContent = pinned?.message ?? "";
    this.#measure();
  }

  /** @type {(isFolded: boolean) => void} */
  #fold(isFolded) {
    this.toggleAttribute("data-folded", isFolded);
    this.#part("unfold").setAttribute("aria-expanded", String(!isFolded));
    this.#measure();
  }

  /** What is in one line anyway need not be unfolded. */
  #measure() {
    const text = this.#part("text");
    const isWhole = text.scrollWidth <= text.clientWidth && !/\n/.test(text.textContent.trim());
    if (this.hasAttribute("data-folded")) this.#part("unfold").hidden = isWhole;
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

customElements.define("pinned-message", PinnedMessage);
