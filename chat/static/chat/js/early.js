/** Clicks that come too early: what is not alive yet when it is clicked is clicked again when it is. */

import { around } from "./elements/part.js";

export class EarlyClicks {
  #listening = new AbortController();
  /** The last of them. @type {HTMLElement | null} */
  #clicked = null;

  constructor() {
    const { signal } = this.#listening;
    document.addEventListener("click", (event) => (this.#clicked = notAlive(event)), { capture: true, signal });
  }

  /** All is alive now. */
  repeat() {
    this.#listening.abort();
    if (this.#clicked?.isConnected) this.#clicked.click();
  }
}

/** The button that was clicked, where nothing hears it yet. @type {(event: Event) => HTMLElement | null} */
function notAlive(event) {
  const button = around(event, "button[type=button]:not([popovertarget])");
  const owner = button?.closest("chat-log, connection-line");
  return owner ? null : button;
}
