/** `<chat-day>`: where one day of the talk begins. */

import { dayName } from "../dates.js";

class ChatDay extends HTMLElement {
  show({ at }) {
    // Said anew every time, as today becomes yesterday while the page is open.
    const name = dayName(at, Date.now());
    const label = this.querySelector("[data-day]");
    if (label.textContent !== name) label.textContent = name;
  }
}

customElements.define("chat-day", ChatDay);
