/** How far the person has read, as far as a page can know: what is at the end, and in sight, for a moment. */

import { isRead } from "./listening.js";
import { read } from "./protocol.js";
import { current, isReader } from "./state.js";

/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/**
 * What is being read, since then, in `performance.now`; the timer says so.
 * @typedef {{ slug: string, id: number, since: number, timer: ReturnType<typeof setTimeout> }} InSight
 */

/** What has been in sight this long, in milliseconds, is read. */
const MOMENT = 1000;
/** Of one room it is said no more often than this, in milliseconds. */
const PAUSE = 2500;

export class Reading {
  #store;
  #socket;
  /** @type {InSight | null} */
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
    const [id, now] = [newestRead(state), performance.now()];
    if (this.#inSight && (id === null || this.#inSight.slug !== state.slug)) this.#lookAway(this.#inSight, now);
    if (this.#inSight || id === null) return;
    const { slug } = state;
    const rest = slug === this.#said.slug ? this.#said.at + PAUSE - now : 0;
    this.#inSight = { slug, id, since: now, timer: this.#sayIn(Math.max(MOMENT, rest), slug, id) };
  }

  /**
   * What was in sight for long enough is said now, however little time has passed.
   * @type {(seen: InSight, now: number) => void}
   */
  #lookAway({ slug, id, since, timer }, now) {
    clearTimeout(timer);
    this.#inSight = null;
    // Not at once: others are still to hear of this change.
    if (now - since >= MOMENT) this.#sayIn(0, slug, id);
  }

  /** @type {(time: number, slug: string, id: number) => ReturnType<typeof setTimeout>} */
  #sayIn(time, slug, id) {
    return setTimeout(() => this.#say(slug, id), time);
  }

  /** @type {(slug: string, id: number) => void} */
  #say(slug, id) {
    if (this.#inSight?.slug === slug) this.#inSight = null;
    this.#said = { slug, at: performance.now() };
    // What a reader has read the page alone knows.
    const isSaid = isReader(this.#store.state) || this.#socket.send(read(slug, id));
    if (isSaid) this.#store.dispatch({ type: "read", slug, id });
  }
}

/**
 * The newest message, or 0 in an empty room, where that is in sight and it was not said yet that it is read.
 * @type {(state: State) => number | null}
 */
export function newestRead(state) {
  const { isIn, isCaughtUp, newest } = current(state);
  const summary = state.list?.rooms.get(state.slug);
  if (!summary || !isIn || !isCaughtUp || !isRead(state, state.slug)) return null;
  return newest > (summary.read ?? -1) ? newest : null;
}
