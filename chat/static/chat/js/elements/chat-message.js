/** `<chat-message>`: what somebody said. Text from people is only ever text here. */

import { showTime } from "../dates.js";
import { hue } from "../hue.js";
import { linkify } from "../linkify.js";
import { initial } from "../text.js";
import { copy } from "./template.js";

class ChatMessage extends HTMLElement {
  #frame = null;

  show({ frame, at, isOwn, isContinued }) {
    this.toggleAttribute("data-own", isOwn);
    this.toggleAttribute("data-continued", isContinued);
    if (frame === this.#frame) return;

    this.#frame = frame;
    this.style.setProperty("--hue", hue(frame.sender_id));
    this.querySelector("[data-avatar]").textContent = initial(frame.sender);
    this.querySelector("[data-author]").textContent = frame.sender;
    this.querySelector("[data-body]").replaceChildren(...linkify(frame.message).map(toNode));
    showTime(this.querySelector("[data-time]"), at);
  }
}

function toNode({ text, href }) {
  if (!href) return document.createTextNode(text);
  const link = copy("link-template");
  link.href = href;
  link.textContent = text;
  return link;
}

customElements.define("chat-message", ChatMessage);
