/** The name: who is asked for it, and what waits until it is given. */

import * as memory from "./memory.js";
import { page } from "./page.js";
import { isReader } from "./state.js";

/** @import { Store } from "./store.js" */

export class Naming {
  #store;
  /** Comes in anew, under the name that is remembered. */
  #enter;
  /** What is to be done once there is a name. @type {(() => void) | null} */
  #wanted = null;

  /**
   * @param {Store} store
   * @param {() => void} enter
   */
  constructor(store, enter) {
    this.#store = store;
    this.#enter = enter;
  }

  /** Have something done that takes a name: who has none is asked for it first. @type {(act: () => void) => void} */
  first(act) {
    if (!isReader(this.#store.state)) return act();
    this.#wanted = act;
    // Another tab may have asked for it meanwhile.
    const name = memory.recallName();
    if (name === null) this.ask();
    else this.give(name);
  }

  ask() {
    const isIn = this.#isIn();
    const name = isIn ? this.#store.state.me.name : memory.recallName();
    page.dialog.ask(name ?? "", isIn, page.title.textContent ?? "");
  }

  /** What was asked for is given, or another name while we are here. @type {(name: string) => void} */
  give(name) {
    const isIn = this.#isIn();
    if (isIn && this.#store.state.me.name !== name) return this.#store.dispatch({ type: "rename", name });
    const isNew = name !== memory.recallName();
    const wanted = this.#wanted;
    this.#wanted = null;
    memory.rememberName(name);
    page.dialog.close();
    if (isIn && !isNew) return page.composer.focus();
    // What waits goes out on the new connection.
    this.#enter();
    this.#store.dispatch({ type: "named", name });
    wanted?.();
  }

  /** No name is given: nothing happens. */
  cancel() {
    this.#wanted = null;
    this.#store.dispatch({ type: "cancel", what: "renaming" });
  }

  /** Whether we are here under a name. */
  #isIn() {
    const { state } = this.#store;
    return state.connection.phase === "connected" && !isReader(state);
  }
}
