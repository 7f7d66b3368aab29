/** What could not be sent, all of it together. What somebody else has written here is left for them to decide. */

import { hasWords, retried } from "./outbox.js";

/** @import { Item, Outbox } from "./outbox.js" */
/** @import { State } from "./state.js" */

/**
 * How many of our messages could not be sent, how many of them can be tried again as they are, and whether some are in
 * rooms that are not shown.
 * @typedef {{ count: number, retryable: number, isElsewhere: boolean }} Unsent
 */

/**
 * What there is to be decided for all at one time: nothing where there is but one message, which has its own buttons.
 * @type {(state: State) => Unsent | null}
 */
export function unsent({ outbox, slug }) {
  const items = outbox.filter(isUnsent);
  const isElsewhere = items.some(({ room }) => room !== slug);
  if (items.length < 2 && !isElsewhere) return null;
  return { count: items.length, retryable: items.filter(isRetryable).length, isElsewhere };
}

/** All that may be let through as it is, once more, in its order. @type {(outbox: Outbox, author: string) => Outbox} */
export function allRetried(outbox, author) {
  const refs = outbox.filter((item) => isUnsent(item) && isRetryable(item)).map(({ ref }) => ref);
  return refs.reduce((items, ref) => retried(items, ref, author), outbox);
}

/** @type {(outbox: Outbox) => Outbox} */
export function allDiscarded(outbox) {
  return outbox.some(isUnsent) ? outbox.filter((item) => !isUnsent(item)) : outbox;
}

/** @type {(item: Item) => boolean} */
function isUnsent(item) {
  return item.status === "failed" && hasWords(item) && !item.isForeign;
}

/** What a filter stops has to be put otherwise. @type {(item: Item) => boolean} */
function isRetryable({ isFiltered }) {
  return !isFiltered;
}
