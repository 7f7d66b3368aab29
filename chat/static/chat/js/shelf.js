/**
 * Where the outbox outlives the page: each tab writes its own key of the storage, and a tab that is gone
 * leaves its key to the others. That two tabs send the same change would do no harm: its ref is the same.
 */

import { randomHex } from "./random.js";

const PREFIX = "chat.outbox.";

export class Shelf {
  #key = PREFIX + randomHex(8);
  #watched = new Set([this.#key]);
  #storage;
  #locks;

  constructor({ storage = storageOrNone(), locks = globalThis.navigator?.locks } = {}) {
    this.#storage = storage;
    this.#locks = locks;
  }

  /** Have these changes outlive the page. */
  keep(items) {
    try {
      if (items.length > 0) this.#storage?.setItem(this.#key, JSON.stringify(items));
      else this.#storage?.removeItem(this.#key);
    } catch {
      // Full: then they live as long as the page.
    }
  }

  /** Have `take` called with what each tab that is gone has left, now and whenever one goes. */
  adopt(take) {
    if (!this.#storage) return;
    // A lock is held until its tab is gone, however it goes. Browsers have locks on https and localhost;
    // elsewhere a page takes over everything it finds on opening.
    if (!this.#locks) return this.#others().forEach((key) => this.#take(key, take));
    this.#locks.request(this.#key, () => {
      this.#others().forEach((key) => this.#await(key, take));
      return new Promise(() => {});
    });
    globalThis.addEventListener?.("storage", ({ key }) => {
      if (key?.startsWith(PREFIX)) this.#await(key, take);
    });
  }

  #others() {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index));
    return keys.filter((key) => key?.startsWith(PREFIX) && key !== this.#key);
  }

  #await(key, take) {
    if (this.#watched.has(key)) return;
    this.#watched.add(key);
    this.#locks.request(key, () => this.#take(key, take));
  }

  #take(key, take) {
    const items = decode(this.#storage.getItem(key));
    // First into our own outbox, then out of theirs: nothing is on neither for a moment.
    if (items.length > 0) take(items);
    this.#storage.removeItem(key);
  }
}

function decode(text) {
  try {
    const items = JSON.parse(text);
    return Array.isArray(items) ? items : [];
  } catch {
    return [];
  }
}

/** Even naming the storage throws where the browser denies it. */
function storageOrNone() {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
