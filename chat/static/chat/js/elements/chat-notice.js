/**
 * `<chat-notice>`: a line of the room. Who comes or goes, or how many, and what the room is now, is told in the words of
 * the template.
 */

import { duration, showFull } from "../dates.js";
import { part, parts } from "./part.js";
import { showCount } from "./plural.js";
import { RoleBadge } from "./role-badge.js";

/** @import { Crowd, Described, Member, Notified } from "../protocol.js" */
/** @import { NoticeRow } from "../rows.js" */

export class ChatNotice extends HTMLElement {
  /** @type {(row: NoticeRow) => void} */
  show({ frame, at }) {
    this.dataset.color = frame.color;
    showFull(this, at);
    if (frame.event === "crowd") this.#showCounts(frame);
    else if (frame.event === "join" || frame.event === "leave") this.#showPerson(frame);
    else if (frame.event === "rename" && frame.was) this.#showPerson(frame, frame.was);
    else if (frame.event === "room" && frame.news?.length) this.#showNews(frame, frame.news);
    else this.#part("message").textContent = frame.message;
  }

  /** @type {(room: Notified & Described, news: string[]) => void} */
  #showNews({ title, topic, slow }, news) {
    for (const words of parts(this, "[data-news]")) words.hidden = !news.includes(words.dataset.news ?? "");
    this.#part("title").textContent = title ?? "";
    this.#part("topic").textContent = topic ?? "";
    this.#part("slow").textContent = slow ? duration(slow) : "";
  }

  /** @type {(member: Member, was?: string) => void} */
  #showPerson({ name, role }, was) {
    this.#part("name").textContent = name;
    if (was !== undefined) this.#part("was").textContent = was;
    if (role) part(this, "role-badge", RoleBadge).show(role);
  }

  /** @type {(crowd: Crowd) => void} */
  #showCounts({ came, went }) {
    for (const direction of parts(this, "[data-count]")) {
      const count = direction.dataset.count === "came" ? came : went;
      direction.hidden = count === 0;
      showCount(direction, count);
    }
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

customElements.define("chat-notice", ChatNotice);
