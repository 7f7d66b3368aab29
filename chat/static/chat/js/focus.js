/**
 * Whoever goes by the keyboard is never thrown out of the page: where what had the focus is gone, something else
 * has it. Dialogs, popovers and the log (lines.js) see to that themselves; this is for all that is left.
 */

/** @import { Store } from "./store.js" */

/** Until what has changed is painted (screen.js), in milliseconds. */
const SOON = 20;

export class Focus {
  /** What had it last. @type {Element | null} */
  #last = null;
  #isLooking = false;
  #fall;

  /**
   * From now on, where it falls from something that is not to be seen any more, have `fall` take it.
   * @param {Store} store
   * @param {() => void} fall
   */
  constructor(store, fall) {
    this.#fall = fall;
    document.addEventListener("focusin", ({ target }) => {
      this.#last = target instanceof Element ? target : null;
    });
    // Whoever presses somewhere has put it there.
    document.addEventListener("pointerdown", () => (this.#last = null));
    document.addEventListener("close", () => this.#soon(), true);
    store.follow(() => this.#soon());
  }

  /** Once that is painted: then the browser has taken it from what is hidden, and looking costs nothing. */
  #soon() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setTimeout(() => requestAnimationFrame(() => setTimeout(() => this.#look())), SOON);
  }

  #look() {
    this.#isLooking = false;
    const last = this.#last;
    if (!last || document.activeElement !== document.body || last.checkVisibility()) return;
    this.#last = null;
    this.#fall();
  }
}
