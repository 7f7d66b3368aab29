/** What of the outbox has come back from the rooms: it need not be sent again, nor shown beside them. */

import * as outbox from "./outbox.js";
import { isOwn } from "./state.js";

/** @import { Message } from "./protocol.js" */
/** @import { State } from "./state.js" */

/**
 * Our own words have come back: they need not be sent again.
 * @type {(state: State, said: Message) => State}
 */
export function arrived(state, said) {
  if (!said.ref || !isOwn(state, said)) return state;
  return { ...state, outbox: outbox.heard(state.outbox, said.ref) };
}

/**
 * What is stored and shown has no place in the outbox.
 * @type {(state: State) => State}
 */
export function settled(state) {
  let left = state.outbox;
  for (const { slug, version } of state.rooms.values()) {
    if (version !== null) left = outbox.shown(left, slug, version);
  }
  return left === state.outbox ? state : { ...state, outbox: left };
}
