/** The address of the room that is shown, for the browser's own buttons and for whoever it is sent to. */

/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** Where the pages of the rooms are, by the address of the first of them. */
export class AddressBar {
  #base;
  #home;

  /**
   * @param {string} base
   * @param {string} home the room that stands at `base` itself
   */
  constructor(base, home) {
    this.#base = base;
    this.#home = home;
  }

  /** @type {(slug: string) => string} */
  of(slug) {
    return slug === this.#home ? this.#base : `${this.#base}r/${encodeURIComponent(slug)}/`;
  }

  /** The address of a message in its room. @type {(slug: string, id: number) => string} */
  ofMessage(slug, id) {
    return `${this.of(slug)}#m${id}`;
  }

  /** The message that this address of a room leads to, if it does to one. @type {(slug: string, hash: string) => State["aim"]} */
  aimAt(slug, hash) {
    const [, id] = hash.match(/^#m(\d{1,15})$/) ?? [];
    return id ? { slug, id: Number(id) } : null;
  }

  /** Which room has its page at this address, if one has. @type {(path: string) => string | null} */
  slugAt(path) {
    if (path === this.#base) return this.#home;
    if (!path.startsWith(this.#base)) return null;
    const [, slug] = path.slice(this.#base.length).match(/^r\/([\w-]+)\/?$/) ?? [];
    return slug ?? null;
  }

  /** From now on the bar and the store speak of one room. @type {(store: Store) => void} */
  join(store) {
    store.follow((state, before) => {
      if (state.slug === before.slug || state.slug === this.slugAt(location.pathname)) return;
      // Nobody goes back to a room that is not there.
      history[isLost(state, before) ? "replaceState" : "pushState"](null, "", this.of(state.slug));
    });
    addEventListener("popstate", () => {
      const slug = this.slugAt(location.pathname);
      if (slug === null) return;
      const aim = this.aimAt(slug, location.hash);
      store.dispatch(aim ? { type: "aim", ...aim } : { type: "open", slug });
    });
  }

  /** Say that a message of a room is shown. @type {(slug: string, id: number) => void} */
  show(slug, id) {
    const address = this.ofMessage(slug, id);
    if (location.pathname + location.hash !== address) history.pushState(null, "", address);
  }
}

/** Whether the room that was shown is there no more. @type {(state: State, before: State) => boolean} */
export function isLost(state, before) {
  const isGone = [state, before].some(({ rooms }) => rooms.get(before.slug)?.isGone);
  return isGone || (state.note !== before.note && state.note?.kind === "lost");
}
