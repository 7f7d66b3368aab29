/**
 * `<moderator-words>`: what the moderators have told the person, each until it is read. Tells of `word-read` (detail:
 * its key).
 */

import { moment } from "../dates.js";
import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Word } from "../state.js" */

export class ModeratorWords extends PageElement {
  /** By their keys. @type {Map<number, HTMLElement>} */
  #shown = new Map();

  /** @type {(words: Word[]) => void} */
  show(words) {
    const keys = new Set(words.map(({ key }) => key));
    for (const [key, element] of this.#shown) if (!keys.has(key)) this.#remove(key, element);
    for (const word of words) {
      const known = this.#shown.get(word.key);
      if (!known) this.append(this.#begun(word));
      else if (word.text !== undefined) showText(known, word.text);
    }
  }

  /** @type {(word: Word) => HTMLElement} */
  #begun(word) {
    const { key, act, until, reason, title, text } = word;
    const element = copy("moderator-word-template", HTMLElement);
    this.#shown.set(key, element);
    element.dataset.act = act;
    for (const words of parts(element, "[data-when-act]")) words.hidden = words.dataset.whenAct !== act;
    const untils = until ? "until" : "for-good";
    for (const words of parts(element, "[data-term]")) words.hidden = words.dataset.term !== untils;
    for (const place of parts(element, "[data-until]")) place.textContent = until ? moment(Date.parse(until)) : "";
    showOrHide(element, "where", title);
    showOrHide(element, "reason", reason ?? "");
    showText(element, text ?? "");
    part(element, "[data-read]", HTMLElement).addEventListener("click", () => tell(this, "word-read", key));
    return element;
  }

  /** The focus goes on to the next that is to be read. @type {(key: number, element: HTMLElement) => void} */
  #remove(key, element) {
    const hadFocus = element.contains(document.activeElement);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    this.#shown.delete(key);
    if (!hadFocus) return;
    const button = next?.querySelector("[data-read]");
    const place = button ?? document.querySelector("[data-scroller]");
    if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  }
}

/** @type {(element: HTMLElement, text: string) => void} */
function showText(element, text) {
  showOrHide(element, "text", text);
}

/** A piece with words in it, hidden where there are none. @type {(element: HTMLElement, name: string, words: string) => void} */
function showOrHide(element, name, words) {
  part(element, `[data-${name}]`, HTMLElement).hidden = words === "";
  part(element, `[data-${name}-words]`, HTMLElement).textContent = words;
}

customElements.define("moderator-words", ModeratorWords);
