/** `<chat-day>`: where one day of the talk begins. */

import { dayName } from "../dates.js";
import { part } from "./part.js";

/** @import { DayRow } from "../rows.js" */

export class ChatDay extends HTMLElement {
  /** @type {(row: DayRow) => void} */
  show({ at, skew }) {
    // Said anew every time, as today becomes yesterday while the page is open; by the server's clock.
    const name = dayName(at, Date.now() + skew);
    const label = part(this, "[data-day]", HTMLElement);
    if (label.textContent !== name) label.textContent = name;
  }
}

customElements.define("chat-day", ChatDay);
