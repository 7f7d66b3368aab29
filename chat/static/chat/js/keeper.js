/** A storage of the browser; where that is denied or full, the page keeps what it did not take. */

export class Keeper {
  /** @type {() => Storage} */
  #storage;
  /** What the storage did not take. @type {Map<string, string>} */
  #written = new Map();

  /**
   * `storage` is asked for the storage each time: even naming it throws where the browser denies it.
   * @param {() => Storage} storage
   */
  constructor(storage) {
    this.#storage = storage;
  }

  /**
   * What is kept under this key, or null. Another tab may have written since.
   * @type {(key: string) => string | null}
   */
  read(key) {
    return this.#written.get(key) ?? this.#attempt((storage) => storage.getItem(key)) ?? null;
  }

  /** @type {(key: string, value: string) => void} */
  write(key, value) {
    const isKept = this.#attempt((storage) => {
      storage.setItem(key, value);
      return true;
    });
    if (isKept) this.#written.delete(key);
    else this.#written.set(key, value);
  }

  /**
   * @template Found
   * @param {(storage: Storage) => Found} use
   * @returns {Found | null}
   */
  #attempt(use) {
    try {
      return use(this.#storage());
    } catch {
      return null;
    }
  }
}
