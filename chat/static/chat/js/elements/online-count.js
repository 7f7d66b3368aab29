/** `<online-count>`: how many people are in the room. */

import { showCount } from "./plural.js";

export class OnlineCount extends HTMLElement {
  /** Show this number, or nothing where it is not known. @type {(count: number | null) => void} */
  show(count) {
    this.hidden = count === null;
    if (count !== null) showCount(this, count);
  }
}

customElements.define("online-count", OnlineCount);
