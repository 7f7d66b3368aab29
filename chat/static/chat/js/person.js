/** What the person does, and what comes of it. */

import { refuseDrops } from "./drops.js";
import { hear } from "./elements/tell.js";
import * as memory from "./memory.js";
import { page } from "./page.js";
import { randomHex } from "./random.js";
import { shown } from "./state.js";

/** @import { Change } from "./outbox.js" */
/** @import { Socket } from "./socket.js" */
/** @import { Store } from "./store.js" */

export class Person {
  #store;
  #socket;
  #slug;

  /**
   * Whoever sits before the page; from now on what they do counts.
   * @param {Store} store
   * @param {Socket} socket
   */
  constructor(store, socket) {
    this.#store = store;
    this.#socket = socket;
    this.#slug = store.state.slug;
    hear(document, {
      name: (name) => this.#enterAs(name),
      rename: () => this.#ask(),
      connect: () => this.#enter(),
      draft: (text) => memory.rememberDraft(this.#slug, text),
      post: (text) => this.#say(text),
      edit: (id) => store.dispatch({ type: "compose", composing: { kind: "edit", id } }),
      "edit-last": () => store.dispatch({ type: "edit_last" }),
      reply: (id) => store.dispatch({ type: "compose", composing: { kind: "reply", id } }),
      dismiss: () => this.#dismiss(),
      actions: ({ id, from }) => this.#offer(id, from),
      react: ({ id, emoji, on }) => this.#change({ type: "react", id, emoji, on }),
      erase: (id) => page.deletion.ask(id),
      "erase-surely": (id) => this.#change({ type: "delete", id }),
      retry: (ref) => store.dispatch({ type: "retry", ref }),
      discard: (ref) => store.dispatch({ type: "discard", ref }),
      seek: (id) => store.dispatch({ type: "seek", id }),
      earlier: () => store.dispatch({ type: "earlier" }),
      later: () => store.dispatch({ type: "later" }),
      latest: () => store.dispatch({ type: "latest" }),
      look: (isAtEnd) => store.dispatch({ type: "look", isAtEnd }),
    });
    document.addEventListener("visibilitychange", () => this.#look());
    addEventListener("pagehide", () => memory.leaveDraft(this.#slug));
    refuseDrops(document);
  }

  /** The page is open: go in, with the draft of last time. */
  arrive() {
    page.composer.restore(memory.recallDraft(this.#slug));
    this.#look();
    this.#enter();
  }

  /** Whoever has given a name goes straight in. */
  #enter() {
    if (memory.recallName() === null) return this.#ask();
    this.#socket.open();
    page.composer.focus();
  }

  /** @type {(name: string) => void} */
  #enterAs(name) {
    const isNew = name !== memory.recallName();
    memory.rememberName(name);
    if (isNew || this.#store.state.connection.phase !== "connected") this.#enter();
    else page.composer.focus();
  }

  #ask() {
    page.dialog.ask(memory.recallName() ?? "");
  }

  /** @type {(text: string) => void} */
  #say(text) {
    const { state } = this.#store;
    const edited = state.composing?.kind === "edit" ? state.composing.id : null;
    if (edited !== null && shown(state, edited)?.message === text) return this.#dismiss();
    this.#store.dispatch({ type: "post", ...stamp(), message: text, timestamp: new Date().toISOString() });
    if (edited === null) page.log.toLatest();
  }

  #dismiss() {
    this.#store.dispatch({ type: "compose", composing: null });
  }

  /** @type {(id: number, from: HTMLElement) => void} */
  #offer(id, from) {
    const { state } = this.#store;
    const message = shown(state, id);
    if (message) page.actions.open(message, state.me.id, from);
  }

  /** @type {(wanted: Pick<Change, "type" | "id" | "emoji" | "on">) => void} */
  #change(wanted) {
    this.#store.dispatch({ type: "change", change: { ...stamp(), room: this.#slug, ...wanted } });
  }

  #look() {
    this.#store.dispatch({ type: "visibility", isHidden: document.hidden });
    if (!document.hidden) this.#socket.hurry();
  }
}

function stamp() {
  return { ref: randomHex(8), at: Date.now() };
}
