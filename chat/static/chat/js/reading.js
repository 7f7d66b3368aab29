/** How far the person has read, as far as a page can know: what is at the end, and in sight, for a moment. */

import { isRead } from "./listening.js";
import { read } from "./protocol.js";
import { current } from "./state.js";

/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** What has been in sight this long, in milliseconds, is read; and it is said no more often. */
const MOMENT = 1000;

export class Reading {
  #store;
  #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * From now on the server knows what was read in the room that is shown.
   * @param {Store} store
   * @param {Socket} socket
   */
  constructor(store, socket) {
    this.#store = store;
    this.#socket = socket;
    store.follow((state) => {
      if (!this.#timer && newestRead(state) !== null) this.#timer = setTimeout(() => this.#say(), MOMENT);
    });
  }

  #say() {
    this.#timer = undefined;
    const { slug } = this.#store.state;
    const id = newestRead(this.#store.state);
    if (id !== null && this.#socket.send(read(slug, id))) this.#store.dispatch({ type: "read", slug, id });
  }
}

/**
 * The newest message, where that is in sight and it was not said yet that it is read.
 * @type {(state: State) => number | null}
 */
export function newestRead(state) {
  const { isIn, isCaughtUp, newest } = current(state);
  const summary = state.list?.rooms.get(state.slug);
  if (!summary || !isIn || !isCaughtUp || !isRead(state, state.slug)) return null;
  return newest > (summary.read ?? 0) ? newest : null;
}
