/** Between the socket and the store: what the server tells, and what it is asked. */

import { introduce, remember } from "./arrival.js";
import * as moderation from "./moderation.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import * as rooms from "./room.js";
import { isReader } from "./state.js";

/** @import { Begun } from "./arrival.js" */
/** @import { Item } from "./outbox.js" */
/** @import { Frame, Muted, Refused, Typing } from "./protocol.js" */
/** @import { Room } from "./room.js" */
/** @import { Socket } from "./socket.js" */
/** @import { State, Wish } from "./state.js" */
/** @import { Store } from "./store.js" */

/** Where the server cannot answer and does not say how long, this many seconds pass until it is asked again. */
const REST = 5;
/** The commands that it then does. */
const ASKED_AGAIN = new Set(["enter", "history", "members", "queue", "rooms"]);
/** Who said this long ago that they write, in milliseconds, writes no longer. */
const SILENCE = 6000;
/** No timer runs for longer, in milliseconds: one for more than 24 days would go off at once. */
const DAY = 86_400_000;

export class Connection {
  #store;
  #socket;
  /** The rooms that we have asked to leave: that this was done is no news. @type {Set<string>} */
  #leaving = new Set();
  /** The rooms that the server has just sent us out of: there is nothing to leave. @type {Set<string>} */
  #lost = new Set();
  /** Whether we have asked which rooms there are; then we are told whenever that changes. */
  #hasRooms;

  /**
   * From now on the store knows what comes through the socket, and what it wants goes out there. What is sent is
   * the next change, so it follows the store last of all.
   * @param {Store} store
   * @param {Socket} socket
   * @param {boolean} hasRooms
   */
  constructor(store, socket, hasRooms) {
    this.#store = store;
    this.#socket = socket;
    this.#hasRooms = hasRooms;
    socket.addEventListener("connecting", () => this.#begin());
    socket.addEventListener("waiting", (event) => store.dispatch({ type: "waiting", until: detail(event) }));
    socket.addEventListener("doubtful", () => store.dispatch({ type: "doubtful" }));
    socket.addEventListener("trusted", () => store.dispatch({ type: "trusted" }));
    socket.addEventListener("stopped", () => store.dispatch({ type: "stopped" }));
    socket.addEventListener("frame", (event) => this.#hear(protocol.parse(detail(event), language())));
    // Neither word is the truth: a page of this very machine needs no network, and a network may lead nowhere.
    addEventListener("online", () => socket.hurry());
    addEventListener("offline", () => socket.doubt());
    store.followLast((state, before) => this.#follow(state, before));
  }

  /** Go on from what is known, and from what was told since. @type {(begun: Begun) => void} */
  resume({ frames, isStopped }) {
    for (const [slug, { muted }] of this.#store.state.rooms) if (muted) this.#awaitSpeech(slug, muted);
    this.#hear(protocol.known(frames, language()));
    if (isStopped) this.#store.dispatch({ type: "stopped" });
  }

  #begin() {
    this.#leaving.clear();
    this.#hasRooms = false;
    this.#store.dispatch({ type: "connecting" });
  }

  /** @type {(frames: Frame[]) => void} */
  #hear(frames) {
    const at = Date.now();
    const news = frames.filter((frame) => frame.type !== "left" || !this.#leaving.delete(frame.room));
    this.#lost = new Set(news.flatMap((frame) => (frame.type === "left" ? frame.room : [])));
    // All of them first: what was missed may show that something need not be sent again.
    this.#store.dispatch(...news.map((frame) => /** @type {const} */ ({ type: "frame", frame, at })));
    for (const frame of news) this.#answer(frame);
  }

  /** @type {(frame: Frame) => void} */
  #answer(frame) {
    switch (frame.type) {
      case "request_name":
        introduce(this.#store.state, this.#socket);
        break;
      case "welcome":
        remember(frame);
        if (!this.#hasRooms) this.#hasRooms = this.#socket.send(protocol.rooms());
        break;
      case "room":
        // It was asked for, and is no longer wanted.
        if (!this.#store.state.rooms.has(frame.room)) this.#leave(frame.room);
        break;
      case "typing":
        this.#awaitSilence(frame);
        break;
      case "closing":
        this.#socket.heed(frame);
        break;
      case "error":
        if (frame.ref === undefined) this.#wait(frame);
    }
  }

  /** Who says that they write is silent again if they say nothing more. @type {(frame: Typing) => void} */
  #awaitSilence({ room: slug, id }) {
    const typist = this.#store.state.rooms.get(slug)?.typists.find((one) => one.id === id);
    if (!typist) return;
    setTimeout(() => this.#store.dispatch({ type: "silent", slug, id, turn: typist.turn }), SILENCE);
  }

  /** Who is muted until then may speak again. @type {(slug: string, muted: Muted) => void} */
  #awaitSpeech(slug, muted) {
    if (!muted.until) return;
    const wait = Date.parse(muted.until) - Date.now();
    const speak = () => this.#store.dispatch({ type: "unmuted", slug, muted });
    setTimeout(() => (wait > DAY ? this.#awaitSpeech(slug, muted) : speak()), Math.min(wait, DAY));
  }

  /**
   * The server could not let us in, or not tell what we asked: both are asked again in a while.
   * @type {(frame: Refused) => void}
   */
  #wait({ code, command, retry_after }) {
    const { connection, rooms } = this.#store.state;
    if (connection.phase !== "connected") {
      this.#socket.heed({ retry_after });
      this.#socket.drop();
    } else if (protocol.isTransient(code) && (!command || ASKED_AGAIN.has(command))) {
      setTimeout(() => {
        if (command === "rooms") this.#socket.send(protocol.rooms());
        if (command === "queue") this.#store.dispatch({ type: "queue", isAnew: true });
        this.#store.dispatch({ type: "released", rooms });
      }, (retry_after ?? REST) * 1000);
    }
  }

  /** What is to be done about what has changed. @type {(state: State, before: State) => void} */
  #follow(state, before) {
    // One leaves before one enters, and so never listens to more rooms than the server allows.
    for (const [slug, { isIn }] of before.rooms) {
      if (isIn && !state.rooms.has(slug) && !this.#lost.has(slug)) this.#leave(slug);
    }
    for (const [slug, room] of state.rooms) {
      this.#askFor(room, before.rooms.get(slug));
      if (room.muted && room.muted !== before.rooms.get(slug)?.muted) this.#awaitSpeech(slug, room.muted);
    }
    if (state.renaming !== before.renaming && state.renaming?.error === null) {
      this.#socket.send(protocol.rename(state.renaming.name));
    }
    const { wish } = state;
    if (wish && wish !== before.wish && isAwaited(wish)) this.#socket.send(wished(wish));
    const { search } = state;
    if (search?.isAwaited && search.sent !== before.search?.sent) {
      this.#socket.send(protocol.search(search.q, search.room, search.sent));
    }
    this.#moderate(state, before);
    for (const item of state.outbox) if (isTired(item, before)) this.#letRest(item);
    this.#sendDue(state);
  }

  /** What a moderator wants. @type {(state: State, before: State) => void} */
  #moderate({ desk }, { desk: before }) {
    if (desk === before) return;
    for (const act of desk.acts) {
      const known = moderation.find(before, act.ref);
      const isAsked = known !== undefined && known.error === undefined;
      if (act.error === undefined && !isAsked) this.#socket.send(protocol.moderation(act.deed, act.ref));
    }
    if (desk.asking && desk.asking !== before.asking) this.#socket.send(protocol.queue(desk.asking));
  }

  /** @type {(slug: string) => void} */
  #leave(slug) {
    if (this.#socket.send(protocol.leave(slug))) this.#leaving.add(slug);
  }

  /** @type {(room: Room, before: Room | undefined) => void} */
  #askFor(room, before) {
    if (room.enters > (before?.enters ?? 0)) {
      this.#socket.send(protocol.enter(room.slug, rooms.cursor(room), room.way === "watch"));
    }
    const { asking } = room.roster;
    if (asking && asking !== before?.roster.asking) {
      this.#socket.send(protocol.members(room.slug, asking.after));
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
  #sendDue(state) {
    const { connection, rooms: known, outbox: items } = state;
    if (connection.phase !== "connected" || isReader(state)) return;
    // What is for a room that we are not in waits, and holds up nothing else.
    const here = items.filter((item) => isHere(known.get(item.room), outbox.hasWords(item)));
    const sent = outbox.due(here).filter((item) => this.#socket.send(protocol.command(item)));
    if (sent.length > 0) this.#store.dispatch({ type: "sent", refs: sent.map(({ ref }) => ref) });
  }
}

/** Whether we may act in a room, or even speak, as the server sees it. @type {(room: Room | undefined, hasWords: boolean) => boolean} */
function isHere(room, hasWords) {
  return room !== undefined && room.isIn && room.way === "here" && !(hasWords && room.muted);
}

/** The command for something we wish for. @type {(wish: Wish) => string} */
function wished(wish) {
  switch (wish.kind) {
    case "create":
      return protocol.create(wish);
    case "direct":
      return protocol.direct(wish.id);
    case "member":
      return protocol.member(wish.room, wish.id, wish.role);
    case "deed":
      return protocol.moderation(wish.deed, wish.ref);
  }
}

/** Whether something that we wish for is still to be asked, or to be answered. @type {(wish: Wish) => boolean} */
function isAwaited(wish) {
  return wish.error === undefined && !(wish.kind === "deed" && wish.isDone);
}

/** Whether a change has just been told to rest. @type {(item: Item, before: State) => boolean} */
function isTired({ ref, status }, before) {
  return status === "resting" && outbox.find(before.outbox, ref)?.status !== "resting";
}

/** What the page is written in. */
function language() {
  return document.documentElement.lang;
}

/** @type {(event: Event) => any} */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
