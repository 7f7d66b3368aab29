/** Between the socket and the store: what the server tells, and what it is asked. */

import * as memory from "./memory.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import * as rooms from "./room.js";

/** @import { Item } from "./outbox.js" */
/** @import { Frame, Refused } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { Socket } from "./socket.js" */
/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** Where the server cannot answer and does not say how long, this many seconds pass until it is asked again. */
const REST = 5;

/** Where the server listens to us, by the path that the page was given. @type {(path: string) => string} */
export function address(path) {
  const address = new URL(`${path}${memory.identity().id}/`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

export class Connection {
  #store;
  #socket;

  /**
   * From now on the store knows what comes through the socket, and what it wants goes out there. What is sent is
   * the next change, so nobody may follow the store after this.
   * @param {Store} store
   * @param {Socket} socket
   */
  constructor(store, socket) {
    this.#store = store;
    this.#socket = socket;
    socket.addEventListener("connecting", () => store.dispatch({ type: "connecting" }));
    socket.addEventListener("waiting", (event) => store.dispatch({ type: "waiting", until: detail(event) }));
    socket.addEventListener("doubtful", () => store.dispatch({ type: "doubtful" }));
    socket.addEventListener("trusted", () => store.dispatch({ type: "trusted" }));
    socket.addEventListener("stopped", () => store.dispatch({ type: "stopped" }));
    socket.addEventListener("frame", (event) => this.#hear(protocol.parse(detail(event))));
    // Neither word is the truth: a page of this very machine needs no network, and a network may lead nowhere.
    addEventListener("online", () => socket.hurry());
    addEventListener("offline", () => socket.doubt());
    store.follow((state, before) => this.#follow(state, before));
  }

  /** @type {(frames: Frame[]) => void} */
  #hear(frames) {
    const at = Date.now();
    // All of them first: what was missed may show that something need not be sent again.
    this.#store.dispatch(...frames.map((frame) => /** @type {const} */ ({ type: "frame", frame, at })));
    for (const frame of frames) this.#answer(frame);
  }

  /** @type {(frame: Frame) => void} */
  #answer(frame) {
    switch (frame.type) {
      case "request_name":
        this.#socket.send(protocol.reply(introduction(this.#store.state)));
        break;
      case "welcome":
        memory.rememberIdentity(frame);
        break;
      case "closing":
        this.#socket.heed(frame);
        break;
      case "error":
        if (frame.ref === undefined) this.#wait(frame);
    }
  }

  /**
   * The server could not let us in, or not tell what we asked: both are asked again in a while.
   * @type {(frame: Refused) => void}
   */
  #wait({ retry_after }) {
    const { connection, rooms } = this.#store.state;
    if (connection.phase === "connected") {
      setTimeout(() => this.#store.dispatch({ type: "released", rooms }), (retry_after ?? REST) * 1000);
    } else {
      this.#socket.heed({ retry_after });
      this.#socket.drop();
    }
  }

  /** What is to be done about what has changed. @type {(state: State, before: State) => void} */
  #follow(state, before) {
    for (const [slug, room] of state.rooms) this.#askFor(room, before.rooms.get(slug));
    for (const item of state.outbox) if (isTired(item, before)) this.#letRest(item);
    this.#sendDue(state);
  }

  /** @type {(room: Room, before: Room | undefined) => void} */
  #askFor(room, before) {
    if (room.entering > (before?.entering ?? 0)) {
      this.#socket.send(protocol.enter(room.slug, rooms.cursor(room)));
    }
    if (room.sent && room.sent !== before?.sent) {
      this.#socket.send(protocol.history(room.slug, room.sent, rooms.PAGE));
    }
  }

  /** @type {(item: Item) => void} */
  #letRest({ ref, rest }) {
    setTimeout(() => this.#store.dispatch({ type: "rested", ref }), Number(rest) * 1000);
  }

  /** @type {(state: State) => void} */
  #sendDue({ connection, outbox: items }) {
    if (connection.phase !== "connected") return;
    const sent = outbox.due(items).filter((item) => this.#socket.send(protocol.command(item)));
    if (sent.length > 0) this.#store.dispatch({ type: "sent", refs: sent.map(({ ref }) => ref) });
  }
}

/** @type {(state: State) => protocol.Introduction} */
function introduction(state) {
  return {
    name: memory.recallName() ?? "",
    token: memory.identity().token,
    lang: document.documentElement.lang,
    rooms: Object.fromEntries(Array.from(state.rooms, ([slug, room]) => [slug, rooms.cursor(room)])),
  };
}

/** Whether a change has just been told to rest. @type {(item: Item, before: State) => boolean} */
function isTired({ ref, status }, before) {
  return status === "resting" && outbox.find(before.outbox, ref)?.status !== "resting";
}

/** @type {(event: Event) => any} */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
