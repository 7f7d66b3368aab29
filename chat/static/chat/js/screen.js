/** What is to be seen of what the page knows. */

import { recallName } from "./memory.js";
import { isLimited } from "./outbox.js";
import { page } from "./page.js";
import { rows } from "./rows.js";
import { current, isOwn, shown } from "./state.js";

/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

export class Screen {
  #store;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #painting = null;
  /** What the room was called when the page was made. */
  #title = document.title;

  /**
   * From now on show what the store knows.
   * @param {Store} store
   */
  constructor(store) {
    this.#store = store;
    store.follow((state, before) => {
      if (state.composing !== before.composing) showComposing(state);
      // Gathers a burst of frames. An animation frame would not come in a hidden tab, whose title counts on.
      if (!this.#painting) this.#painting = setTimeout(() => this.#paint(), 16);
    });
  }

  #paint() {
    this.#painting = null;
    const { state } = this.#store;
    const room = current(state);
    const isConnected = state.connection.phase === "connected";
    page.connection.show(state.connection);
    page.online.show(isConnected ? room.online : null);
    page.name.show(state.connection.phase === "outside" ? recallName() : state.me.name);
    page.log.show({
      rows: rows(state),
      beyond: room.beyond.filter((message) => !isOwn(state, message)),
      hasEarlier: room.hasEarlier,
      hasLater: room.hasLater,
      loading: room.asking,
      isConnected,
      isCaughtUp: room.isCaughtUp,
      isLimited: state.outbox.some(isLimited),
    });
    if (state.seeking !== null && page.log.reveal(state.seeking)) this.#store.dispatch({ type: "found" });
    this.#showTitle(room.title ?? this.#title, state.unread);
  }

  /** @type {(title: string, unread: number) => void} */
  #showTitle(title, unread) {
    document.title = unread ? `(${unread}) ${title}` : title;
    if (page.title.textContent !== title) page.title.textContent = title;
  }
}

/** @type {(state: State) => void} */
function showComposing(state) {
  const { composing } = state;
  const message = composing && shown(state, composing.id);
  const subject = { author: message?.sender ?? "", text: message?.message ?? "" };
  page.composer.compose(composing && { ...composing, ...subject });
}
