/** What is to be seen of the talk that the page knows. */

import { first } from "./first.js";
import { capped } from "./many.js";
import { isLimited } from "./pace.js";
import { news, rows } from "./rows.js";
import { current, isOwn, silence, titleOf } from "./state.js";

/** @import { Store } from "./store.js" */

export class Screen {
  #store;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #painting = null;
  /** The room that was shown last. */
  #slug;
  /** What the room was called when the page was made. */
  #title = document.title;

  /** From now on show what the store knows. @param {Store} store */
  constructor(store) {
    this.#store = store;
    this.#slug = store.state.slug;
    // Gathers a burst of frames. An animation frame would not come in a hidden tab, whose title counts on.
    store.follow(() => {
      if (!this.#painting) this.#painting = setTimeout(() => this.#paint(), 16);
    });
  }

  #paint() {
    this.#painting = null;
    const { state } = this.#store;
    const room = current(state);
    const isConnected = state.connection.phase === "connected";
    first.connection.show(room.needsName ? { phase: "outside" } : state.connection);
    first.log.show({
      slug: state.slug,
      rows: rows(state),
      news: news(state),
      isPlaced: room.divider !== undefined,
      beyond: room.beyond.filter((message) => !isOwn(state, message)),
      hasEarlier: room.hasEarlier,
      hasLater: room.hasLater,
      loading: room.asking,
      isConnected,
      isComing: isConnected || state.connection.phase === "connecting",
      isCaughtUp: room.isCaughtUp,
      isSilent: silence(state) !== null,
      isLimited: state.outbox.some(isLimited),
    });
    if (state.seeking !== null && first.log.reveal(state.seeking)) this.#store.dispatch({ type: "revealed" });
    const title = titleOf(state, state.slug) || this.#title;
    this.#showTitle(title, state.unread);
    if (this.#slug !== state.slug) this.#showOpened(state.slug, title);
    if (first.topic.textContent !== room.topic) first.topic.textContent = first.topic.title = room.topic;
    first.topic.hidden = room.topic === "";
  }

  /** Another room is shown, which is to be heard of as well. @type {(slug: string, title: string) => void} */
  #showOpened(slug, title) {
    this.#slug = slug;
    first.opened.textContent = title;
  }

  /** @type {(title: string, unread: number) => void} */
  #showTitle(title, unread) {
    document.title = unread ? `(${capped(unread)}) ${title}` : title;
    if (first.title.textContent !== title) first.title.textContent = first.title.title = title;
  }
}
