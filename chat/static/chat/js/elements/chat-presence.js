/** `<chat-presence>`: many comings and goings in one line: some names, and how many others. */

import { locale, showFull } from "../dates.js";
import { part, parts } from "./part.js";
import { showCount } from "./plural.js";
import { copy } from "./template.js";

/** @import { Party, PresenceRow } from "../comings.js" */

const list = new Intl.ListFormat(locale, { type: "conjunction" });

export class ChatPresence extends HTMLElement {
  /** @type {(row: PresenceRow) => void} */
  show({ at, came, went }) {
    showFull(this, at);
    this.#showParty("came", came);
    this.#showParty("went", went);
  }

  /** @type {(direction: string, party: Party) => void} */
  #showParty(direction, { names, others }) {
    const sentence = part(this, `[data-party="${direction}"]`, HTMLElement);
    const isOne = names.length + others === 1;
    sentence.hidden = names.length + others === 0;
    for (const form of parts(sentence, "[data-form]")) form.hidden = isOne !== (form.dataset.form === "one");
    const shown = part(sentence, `[data-form="${isOne ? "one" : "many"}"] [data-names]`, HTMLElement);
    const people = names.map(named);
    shown.replaceChildren(...listed(others > 0 ? [...people, this.#others(others)] : people));
  }

  /** How many others, in words. @type {(count: number) => HTMLElement} */
  #others(count) {
    const words = copy("others-template", HTMLElement);
    showCount(words, count);
    return words;
  }
}

/** @type {(name: string) => HTMLElement} */
function named(name) {
  const found = copy("name-template", HTMLElement);
  found.textContent = name;
  return found;
}

/** These, with the words between them that the page's language has. @type {(items: HTMLElement[]) => (HTMLElement | string)[]} */
function listed(items) {
  const pieces = list.formatToParts(items.map((_item, index) => String(index)));
  return pieces.map(({ type, value }) => (type === "element" ? items[Number(value)] : value));
}

customElements.define("chat-presence", ChatPresence);
