/** Holds what the page knows at this moment: who changes it, and who is told of that. */

/** @import { PageEvent } from "./reducer.js" */
/** @import { State } from "./state.js" */

/** @typedef {(state: State, event: PageEvent) => State} Reduce */
/**
 * Is called with what is known, with what was before, and with what has happened.
 * @typedef {(state: State, before: State, events: PageEvent[]) => void} Follower
 */

export class Store {
  #state;
  #reduce;
  /** @type {Follower[]} */
  #followers = [];
  /** @type {Follower[]} */
  #last = [];

  /**
   * What is known at first, and what becomes of it.
   * @param {State} state
   * @param {Reduce} reduce
   */
  constructor(state, reduce) {
    this.#state = state;
    this.#reduce = reduce;
  }

  /** From now on this comes of what happens. @param {Reduce} reduce */
  learn(reduce) {
    this.#reduce = reduce;
  }

  get state() {
    return this.#state;
  }

  /**
   * From now on call `follower` after each change. They are called in this order, and dispatch nothing then: those
   * behind would hear of the later change first.
   * @type {(follower: Follower) => void}
   */
  follow(follower) {
    this.#followers.push(follower);
  }

  /**
   * Call this one after all others, and after those who have asked for that before, whoever else is still to come. It
   * may dispatch; of what it hears then, the store alone knows whether it still holds.
   * @type {(follower: Follower) => void}
   */
  followLast(follower) {
    this.#last.push(follower);
  }

  /** All of this has happened, as one change. @type {(...events: PageEvent[]) => void} */
  dispatch(...events) {
    const before = this.#state;
    const state = events.reduce(this.#reduce, before);
    if (state === before) return;
    this.#state = state;
    for (const follower of [...this.#followers, ...this.#last]) follower(state, before, events);
  }
}
