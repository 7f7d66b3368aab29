/** `<connection-line>`: how the connection is. Tells of `connect` when the person asks for one. */

import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Connection } from "../state.js" */

export class ConnectionLine extends PageElement {
  /** @type {HTMLElement} */
  #status;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  begin() {
    this.#status = part(this, "[role=status]", HTMLElement);
    this.addEventListener("click", (event) => {
      if (around(event, "button")) tell(this, "connect");
    });
  }

  /** @type {(connection: Connection) => void} */
  show({ phase, until, reason, code }) {
    clearInterval(this.#ticking);
    this.dataset.phase = phase;
    const words = this.#status.dataset[phase] ?? "";
    // Written only when it changes, since every writing is read out.
    if (this.#status.textContent !== words) this.#status.textContent = words;
    this.#showReason(reason ?? "", code);
    for (const offer of parts(this, "[data-when]")) offer.hidden = offer.dataset.when !== phase;
    if (until) this.#countDown(until);
  }

  /**
   * In the words of the page, where it has some: who is not let in has told the server no language.
   * @type {(reason: string, code?: string) => void}
   */
  #showReason(reason, code) {
    const own = parts(this, "[data-why]");
    const said = part(this, "[data-reason]", HTMLElement);
    for (const words of own) words.hidden = words.dataset.why !== code;
    said.hidden = !reason || own.some(({ hidden }) => !hidden);
    said.textContent = reason;
  }

  /** @type {(until: number) => void} */
  #countDown(until) {
    const tick = () => {
      const seconds = Math.ceil((until - performance.now()) / 1000);
      part(this, "[data-seconds]", HTMLElement).textContent = String(Math.max(seconds, 0));
    };
    tick();
    this.#ticking = setInterval(tick, 1000);
  }
}

customElements.define("connection-line", ConnectionLine);
