/** `<chat-unread>`: where what is new begins, and how much there is. */

import { MANY } from "../many.js";
import { part } from "./part.js";
import { showCount } from "./plural.js";

/** @import { UnreadRow } from "../rows.js" */

export class ChatUnread extends HTMLElement {
  /** @type {(row: UnreadRow) => void} */
  show({ count }) {
    const isMany = count >= MANY;
    part(this, "[data-counted]", HTMLElement).hidden = isMany;
    part(this, "[data-many]", HTMLElement).hidden = !isMany;
    showCount(part(this, "[data-counted]", HTMLElement), count);
  }
}

customElements.define("chat-unread", ChatUnread);
