/** `<online-count>`: how many people are in the room. */

import { showCount } from "./plural.js";

class OnlineCount extends HTMLElement {
  /** Show this number, or nothing where it is not known. */
  show(count) {
    this.hidden = count === null;
    if (!this.hidden) showCount(this, count);
  }
}

customElements.define("online-count", OnlineCount);
