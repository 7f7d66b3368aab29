/** `<chat-notice>`: a line of the room. Who comes or goes is told in the words of the template. */

import { showFull } from "../dates.js";

class ChatNotice extends HTMLElement {
  show({ frame, at }) {
    this.dataset.color = frame.color;
    showFull(this, at);
    const name = this.querySelector("[data-name]");
    if (name) name.textContent = frame.name;
    else this.querySelector("[data-message]").textContent = frame.message;
  }
}

customElements.define("chat-notice", ChatNotice);
