/** `<connection-line>`: how the connection is. Tells of `connect` when the person asks for one. */

import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";

class ConnectionLine extends PageElement {
  #status;
  #ticking = null;

  begin() {
    this.#status = this.querySelector("[role=status]");
    this.addEventListener("click", ({ target }) => {
      if (target.closest("button")) tell(this, "connect");
    });
  }

  show({ phase, until, reason, code }) {
    clearInterval(this.#ticking);
    this.dataset.phase = phase;
    const words = this.#status.dataset[phase];
    // Written only when it changes, since every writing is read out.
    if (this.#status.textContent !== words) this.#status.textContent = words;
    this.#showReason(reason ?? "", code);
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== phase;
    if (until) this.#countDown(until);
  }

  /** In the words of the page, where it has some: who is not let in has told the server no language. */
  #showReason(reason, code) {
    const own = Array.from(this.querySelectorAll("[data-why]"));
    const said = this.querySelector("[data-reason]");
    for (const words of own) words.hidden = words.dataset.why !== code;
    said.hidden = !reason || own.some(({ hidden }) => !hidden);
    said.textContent = reason;
  }

  #countDown(until) {
    const tick = () => {
      const seconds = Math.ceil((until - performance.now()) / 1000);
      this.querySelector("[data-seconds]").textContent = Math.max(seconds, 0);
    };
    tick();
    this.#ticking = setInterval(tick, 1000);
  }
}

customElements.define("connection-line", ConnectionLine);
