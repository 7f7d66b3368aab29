/** Help with writing: it comes with the first sign of it, since most of what is written needs none. */

import { page } from "./page.js";

/** @import { Store } from "./store.js" */

/** What may begin a mention or the name of an emoji. */
const SIGN = /[@:]/;

/**
 * From now on suggest what completes what is being written. Where the help does not come, the next letter asks again.
 * @type {(store: Store) => void}
 */
export function assist(store) {
  let isCalled = false;
  page.composer.addEventListener("input", ({ target }) => {
    if (isCalled || !(target instanceof HTMLTextAreaElement) || !SIGN.test(target.value)) return;
    isCalled = true;
    import("./writing.js").then(
      ({ begin }) => begin(target, store),
      () => (isCalled = false),
    );
  });
}
