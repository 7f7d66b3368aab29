/** Whoever reads: what they see of the talk is what they ask for. */

import { hear } from "./elements/tell.js";

/** @import { Store } from "./store.js" */

/** From now on they are heard. @type {(store: Store) => void} */
export function read(store) {
  hear(document, {
    seek: (id) => store.dispatch({ type: "seek", id }),
    earlier: () => store.dispatch({ type: "earlier" }),
    later: () => store.dispatch({ type: "later" }),
    latest: () => store.dispatch({ type: "latest" }),
    "first-new": () => store.dispatch({ type: "first_new" }),
    look: (isAtEnd) => store.dispatch({ type: "look", isAtEnd }),
  });
}
