/**
 * Coming in, before the rest of the page is there: the talk of the room is heard, so that it can be read, and whatever
 * else the server tells waits in its order for the rest, which goes on from there (connection.js).
 */

import { cursor } from "./entering.js";
import * as memory from "./identity.js";
import { hasOpened } from "./opening.js";
import { current } from "./state.js";
import { CHECKS, framesIn, isKnown, reply, rooms, understood } from "./wire.js";

/** @import { Frame, Introduction, Welcomed } from "./protocol.js" */
/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** What is heard until the talk stands there; opening.js knows what to make of it. */
const HEARD = new Set(["request_name", "welcome", "room", "history"]);
/** How many frames wait at most: whoever has the rest for so long still to come sees the latest page anew from time to time. */
export const MOST = 5000;

/**
 * What the rest goes on from: frames as they came, whether there is no way in, and whether it was asked which rooms there
 * are.
 * @typedef {{ frames: any[], isStopped: boolean, hasRooms: boolean }} Begun
 */

/** Where the server listens to us, by the address of the chat's first page. @type {(base: string) => string} */
export function address(base) {
  const address = new URL(`${base}ws/${memory.identity().id}/`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

export class Arrival {
  #store;
  #socket;
  #listening = new AbortController();
  /** @type {Begun} */
  #begun = { frames: [], isStopped: false, hasRooms: false };
  /** What has the rest come at once. */
  #hurry = () => {};

  /**
   * From now on the store knows what it takes to read.
   * @param {Store} store
   * @param {Socket} socket
   */
  constructor(store, socket) {
    this.#store = store;
    this.#socket = socket;
    const { signal } = this.#listening;
    socket.addEventListener("connecting", () => this.#begin({ type: "connecting" }), { signal });
    socket.addEventListener("waiting", (event) => this.#begin({ type: "waiting", until: detail(event) }), { signal });
    socket.addEventListener("stopped", () => this.#stop(), { signal });
    socket.addEventListener("frame", (event) => this.#hear(detail(event)), { signal });
  }

  /** Have `hurry` called where only the rest can say what is the matter. @param {() => void} hurry */
  whenStuck(hurry) {
    this.#hurry = hurry;
  }

  /** The rest listens now. @returns {Begun} */
  end() {
    this.#listening.abort();
    return this.#begun;
  }

  /** What another connection has told is told anew. @type {(event: { type: "connecting" } | { type: "waiting", until: number }) => void} */
  #begin(event) {
    this.#begun = { frames: [], isStopped: false, hasRooms: false };
    this.#store.dispatch(event);
  }

  #stop() {
    this.#begun.isStopped = true;
    this.#hurry();
  }

  /** @type {(text: unknown) => void} */
  #hear(text) {
    for (const frame of framesIn(text)) {
      const isHeard = HEARD.has(frame?.type) && !hasOpened(this.#store.state);
      if (isHeard && isKnown(frame, CHECKS)) this.#take(understood(frame, document.documentElement.lang));
      else if (!isHeard) this.#keep(frame);
    }
  }

  /** @type {(frame: Frame) => void} */
  #take(frame) {
    this.#store.dispatch({ type: "frame", frame, at: Date.now() });
    if (frame.type === "request_name") introduce(this.#store.state, this.#socket);
    if (frame.type !== "welcome") return;
    remember(frame);
    this.#begun.hasRooms = this.#socket.send(rooms());
  }

  /** @type {(frame: any) => void} */
  #keep(frame) {
    this.#begun.frames.push(frame);
    // The socket closes before the rest is there.
    if (frame?.type === "closing" && isKnown(frame, CHECKS)) this.#socket.heed(understood(frame, ""));
    if (frame?.type === "error") this.#hurry();
    if (this.#begun.frames.length > MOST) this.#socket.drop();
  }
}

/** Say who we are: without a name we read. @type {(state: State, socket: Socket) => void} */
export function introduce(state, socket) {
  // The page is for another.
  if (state.isOver) return socket.close();
  socket.send(reply(introduction(state)));
}

/** @type {(state: State) => Introduction} */
function introduction(state) {
  return {
    name: memory.recallName(),
    token: memory.identity().token,
    lang: document.documentElement.lang,
    rooms: { [state.slug]: cursor(current(state)) },
  };
}

/**
 * A user's session proves who they are; who is a guest here stays that guest, and a reader is nobody.
 * @type {(frame: Welcomed) => void}
 */
export function remember(frame) {
  if (frame.token) memory.rememberIdentity(frame);
}

/** @type {(event: Event) => any} */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
