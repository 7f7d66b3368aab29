/** The storage and the locks of a browser, shared by all its tabs. */

export class Storage {
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  setItem(key, value) {
    this.#items.set(key, String(value));
  }

  removeItem(key) {
    this.#items.delete(key);
  }
}

/** Locks by name: `tab()` gives one tab's view of them, and its `close()` ends that tab. */
export class Locks {
  #held = new Map();
  #waiting = [];

  tab() {
    const mine = new Set();
    return {
      request: (name, use) => {
        this.#waiting.push({ name, use, mine });
        this.#grant();
      },
      close: () => {
        for (const [name, holder] of this.#held) if (holder === mine) this.#held.delete(name);
        this.#grant();
      },
    };
  }

  #grant() {
    const asked = this.#waiting;
    for (const request of asked) {
      if (this.#held.has(request.name)) continue;
      this.#waiting = this.#waiting.filter((other) => other !== request);
      this.#held.set(request.name, request.mine);
      // Whoever promises nothing lets go at once.
      if (!(request.use() instanceof Promise)) this.#held.delete(request.name);
    }
  }
}
