/**
 * How many characters are left of what may be written, or are too many: shown once they are few, and read out where
 * that changes much, not at each letter.
 */

import { length, stepOf } from "../text.js";
import { part } from "./part.js";

export class CharacterCount {
  #box;
  #count;
  #said;
  #limit;
  /** What was read out last. @type {number | null} */
  #step = null;
  #left;

  /**
   * Of what stands in this box, whose limit it is; `place` has the words, and what reads them out.
   * @param {HTMLTextAreaElement} box
   * @param {HTMLElement} place
   * @param {number} limit
   */
  constructor(box, place, limit) {
    this.#box = box;
    this.#count = part(place, "[data-count]", HTMLElement);
    this.#said = part(place, "[data-count-said]", HTMLElement);
    this.#limit = this.#left = limit;
  }

  /** Whether it is more than may be sent. */
  get isOver() {
    return this.#left < 0;
  }

  /** The box has this text now, as it would be sent. @type {(text: string) => void} */
  show(text) {
    this.#left = this.#limit - length(text);
    const step = stepOf(this.#left);
    this.#count.hidden = step === null;
    this.#count.toggleAttribute("data-over", this.isOver);
    part(this.#count, "[data-left]", HTMLElement).textContent = String(this.#left);
    part(this.#count, "[data-beyond]", HTMLElement).textContent = String(-this.#left);
    this.#box.setAttribute("aria-invalid", String(this.isOver));
    // What is hidden is described all the same, as long as it is named.
    this.#box.setAttribute("aria-describedby", `${step === null ? "" : `${this.#count.id} `}composer-slow`);
    if (step !== this.#step) this.say();
    this.#step = step;
  }

  /** Read out how many that is, if they are few. */
  say() {
    this.#said.textContent = "";
    // What stands there already would not be read out again.
    if (!this.#count.hidden) setTimeout(() => (this.#said.textContent = this.#count.innerText), 100);
  }
}
