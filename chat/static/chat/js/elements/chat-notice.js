/** `<chat-notice>`: a line of the room. Who comes or goes, or how many, is told in the words of the template. */

import { showFull } from "../dates.js";
import { showCount } from "./plural.js";

class ChatNotice extends HTMLElement {
  show({ frame, at }) {
    this.dataset.color = frame.color;
    showFull(this, at);
    if (frame.event === "crowd") return this.#showCounts(frame);
    const name = this.querySelector("[data-name]");
    if (name) name.textContent = frame.name;
    else this.querySelector("[data-message]").textContent = frame.message;
  }

  #showCounts(counts) {
    for (const part of this.querySelectorAll("[data-count]")) {
      const count = counts[part.dataset.count];
      part.hidden = count === 0;
      showCount(part, count);
    }
  }
}

customElements.define("chat-notice", ChatNotice);
