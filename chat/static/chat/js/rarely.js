/** Elements that most people never see: what makes them alive comes when it is first needed. */

import { part } from "./elements/part.js";

/**
 * The element that fits `selector`, once `load` has made it one of this kind.
 * @template {HTMLElement} Kind
 */
export class Rare {
  /** @type {Kind | null} */
  #element = null;
  #selector;
  #load;

  /**
   * @param {string} selector
   * @param {() => Promise<new () => Kind>} load
   */
  constructor(selector, load) {
    this.#selector = selector;
    this.#load = load;
  }

  /** Whether it has been needed, and has come. */
  get isHere() {
    return this.#element !== null;
  }

  /**
   * Have `use` called with it. Where it does not come, `fail` is called, and the next one who needs it asks again.
   * @type {(use: (element: Kind) => void, fail?: () => void) => void}
   */
  need(use, fail = () => {}) {
    if (this.#element) return use(this.#element);
    this.#load().then((kind) => use((this.#element = part(document, this.#selector, kind))), fail);
  }
}

/**
 * What a rare element shows; as long as that is nothing, it need not come.
 * @template Value
 */
export class RarelyShown {
  #rare;
  #isNothing;
  /** What it is to show, however late it comes. @type {Value | undefined} */
  #value;

  /**
   * @param {Rare<HTMLElement & { show: (value: Value) => void }>} rare
   * @param {(value: Value) => boolean} isNothing
   */
  constructor(rare, isNothing) {
    this.#rare = rare;
    this.#isNothing = isNothing;
  }

  /** @type {(value: Value) => void} */
  show(value) {
    if (value === this.#value) return;
    this.#value = value;
    if (!this.#rare.isHere && this.#isNothing(value)) return;
    // Where it does not come, the next time that the page is painted asks for it again.
    this.#rare.need((element) => element.show(/** @type {Value} */ (this.#value)), () => (this.#value = undefined));
  }
}
