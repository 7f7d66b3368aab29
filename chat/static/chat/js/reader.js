/** Whoever reads: they go in as soon as the page is there, and see of the talk what they ask for. */

import { hear } from "./elements/tell.js";

/** @import { Socket } from "./socket.js" */
/** @import { Store } from "./store.js" */

export class Reader {
  #store;
  #socket;

  /**
   * From now on they are heard.
   * @param {Store} store
   * @param {Socket} socket
   */
  constructor(store, socket) {
    this.#store = store;
    this.#socket = socket;
    hear(document, {
      seek: (id) => store.dispatch({ type: "seek", id }),
      earlier: () => store.dispatch({ type: "earlier" }),
      later: () => store.dispatch({ type: "later" }),
      latest: () => store.dispatch({ type: "latest" }),
      "first-new": () => store.dispatch({ type: "first_new" }),
      look: (isAtEnd) => store.dispatch({ type: "look", isAtEnd }),
    });
  }

  /** Everybody goes straight in, with or without a name, where they may (person.js). */
  arrive() {
    const { me, guests } = this.#store.state;
    if (me.isUser || guests !== "none") this.#socket.open();
  }
}
