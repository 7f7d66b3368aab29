/** `<online-status>`: how many people are in the room, read out, and nothing else of who comes and goes. */

import { showCount } from "./plural.js";

/** A crowd that comes or goes is not spoken of more often than this, in milliseconds. */
const BREATH = 3000;

export class OnlineStatus extends HTMLElement {
  /** @type {number | null} */
  #count = null;
  #isBreathing = false;

  /** Say this number, or nothing where it is not known. @type {(count: number | null) => void} */
  show(count) {
    if (count === this.#count) return;
    this.#count = count;
    if (!this.#isBreathing) setTimeout(() => this.#speak(), BREATH);
    this.#isBreathing = true;
  }

  #speak() {
    this.#isBreathing = false;
    this.hidden = this.#count === null;
    if (this.#count !== null) showCount(this, this.#count);
  }
}

customElements.define("online-status", OnlineStatus);
