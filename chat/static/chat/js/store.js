/** Holds what the page knows at this moment: who changes it, and who is told of that. */

import { reduce } from "./reducer.js";

/** @import { PageEvent } from "./reducer.js" */
/** @import { State } from "./state.js" */

/** @typedef {(state: State, before: State) => void} Follower */

export class Store {
  #state;
  /** @type {Follower[]} */
  #followers = [];

  /** @param {State} state */
  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /**
   * From now on call `follower` after each change, with what is known and what was before. They are called in
   * this order; whoever dispatches then has to be the last, or those behind would hear of the later change first.
   * @type {(follower: Follower) => void}
   */
  follow(follower) {
    this.#followers.push(follower);
  }

  /** All of this has happened, as one change. @type {(...events: PageEvent[]) => void} */
  dispatch(...events) {
    const before = this.#state;
    const state = events.reduce(reduce, before);
    if (state === before) return;
    this.#state = state;
    for (const follower of this.#followers) follower(state, before);
  }
}
