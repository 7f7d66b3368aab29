/**
 * `<shut-out>`: in place of the chat, for somebody whom a moderator has shut out: why, and until when. Tells of
 * `connect` when they come back.
 */

import { countdown, moment } from "../dates.js";
import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Connection } from "../state.js" */

/** What is longer to wait, in seconds, is not counted down. */
const DAY = 86_400;

export class ShutOut extends PageElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;

  begin() {
    this.#part("come-back").addEventListener("click", () => tell(this, "connect"));
  }

  /** @type {(connection: Connection | null) => void} */
  show(connection) {
    clearInterval(this.#ticking);
    const { code = "", reason = "", notBefore: until } = connection ?? {};
    for (const words of parts(this, "[data-when-code]")) words.hidden = words.dataset.whenCode !== code;
    this.#part("why").textContent = reason;
    this.#part("until").hidden = until === undefined;
    this.#part("until-moment").textContent = until === undefined ? "" : moment(until);
    this.#part("come-back").hidden = connection !== null && until === undefined;
    if (!connection) return;
    this.#part("title").focus();
    this.#part("wait").hidden = this.#part("over").hidden = true;
    if (until === undefined) return;
    this.#tick(until);
    this.#ticking = setInterval(() => this.#tick(until), 1000);
  }

  /** One may come back once it is time. @type {(until: number) => void} */
  #tick(until) {
    const left = Math.ceil((until - Date.now()) / 1000);
    this.#part("wait").hidden = left <= 0 || left > DAY;
    this.#part("over").hidden = left > 0;
    this.#part("until").hidden = left <= 0;
    this.#part("left").textContent = countdown(left);
    part(this, "[data-come-back]", HTMLButtonElement).disabled = left > 0;
    if (left <= 0) clearInterval(this.#ticking);
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

customElements.define("shut-out", ShutOut);
