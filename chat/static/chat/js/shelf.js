/**
 * Where the outbox outlives the page: each tab writes its own key of the storage, and a tab that is gone
 * leaves its key to the others. That two tabs send the same change would do no harm: its ref is the same.
 */

import { randomHex } from "./random.js";

/** @import { Item } from "./outbox.js" */

/** @typedef {(items: unknown[]) => void} Take */

const PREFIX = "chat.outbox.";

export class Shelf {
  #key = PREFIX + randomHex(8);
  #watched = new Set([this.#key]);
  /** @type {Storage | null} */
  #storage;
  /** @type {LockManager | undefined} */
  #locks;

  /** @param {{ storage?: Storage | null, locks?: LockManager }} [given] */
  constructor({ storage = storageOrNone(), locks = globalThis.navigator?.locks } = {}) {
    this.#storage = storage;
    this.#locks = locks;
  }

  /** Have these changes outlive the page. @type {(items: Item[]) => void} */
  keep(items) {
    try {
      if (items.length > 0) this.#storage?.setItem(this.#key, JSON.stringify(items));
      else this.#storage?.removeItem(this.#key);
    } catch {
      // Full: then they live as long as the page.
    }
  }

  /**
   * Have `take` called with what each tab that is gone has left, now and whenever one goes.
   * @type {(take: Take) => void}
   */
  adopt(take) {
    const [storage, locks] = [this.#storage, this.#locks];
    if (!storage) return;
    // A lock is held until its tab is gone, however it goes. Browsers have locks on https and localhost;
    // elsewhere a page takes over everything it finds on opening.
    if (!locks) return this.#others(storage).forEach((key) => takeFrom(storage, key, take));
    /** Take what is under a key, once its tab is gone. @type {(key: string) => void} */
    const wait = (key) => {
      if (this.#watched.has(key)) return;
      this.#watched.add(key);
      locks.request(key, () => takeFrom(storage, key, take));
    };
    locks.request(this.#key, () => {
      this.#others(storage).forEach(wait);
      return new Promise(() => {});
    });
    globalThis.addEventListener?.("storage", ({ key }) => {
      if (key?.startsWith(PREFIX)) wait(key);
    });
  }

  /** The keys of other tabs. @type {(storage: Storage) => string[]} */
  #others(storage) {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
    return keys.filter((key) => key.startsWith(PREFIX) && key !== this.#key);
  }
}

/** @type {(storage: Storage, key: string, take: Take) => void} */
function takeFrom(storage, key, take) {
  const items = decode(storage.getItem(key));
  // First into our own outbox, then out of theirs: nothing is on neither for a moment.
  if (items.length > 0) take(items);
  storage.removeItem(key);
}

/** @type {(text: string | null) => unknown[]} */
function decode(text) {
  try {
    const items = JSON.parse(text ?? "");
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
