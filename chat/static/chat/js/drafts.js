/** What was being written, and in answer to what or in place of what: each room and each tab has its own. */

import { hear } from "./elements/tell.js";
import * as memory from "./memory.js";
import { shown } from "./message-window.js";
import { page } from "./page.js";
import { drafterOf, isShutOut } from "./state.js";

/** @import { Composing, State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** How much of the message that it is about is remembered, in characters. */
const EXCERPT = 200;

export class Drafts {
  #store;
  #slug;
  /** Whose draft is in the box. */
  #author;
  /** Whether another one belongs there now, and what it is about is still to be said. */
  #isRecalled = false;

  /**
   * From now on remember what is in the box, and have there what belongs there.
   * @param {Store} store
   */
  constructor(store) {
    this.#store = store;
    this.#slug = store.state.slug;
    this.#author = drafterOf(store.state.me);
    store.follow((state) => {
      if (state.slug !== this.#slug || drafterOf(state.me) !== this.#author) this.#recall(state);
    });
    store.followLast((state, before) => {
      if (this.#isRecalled) this.#compose();
      // Who is sent away has done nothing with it.
      else if (state.composing !== before.composing && !state.isOver && !isShutOut(state)) {
        this.#keep(this.#store.state.composing);
      }
    });
    hear(document, { draft: ({ text, edited }) => this.#write(text, edited) });
    addEventListener("pagehide", () => memory.leaveDraft(this.#author, this.#slug));
  }

  /** What whoever sits here was writing in the room that is shown. */
  recall() {
    this.#recall(this.#store.state);
    this.#compose();
  }

  /** @type {(state: State) => void} */
  #recall({ slug, me }) {
    this.#slug = slug;
    this.#author = drafterOf(me);
    this.#isRecalled = true;
    page.composer.restore(memory.recallDraft(this.#author, slug));
  }

  #compose() {
    this.#isRecalled = false;
    const composing = memory.recallComposing(this.#author, this.#slug);
    const { composing: now } = this.#store.state;
    if (composing || now) this.#store.dispatch({ type: "compose", composing });
  }

  /** @type {(text: string, edited: string | null) => void} */
  #write(text, edited) {
    memory.rememberDraft(this.#author, this.#slug, text);
    const { composing } = this.#store.state;
    if (edited !== null && composing?.kind === "edit") this.#keep({ ...composing, edited });
  }

  /** @type {(composing: Composing | null) => void} */
  #keep(composing) {
    const message = composing && shown(this.#store.state, composing.id);
    const about = message && { author: message.sender, text: message.message?.slice(0, EXCERPT) ?? "" };
    memory.rememberComposing(this.#author, this.#slug, composing && { ...composing, ...about });
  }
}
