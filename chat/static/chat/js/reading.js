/** How far the person has read, as far as a page can know: what is at the end, and in sight, for a moment. */

import { isRead } from "./listening.js";
import { read } from "./protocol.js";
import { current } from "./state.js";

/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** What has been in sight this long, in milliseconds, is read. */
const MOMENT = 1000;
/** Of one room it is said no more often than this, in milliseconds. */
const PAUSE = 2500;

export class Reading {
  #store;
  #socket;
  /** What is being read. @type {{ slug: string, id: number, timer: ReturnType<typeof setTimeout> } | null} */
  #inSight = null;
  /** What was said last, and when, in `performance.now`. */
  #said = { slug: "", at: 0 };

  /**
   * From now on the server knows what was read in the room that is shown.
   * @param {Store} store
   * @param {Pick<Socket, "send">} socket
   */
  constructor(store, socket) {
    this.#store = store;
    this.#socket = socket;
    store.follow((state) => this.#look(state));
  }

  /** @type {(state: State) => void} */
  #look(state) {
    const id = newestRead(state);
    if (this.#inSight && (id === null || this.#inSight.slug !== state.slug)) {
      clearTimeout(this.#inSight.timer);
      this.#inSight = null;
    }
    if (this.#inSight || id === null) return;
    const { slug } = state;
    const rest = slug === this.#said.slug ? this.#said.at + PAUSE - performance.now() : 0;
    this.#inSight = { slug, id, timer: setTimeout(() => this.#say(slug, id), Math.max(MOMENT, rest)) };
  }

  /** @type {(slug: string, id: number) => void} */
  #say(slug, id) {
    this.#inSight = null;
    this.#said = { slug, at: performance.now() };
    if (this.#socket.send(read(slug, id))) this.#store.dispatch({ type: "read", slug, id });
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
